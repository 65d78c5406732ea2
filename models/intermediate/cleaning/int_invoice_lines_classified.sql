{%- set earliest_date = date_var('earliest_date') -%}
{%- set latest_date = date_var('latest_date') -%}

with

lines as (

    select
        *,
        invoice_no like 'C%' as is_cancellation
    from {{ ref('stg_invoice_lines') }}

),

duplicates as (

    select line_id from {{ ref('int_duplicate_lines') }}

),

non_product_codes as (

    select
        {{ code_key('stock_code') }} as stock_code,
        trim(trailing '*' from {{ code_key('stock_code') }}) as beginning,
        meaning
    from {{ ref('non_product_codes') }}

),

-- the seed's codes meet the few thousand codes of the file, not its lines; a final * stands for any ending
non_products as (

    select
        codes.stock_code,
        min(non_product_codes.meaning) as meaning
    from (select distinct lines.stock_code from lines) as codes
    inner join non_product_codes
        on
            codes.stock_code = non_product_codes.stock_code
            or (
                non_product_codes.stock_code like '%*'
                and left(codes.stock_code, length(non_product_codes.beginning)) = non_product_codes.beginning
            )
    group by codes.stock_code

),

-- null in each column means: this does not apply to the line
findings as (

    select
        lines.*,
        duplicates.line_id is not null as is_duplicate,
        non_products.meaning as non_product_meaning,
        case
            when lines.invoice_no is null then 'invoice number missing'
            when lines.stock_code is null then 'stock code missing'
            when lines.quantity is null then 'quantity not readable'
            when lines.invoiced_at is null then 'date not readable'
            when lines.unit_price is null then 'price not readable'
            when lines.quantity = 0 then 'quantity is zero'
            when
                cast(lines.invoiced_at as date)
                not between cast('{{ earliest_date }}' as date) and cast('{{ latest_date }}' as date)
                then 'date outside {{ earliest_date }} to {{ latest_date }}'
        end as invalid_reason,
        case
            when lines.unit_price <= 0 then 'price not above zero'
            when lines.quantity < 0 and not lines.is_cancellation
                then 'negative quantity outside a cancellation'
            when lines.quantity > 0 and lines.is_cancellation
                then 'positive quantity in a cancellation'
        end as adjustment_reason
    from lines
    left join duplicates on lines.line_id = duplicates.line_id
    left join non_products on lines.stock_code = non_products.stock_code

)

-- the order of the branches is the precedence of the classes
select
    line_id,
    invoice_no,
    stock_code,
    description,
    quantity,
    invoiced_at,
    unit_price,
    amount,
    customer_id,
    country,
    case
        when is_malformed then 'malformed'
        when invalid_reason is not null then 'invalid'
        when is_duplicate then 'duplicate'
        when non_product_meaning is not null then 'non_product'
        when adjustment_reason is not null then 'adjustment'
        when customer_id is null and is_cancellation then 'anonymous_return'
        when customer_id is null then 'anonymous_sale'
        when is_cancellation then 'return'
        else 'sale'
    end as line_class,
    case
        when is_malformed then 'not a record of the file''s shape'
        when invalid_reason is not null then invalid_reason
        when is_duplicate then 'all eight fields equal an earlier line''s'
        when non_product_meaning is not null then non_product_meaning
        when adjustment_reason is not null then adjustment_reason
        when customer_id is null then 'no customer'
        when is_cancellation then 'returned by an identified customer'
        else 'bought by an identified customer'
    end as reason
from findings
