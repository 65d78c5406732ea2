with

orders as (

    select * from {{ ref('int_orders') }}

),

anonymous_lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('anonymous_sale', 'anonymous_return')

),

identified as (

    select
        coalesce(country, 'unknown') as country,
        count(*) as orders,
        count(distinct customer_id) as customers,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returned_amount) as returned_amount,
        sum(net_amount) as net_amount
    from orders
    group by 1

),

anonymous as (

    select
        coalesce(country, 'unknown') as country,
        sum(amount) filter (where line_class = 'anonymous_sale') as gross_amount,
        sum(-amount) filter (where line_class = 'anonymous_return') as returned_amount
    from anonymous_lines
    group by 1

)

select
    coalesce(identified.country, anonymous.country) as country,
    cast(coalesce(identified.orders, 0) as bigint) as orders,
    cast(coalesce(identified.customers, 0) as bigint) as customers,
    cast(coalesce(identified.units, 0) as decimal(18, 3)) as units,
    cast(coalesce(identified.gross_amount, 0) as decimal(38, 4)) as gross_amount,
    cast(coalesce(identified.returned_amount, 0) as decimal(38, 4)) as returned_amount,
    cast(coalesce(identified.net_amount, 0) as decimal(38, 4)) as net_amount,
    cast(coalesce(anonymous.gross_amount, 0) as decimal(38, 4)) as anonymous_gross_amount,
    cast(coalesce(anonymous.returned_amount, 0) as decimal(38, 4)) as anonymous_returned_amount
from identified
full outer join anonymous on identified.country = anonymous.country
