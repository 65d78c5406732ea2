-- depends_on: {{ ref('int_line_classes') }} (which the test of this table reads: so it comes before what reads this)

with

lines as (

    select * from {{ ref('stg_invoice_lines') }}

),

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

line_settings as (

    select * from {{ ref('stg_line_settings') }}

),

duplicates as (

    select * from {{ ref('int_duplicate_lines') }}

),

superseded as (

    select * from {{ ref('int_superseded_lines') }}

),

isolated as (

    select max(invoiced_on) as early_until from {{ ref('int_invoice_days') }}
    where is_isolated_early

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

non_product_words as (

    select
        -- spaces at the ends, so that whole words only are found
        case when phrase like '*%' then '%' else '' end
        || ' ' || {{ plain_words('phrase') }} || ' '
        || case when phrase like '%*' then '%' else '' end as pattern,
        meaning
    from {{ ref('non_product_words') }}
    where {{ plain_words('phrase') }} <> ''

),

-- numbers such as the money of a gift card are no words
described_non_products as (

    select
        texts.description,
        min(non_product_words.meaning) as meaning
    from (select distinct lines.description from lines) as texts
    inner join non_product_words
        on
            ' ' || {{ plain_words(replace_all('texts.description', '[0-9]+', ' ')) }} || ' '
            like non_product_words.pattern
    group by texts.description

),

-- null in each column means: this does not apply to the line
findings as (

    select
        lines.*,
        duplicates.is_repeated_invoice,
        line_settings.repeated_lines,
        superseded.later_file,
        lines.quantity = 0 and line_settings.zero_quantity is not null as is_refunded_line,
        lines.quantity < 0
        and left(lines.invoice_no, length(line_settings.cancellation_prefix)) = line_settings.cancellation_prefix
            as is_cancellation,
        coalesce(non_products.meaning, described_non_products.meaning) as non_product_meaning,
        case
            when lines.invoice_no is null then 'invoice number missing'
            when lines.stock_code is null then 'stock code and description missing'
            when lines.quantity is null then 'quantity not readable'
            when lines.invoiced_at is null then 'date not readable'
            when lines.unreadable_field is not null then lines.unreadable_field || ' not readable'
            when coalesce(lines.unit_price, lines.amount) is null then 'price not readable'
            when lines.quantity = 0 and line_settings.zero_quantity is null then 'quantity is zero'
            when
                cast(lines.invoiced_at as date) not between settings.earliest_date and settings.latest_date
                then 'date outside ' || settings.earliest_date || ' to ' || settings.latest_date
            when cast(lines.invoiced_at as date) <= isolated.early_until
                then 'date more than ' || settings.max_gap_days || ' days before all others'
        end as invalid_reason,
        case
            when lines.unit_price <= 0 then 'price not above zero'
        end as adjustment_reason
    from lines
    cross join settings
    cross join line_settings
    cross join isolated
    left join duplicates on lines.line_id = duplicates.line_id
    left join superseded on lines.line_id = superseded.line_id
    left join non_products on lines.stock_code = non_products.stock_code
    left join described_non_products on lines.description = described_non_products.description

)

-- the order of the branches is the precedence of the classes
select
    line_id,
    invoice_no,
    -- sizes and colours of one group are one product, returns included
    coalesce(product_group, stock_code) as stock_code,
    description,
    quantity,
    invoiced_at,
    unit_price,
    amount,
    customer_id,
    country,
    category,
    currency,
    discount,
    order_discount,
    order_subtotal,
    order_total,
    refunded_quantity,
    refunded_amount,
    order_refund,
    refunded_at,
    is_refunded,
    may_contact,
    case
        when is_malformed then 'malformed'
        when later_file is not null then 'superseded'
        when left_out_reason is not null then 'left_out'
        when invalid_reason is not null then 'invalid'
        when is_repeated_invoice is not null then 'duplicate'
        when is_refunded_line then 'refunded'
        when non_product_meaning is not null then 'non_product'
        when adjustment_reason is not null then 'adjustment'
        when customer_id is null and quantity < 0 then 'anonymous_return'
        when customer_id is null then 'anonymous_sale'
        when quantity < 0 then 'return'
        else 'sale'
    end as line_class,
    case
        when is_malformed then 'not a record of the file''s shape'
        when later_file is not null then 'its invoice stands again in ' || later_file
        when left_out_reason is not null then left_out_reason
        when invalid_reason is not null then invalid_reason
        when is_repeated_invoice and repeated_lines = 'sum' then 'stands again with its whole invoice'
        when is_repeated_invoice is not null then 'all fields equal an earlier line''s'
        when is_refunded_line then 'refunded in full'
        when non_product_meaning is not null then non_product_meaning
        when adjustment_reason is not null then adjustment_reason
        when customer_id is null then 'no customer'
        when quantity > 0 then 'bought by an identified customer'
        when is_cancellation then 'returned by an identified customer'
        else 'returned outside a cancellation'
    end
    || case
        when
            is_code_from_description
            and not is_malformed and left_out_reason is null and invalid_reason is null and later_file is null
            and is_repeated_invoice is null
            and not is_refunded_line and non_product_meaning is null and adjustment_reason is null
            then '; product code from the description'
        else ''
    end as reason
from findings
