with

sales as (

    select * from {{ ref('int_sales') }}

),

orders as (

    select * from {{ ref('int_orders') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

-- an order counts on the day of its earliest line, its lines on their own days
events as (

    select
        customer_id,
        cast(ordered_at as date) as happened_on,
        1 as orders,
        0 as lines,
        0 as units,
        0 as gross_amount,
        0 as returned_units,
        0 as returned_amount
    from orders
    union all
    select
        customer_id,
        cast(invoiced_at as date) as happened_on,
        0 as orders,
        1 as lines,
        units,
        gross_amount,
        0 as returned_units,
        0 as returned_amount
    from sales
    union all
    select
        customer_id,
        cast(returned_at as date) as happened_on,
        0 as orders,
        0 as lines,
        0 as units,
        0 as gross_amount,
        units as returned_units,
        amount as returned_amount
    from return_matches

)

select
    customer_id,
    happened_on,
    cast(sum(orders) as bigint) as orders,
    cast(sum(lines) as bigint) as lines,
    cast(sum(units) as decimal(18, 3)) as units,
    cast(sum(gross_amount) as decimal(38, 4)) as gross_amount,
    cast(sum(returned_units) as decimal(18, 3)) as returned_units,
    cast(sum(returned_amount) as decimal(38, 4)) as returned_amount
from events
group by
    customer_id,
    happened_on
