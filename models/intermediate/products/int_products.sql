with

product_lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'anonymous_sale')

),

anonymous_returns as (

    select
        stock_code,
        cast(sum(-amount) as decimal(38, 4)) as amount
    from {{ ref('int_product_lines') }}
    where line_class = 'anonymous_return'
    group by stock_code

),

sales as (

    select * from {{ ref('int_sales') }}

),

descriptions as (

    select * from {{ ref('int_product_descriptions') }}

),

totals as (

    select
        stock_code,
        min(invoiced_at) as first_sold_at,
        max(invoiced_at) as last_sold_at,
        cast({{ median_amount('unit_price') }} as decimal(18, 4)) as median_unit_price,
        cast(coalesce(sum(quantity) filter (where line_class = 'anonymous_sale'), 0) as decimal(18, 3)) as anonymous_units_sold,
        cast(coalesce(sum(amount) filter (where line_class = 'anonymous_sale'), 0) as decimal(38, 4))
            as anonymous_gross_amount
    from product_lines
    group by stock_code

),

by_order as (

    select
        stock_code,
        customer_id,
        invoice_no,
        sum(units) as units,
        sum(returned_units) as returned_units,
        sum(net_amount) as net_amount
    from sales
    group by
        stock_code,
        customer_id,
        invoice_no

),

identified as (

    select
        stock_code,
        cast(sum(units) as decimal(18, 3)) as units_sold,
        cast(sum(returned_units) as decimal(18, 3)) as units_returned,
        cast(sum(net_amount) as decimal(38, 4)) as revenue,
        count(*) as orders,
        count(distinct customer_id) as customers
    from by_order
    group by stock_code

)

select
    totals.stock_code,
    descriptions.description,
    totals.first_sold_at,
    totals.last_sold_at,
    totals.median_unit_price,
    coalesce(identified.units_sold, 0) as units_sold,
    coalesce(identified.units_returned, 0) as units_returned,
    coalesce(identified.revenue, 0) as revenue,
    coalesce(identified.orders, 0) as orders,
    coalesce(identified.customers, 0) as customers,
    case
        when identified.units_sold > 0 then {{ figure('identified.units_returned / identified.units_sold') }}
    end as return_rate,
    totals.anonymous_units_sold,
    totals.anonymous_gross_amount,
    coalesce(anonymous_returns.amount, 0) as anonymous_returned_amount
from totals
inner join descriptions on totals.stock_code = descriptions.stock_code
left join anonymous_returns on totals.stock_code = anonymous_returns.stock_code
left join identified on totals.stock_code = identified.stock_code
