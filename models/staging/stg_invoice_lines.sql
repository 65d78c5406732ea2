{#- What a line may say in money beyond its price: plain numbers, as the reader makes them. -#}
{%- set money = [
    'line_total', 'discount', 'order_discount', 'order_subtotal', 'order_shipping', 'order_total', 'refunded_amount', 'order_refund',
] -%}
{%- set texts = ['category', 'status', 'left_out_reason', 'currency'] -%}
{%- set number = '^-?[0-9]{1,13}([.][0-9]{1,4})?$' -%}

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
                then cast({{ clean_text('texts.quantity_text') }} as decimal(18, 3))
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
        {% for field in money + texts -%}
        {{ clean_text('raw_lines.' ~ field) }} as {{ field }},
        {% endfor -%}
        {{ clean_text('raw_lines.refunded_quantity') }} as refunded_quantity,
        {{ clean_text('raw_lines.refunded_at') }} as refunded_at,
        lower({{ clean_text('raw_lines.is_refunded') }}) = 'true' as is_refunded,
        case lower({{ clean_text('raw_lines.may_contact') }})
            when 'true' then true
            when 'false' then false
        end as may_contact,
        {{ code_key('raw_lines.product_group') }} as product_group,
        raw_lines.date_format
    from {{ ref('raw_invoice_lines') }} as raw_lines
    left join quantities on raw_lines.quantity = quantities.quantity_text
    left join prices on raw_lines.unit_price = prices.price_text

),

nobody as (

    select * from {{ ref('stg_nobody_ids') }}

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
        {% for field in money -%}
        case when {{ text_has(field, number) }} then cast({{ field }} as decimal(18, 4)) end as {{ field }},
        {{ field }} as {{ field }}_text,
        {% endfor -%}
        case when {{ text_has('refunded_quantity', number) }} then cast(refunded_quantity as decimal(18, 3)) end
            as refunded_quantity,
        refunded_quantity as refunded_quantity_text,
        {{ parse_invoice_date('refunded_at', 'date_format') }} as refunded_at,
        refunded_at as refunded_at_text,
        is_refunded,
        may_contact,
        product_group,
        {{ texts | join(',\n        ') }}
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
    case
        when unit_price is not null or line_total is null then unit_price
        when quantity <> 0 then {{ price_of_total('line_total', 'quantity') }}
    end as unit_price,
    customer_id,
    country,
    coalesce(line_total, cast({{ units_at('quantity', 'unit_price') }} as decimal(38, 4))) as amount,
    {{ (money + texts) | join(',\n    ') }},
    refunded_quantity,
    refunded_at,
    is_refunded,
    may_contact,
    product_group,
    case
        {% for field in money + ['refunded_quantity', 'refunded_at'] -%}
        when {{ field }} is null and {{ field }}_text is not null then '{{ field | replace('_', ' ') }}'
        {% endfor %}
    end as unreadable_field
from typed
