{#- What may be wrong with the files and cannot be known from them: nothing stops, but each is said where people look. A
    further warning is another `select` in `warnings`. Files of which the same is to be said share a sentence. -#}
{%- set files -%}
min(raw_files.file_name)
        || case when count(*) = 1 then '' else ' and ' || {{ counted('(count(*) - 1)', 'other file') }} end
{%- endset -%}

with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

raw_files as (

    select * from {{ ref('raw_files') }}

),

lines as (

    select * from {{ ref('int_cleaning_stops') }}

),

early_days as (

    select
        min(invoiced_on) as first_on,
        max(invoiced_on) as last_on,
        cast(sum(lines) as bigint) as lines
    from {{ ref('int_invoice_days') }}
    where is_isolated_early

),

customers as (

    select
        customer_id,
        count(distinct invoice_no) as orders
    from {{ ref('int_product_lines') }}
    where line_class = 'sale'
    group by customer_id

),

ranked_customers as (

    select
        customer_id,
        orders,
        lead(orders) over (order by orders desc, customer_id asc) as next_orders,
        row_number() over (order by orders desc, customer_id asc) as place,
        sum(orders) over () as all_orders
    from customers

),

loose_ids as (

    select
        customers.customer_id,
        {{ loose_key('coalesce(addresses.address, customers.customer_id)') }} as loose_id
    from customers
    left join {{ ref('customer_addresses') }} as addresses on customers.customer_id = addresses.customer_id

),

objectors as (

    select * from {{ ref('stg_do_not_contact') }}

),

likely_customers as (

    select
        objectors.written_id,
        min(likely.customer_id) as likely_id
    from objectors
    left join customers on objectors.customer_id = customers.customer_id
    left join loose_ids as likely on {{ loose_key('objectors.written_id') }} = likely.loose_id
    where customers.customer_id is null
    group by objectors.written_id

),

-- addresses are cut, and those that look alike then share a sentence
unmatched as (

    select distinct
        case
            when written_id like '_%@_%' then left(written_id, 2) || '... (an e-mail address)' else written_id
        end as shown_id,
        likely_id
    from likely_customers

),

adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

faults as (

    select
        fault,
        min(line_id) as line_id,
        count(*) as lines
    from adjustments
    where fault is not null
    group by fault

),

places as (

    {{ places_of_lines('faults') | indent(4) }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

refunds as (

    select
        count(*) filter (where not adjustments.has_refund_day) as undated,
        sum(adjustments.refunded_amount) filter (where not adjustments.has_refund_day) as undated_amount,
        count(*) filter (where adjustments.refunded_at >= as_of.as_of_date) as late,
        sum(adjustments.refunded_amount) filter (where adjustments.refunded_at >= as_of.as_of_date) as late_amount
    from adjustments
    cross join as_of
    where adjustments.refunded_amount <> 0

),

-- orders of several products, and those of them whose lines all bring the same
mixed_orders as (

    select
        count(*) as orders,
        count(case when lowest = highest then 1 end) as even_orders,
        count(distinct case when lowest = highest then lowest end) as even_amounts
    from (
        select
            min(product_lines.amount) as lowest,
            max(product_lines.amount) as highest
        from {{ ref('int_product_lines') }} as product_lines
        where product_lines.quantity > 0
        group by product_lines.invoice_no
        having min(product_lines.stock_code) < max(product_lines.stock_code)
    ) as of_orders

),

sold as (

    select sum(amount) as amount from {{ ref('int_product_lines') }}

),

-- codes of the seed whose lines describe something else: another shop may sell products under them
other_products as (

    select
        lines.stock_code,
        codes.meaning,
        min(lines.description) as description,
        count(*) as lines,
        sum(lines.amount) as amount,
        max(sold.amount) as sold_amount
    from {{ ref('int_invoice_lines_classified') }} as lines
    inner join {{ ref('non_product_codes') }} as codes on lines.stock_code = {{ code_key('codes.stock_code') }}
    cross join sold
    where lines.line_class = 'non_product' and lines.quantity > 0 and lines.description is not null
    group by lines.stock_code, codes.meaning
    having
        count(
            case
                when
                    {{ text_fits(
                        plain_words('lines.description'),
                        "'.*(' || replace(" ~ plain_words('codes.meaning') ~ ", ' ', '|') || ').*'"
                    ) }}
                    then 1
            end
        ) = 0

),

words (word) as (

    values ('status'), ('refund'), ('discount'), ('currency'), ('tax'), ('category')

),

warnings as (

    select
        'date_order' as warning,
        min(raw_files.file_name) as subject,
        'Every date of ' || {{ files }} || ' reads both ways; it was read as ' || raw_files.date_format
        || ' (' || raw_files.date_evidence || '). If that is wrong, set date_format.' as message
    from raw_files
    where raw_files.date_evidence <> ''
    group by raw_files.date_format, raw_files.date_evidence
    union all
    select
        'file' as warning,
        file_name as subject,
        file_name || ': ' || notes || '.' as message
    from raw_files
    where notes <> ''
    group by file_name, notes
    union all
    select
        'isolated_lines' as warning,
        cast(early_days.last_on as string) as subject,
        {{ counted('early_days.lines', 'line') }} || ' from ' || early_days.first_on || ' to ' || early_days.last_on
        || ' came more than ' || settings.max_gap_days || ' days before all others and '
        || case when early_days.lines = 1 then 'was' else 'were' end
        || ' left out as mistyped. If they are right, raise max_gap_days.' as message
    from early_days
    cross join settings
    where early_days.lines > 0
    union all
    select
        'free_lines' as warning,
        'price' as subject,
        {{ thousands('lines.free_lines') }} || ' of ' || {{ thousands('lines.lines') }} || ' lines ('
        || {{ percent('lines.free_lines / cast(lines.lines as double)') }}
        || ') have a price of 0 and count as adjustments: right for free gifts, wrong if prices are missing.' as message
    from lines
    cross join settings
    where lines.free_lines > settings.max_adjustment_share * lines.lines
    union all
    select
        'one_customer' as warning,
        customer_id as subject,
        'Customer ' || customer_id || ' has ' || {{ thousands('orders') }} || ' of '
        || {{ counted('all_orders', 'order') }} || ' (' || {{ percent('orders / cast(all_orders as double)') }}
        || '), the next one ' || {{ thousands('next_orders') }}
        || ': if the id stands for guests or a till, add it to seeds/nobody_ids.csv.' as message
    from ranked_customers
    where place = 1 and orders > 0.05 * all_orders and orders >= 10 * next_orders
    union all
    select
        'no_customer' as warning,
        'customer_id' as subject,
        'No line names a customer: what the shop sold stands in sales_by_month, sales_by_country and'
        || ' sales_by_weekday_hour as anonymous, and on the page Explore; customers, segments, products, actions and'
        || ' forecasts need customers and are empty. If the file has them, map its column to customer_id.' as message
    from (select count(*) as customers from customers) as counted
    where customers = 0
    union all
    select
        'unused_column' as warning,
        min(raw_files.file_name) || ': ' || words.word as subject,
        'A column of ' || {{ files }} || ' that speaks of ' || words.word || ' is not read (not read are '
        || raw_files.unused_columns || '): if it says what a line is worth, correct the lines by it.' as message
    from raw_files
    inner join words on lower(raw_files.unused_columns) like '%' || words.word || '%'
    where raw_files.is_general
    group by words.word, raw_files.unused_columns
    union all
    select
        'suspected_fee' as warning,
        stock_code as subject,
        'Product ' || stock_code || coalesce(' (' || description || ')', '') || ' looks like a fee: it is in '
        || {{ percent('order_share') }} || ' of the orders with ' || {{ percent('amount_share') }}
        || ' of the money, at ' || {{ counted('prices', 'price') }}
        || '. If it is one, add its row of quality.suspected_fees to seeds/non_product_codes.csv.' as message
    from {{ ref('int_suspected_fees') }}
    where order_share >= 0.02 or amount_share >= 0.01
    union all
    select
        'money' as warning,
        faults.fault as subject,
        {{ counted('faults.lines', 'line or order', 'lines or orders') }} || ' with ' || faults.fault || ', the first in '
        || places.place || ': '
        || case faults.fault
            when 'a discount larger than its line' then 'only what the line costs is taken off.'
            when 'a discount larger than the order' then 'only what the order costs is taken off.'
            when 'more units refunded than bought' then 'only the units bought are refunded.'
            else 'no discount is taken off. Are prices without a tax that the subtotal has, or is a line missing?'
        end as message
    from faults
    inner join places on faults.line_id = places.line_id
    union all
    select
        'non_product' as warning,
        stock_code as subject,
        {{ counted('lines', 'line') }} || ' of code ' || stock_code || ' (' || description || ') of '
        || {{ amount_in_words('amount') }}
        || ' in all count as ' || meaning || ' by seeds/non_product_codes.csv, which has the codes of one shop: if it is a'
        || ' product of yours, take the row out.' as message
    from other_products
    where amount >= 0.001 * sold_amount
    union all
    select
        'order_total' as warning,
        'line_total' as subject,
        'In ' || {{ thousands('even_orders') }} || ' of ' || {{ counted('orders', 'order') }}
        || ' of several products every line has the same amount, most likely that of the whole order, and it counts once'
        || ' for each line: map it to order_total, and a price of the line to unit_price or line_total.' as message
    from mixed_orders
    where even_orders >= 10 and even_orders >= 0.9 * orders and even_amounts >= 5
    union all
    select
        'refund_day' as warning,
        'refunded_at' as subject,
        'Refunds of ' || {{ amount_in_words('undated_amount') }} || ' in all, on ' || {{ counted('undated', 'line') }}
        || ', have no day in the file and count on the day of their order: tests of the forecasts know of'
        || ' later refunds.' as message
    from refunds
    where undated > 0
    union all
    select
        'late_refund' as warning,
        'refunded_at' as subject,
        'Refunds of ' || {{ amount_in_words('refunds.late_amount') }} || ' in all, on ' || {{ counted('refunds.late', 'line') }}
        || ', came on or after the as-of date ' || as_of.as_of_date || ' and do not count. If their days are right, set'
        || ' as_of_date.' as message
    from refunds
    cross join as_of
    where refunds.late > 0
    union all
    select
        'objector' as warning,
        concat_ws(' ', shown_id, case when shown_id like '%(an e-mail address)' then likely_id end) as subject,
        'Id ' || shown_id || ' of seeds/do_not_contact.csv fits no customer'
        || coalesce(', most likely it is ' || likely_id || ': correct it, as that customer may be contacted now', '')
        || '.' as message
    from unmatched

)

select
    warning,
    subject,
    message
from warnings
