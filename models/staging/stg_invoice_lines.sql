with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

-- a pattern of a table is compiled for each row, so the few different numbers are judged, not the many lines
quantities as (

    select
        texts.quantity_text,
        case
            when {{ text_fits(clean_text('texts.quantity_text'), 'settings.quantity_pattern') }}
                then cast({{ clean_text('texts.quantity_text') }} as bigint)
        end as quantity
    from (select distinct quantity as quantity_text from {{ ref('raw_invoice_lines') }}) as texts
    cross join settings

),

prices as (

    select
        texts.price_text,
        case
            when {{ text_fits(clean_text('texts.price_text'), 'settings.price_pattern') }}
                then cast({{ clean_text('texts.price_text') }} as decimal(18, 4))
        end as unit_price
    from (select distinct unit_price as price_text from {{ ref('raw_invoice_lines') }}) as texts
    cross join settings

),

trimmed as (

    select
        raw_lines.line_id,
        raw_lines.raw_text is not null as is_malformed,
        {{ clean_text('raw_lines.description') }} as description,
        quantities.quantity,
        {{ clean_text('raw_lines.invoice_date') }} as invoice_date_text,
        prices.unit_price,
        {{ clean_text('raw_lines.country') }} as country,
        {{ code_key('raw_lines.invoice_no') }} as invoice_no,
        coalesce({{ code_key('raw_lines.stock_code') }}, {{ code_key('raw_lines.description') }}) as stock_code,
        {{ clean_text('raw_lines.stock_code') }} is null as is_code_from_description,
        {{ customer_key('raw_lines.customer_id') }} as customer_id,
        {{ clean_text('raw_lines.category') }} as category,
        {{ code_key('raw_lines.product_group') }} as product_group,
        raw_lines.date_format
    from {{ ref('raw_invoice_lines') }} as raw_lines
    left join quantities on raw_lines.quantity = quantities.quantity_text
    left join prices on raw_lines.unit_price = prices.price_text

),

nobody as (

    select distinct lower({{ customer_key('customer_id') }}) as customer_id from {{ ref('nobody_ids') }}

),

typed as (

    select
        line_id,
        is_malformed,
        invoice_no,
        stock_code,
        is_code_from_description,
        description,
        country,
        case
            when lower(customer_id) not in (select nobody.customer_id from nobody) then customer_id
        end as customer_id,
        {{ parse_invoice_date('invoice_date_text', 'date_format') }} as invoiced_at,
        quantity,
        unit_price,
        category,
        product_group
    from trimmed

)

select
    line_id,
    is_malformed,
    invoice_no,
    stock_code,
    is_code_from_description,
    description,
    quantity,
    invoiced_at,
    unit_price,
    customer_id,
    country,
    category,
    product_group,
    -- wide enough for the product of the widest readable numbers
    cast(cast(quantity as decimal(10, 0)) * cast(unit_price as decimal(28, 4)) as decimal(38, 4)) as amount
from typed
