with

sales as (

    select * from {{ ref('int_sales') }}

),

categories as (

    select * from {{ ref('int_product_categories') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    categories.category_key,
    cast(sum(sales.net_amount) as double)
    / nullif(cast(sum(sum(sales.net_amount)) over () as double), 0) as revenue_share
from sales
inner join categories on sales.stock_code = categories.stock_code
cross join as_of
where sales.invoiced_at >= as_of.as_of_date - {{ var('prior_days') | int }}
group by categories.category_key
