with

orders as (

    select
        {{ weekday_no('ordered_at') }} as weekday_no,
        cast(extract(hour from ordered_at) as integer) as hour,
        count(*) as orders,
        count(distinct customer_id) as customers,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returned_amount) as returned_amount,
        sum(net_amount) as net_amount
    from {{ ref('int_orders') }}
    group by 1, 2

),

anonymous as (

    select
        {{ weekday_no('invoiced_at') }} as weekday_no,
        cast(extract(hour from invoiced_at) as integer) as hour,
        sum(amount) filter (where line_class = 'anonymous_sale') as gross_amount,
        sum(-amount) filter (where line_class = 'anonymous_return') as returned_amount
    from {{ ref('int_product_lines') }}
    where line_class in ('anonymous_sale', 'anonymous_return')
    group by 1, 2

)

select
    coalesce(orders.weekday_no, anonymous.weekday_no) as weekday_no,
    {{ weekday_name('coalesce(orders.weekday_no, anonymous.weekday_no)') }} as weekday,
    coalesce(orders.hour, anonymous.hour) as hour,
    cast(coalesce(orders.orders, 0) as bigint) as orders,
    cast(coalesce(orders.customers, 0) as bigint) as customers,
    cast(coalesce(orders.units, 0) as decimal(18, 3)) as units,
    cast(coalesce(orders.gross_amount, 0) as decimal(38, 4)) as gross_amount,
    cast(coalesce(orders.returned_amount, 0) as decimal(38, 4)) as returned_amount,
    cast(coalesce(orders.net_amount, 0) as decimal(38, 4)) as net_amount,
    cast(coalesce(anonymous.gross_amount, 0) as decimal(38, 4)) as anonymous_gross_amount,
    cast(coalesce(anonymous.returned_amount, 0) as decimal(38, 4)) as anonymous_returned_amount
from orders
full outer join anonymous
    on
        orders.weekday_no = anonymous.weekday_no
        and orders.hour = anonymous.hour
