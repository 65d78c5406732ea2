with

product_lines as (

    select * from {{ ref('int_product_lines') }}

),

orders as (

    select * from {{ ref('int_orders') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

months as (

    {{ month_series(
        "(select " ~ month_of("first_line_on") ~ " from as_of)",
        "(select " ~ month_of("least(last_line_on, as_of_date - 1)") ~ " from as_of)"
    ) }}

),

by_purchase as (

    select
        {{ month_of('ordered_at') }} as month,
        count(*) as orders,
        count(distinct customer_id) as customers,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returned_amount) as returned_amount,
        sum(net_amount) as net_amount
    from orders
    group by 1

),

first_orders as (

    select
        month,
        count(*) as new_customers
    from (
        select {{ month_of('min(ordered_at)') }} as month
        from orders
        group by customer_id
    ) as firsts
    group by month

),

matched_refunds as (

    select
        {{ month_of('returned_at') }} as month,
        sum(refunded_amount) as refunded_amount
    from return_matches
    group by 1

),

other_lines as (

    select
        {{ month_of('invoiced_at') }} as month,
        sum(-amount) filter (where line_class = 'return') as handed_back_amount,
        sum(amount) filter (where line_class = 'anonymous_sale') as anonymous_gross_amount,
        sum(-amount) filter (where line_class = 'anonymous_return') as anonymous_returned_amount
    from product_lines
    group by 1

)

select
    months.month,
    -- the file may begin or end within a month
    coalesce(months.month >= as_of.first_line_on and months.month + interval 1 month <= as_of.as_of_date, false)
        as is_complete_month,
    cast(coalesce(by_purchase.orders, 0) as bigint) as orders,
    cast(coalesce(by_purchase.customers, 0) as bigint) as customers,
    cast(coalesce(first_orders.new_customers, 0) as bigint) as new_customers,
    cast(coalesce(by_purchase.units, 0) as decimal(18, 3)) as units,
    cast(coalesce(by_purchase.gross_amount, 0) as decimal(38, 4)) as gross_amount,
    cast(coalesce(by_purchase.returned_amount, 0) as decimal(38, 4)) as returned_amount,
    cast(coalesce(by_purchase.net_amount, 0) as decimal(38, 4)) as net_amount,
    cast(coalesce(matched_refunds.refunded_amount, 0) as decimal(38, 4)) as refunded_amount,
    cast(
        coalesce(other_lines.handed_back_amount, 0) - coalesce(matched_refunds.refunded_amount, 0) as decimal(38, 4)
    ) as unmatched_amount,
    cast(coalesce(other_lines.anonymous_gross_amount, 0) as decimal(38, 4)) as anonymous_gross_amount,
    cast(coalesce(other_lines.anonymous_returned_amount, 0) as decimal(38, 4)) as anonymous_returned_amount
from months
cross join as_of
left join by_purchase on months.month = by_purchase.month
left join first_orders on months.month = first_orders.month
left join matched_refunds on months.month = matched_refunds.month
left join other_lines on months.month = other_lines.month
