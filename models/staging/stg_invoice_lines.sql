with

raw_lines as (

    select * from {{ ref('raw_invoice_lines') }}

),

trimmed as (

    select
        line_id,
        raw_text is not null as is_malformed,
        {{ clean_text('description') }} as description,
        {{ clean_text('quantity') }} as quantity_text,
        {{ clean_text('invoice_date') }} as invoice_date_text,
        {{ clean_text('unit_price') }} as unit_price_text,
        {{ clean_text('country') }} as country,
        {{ code_key('invoice_no') }} as invoice_no,
        coalesce({{ code_key('stock_code') }}, {{ code_key('description') }}) as stock_code,
        {{ clean_text('stock_code') }} is null as is_code_from_description,
        {{ customer_key('customer_id') }} as customer_id,
        date_format
    from raw_lines

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
        case
            when {{ text_fits('quantity_text', var('quantity_pattern')) }} then cast(quantity_text as bigint)
        end as quantity,
        case
            when {{ text_fits('unit_price_text', var('price_pattern')) }} then cast(unit_price_text as decimal(18, 4))
        end as unit_price
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
    -- wide enough for the product of the widest readable numbers
    cast(cast(quantity as decimal(10, 0)) * cast(unit_price as decimal(28, 4)) as decimal(38, 4)) as amount
from typed
