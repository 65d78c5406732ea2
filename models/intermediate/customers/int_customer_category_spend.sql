with

sales as (

    select * from {{ ref('int_sales') }}

),

categories as (

    select * from {{ ref('int_product_categories') }}

),

-- order by order first: that counts them without a list of each customer's invoices
by_order as (

    select
        sales.customer_id,
        categories.category_key,
        sales.invoice_no,
        sum(sales.net_amount) as revenue,
        sum(sales.units) as units,
        max(sales.invoiced_at) as last_order_at
    from sales
    inner join categories on sales.stock_code = categories.stock_code
    group by
        sales.customer_id,
        categories.category_key,
        sales.invoice_no

),

spend as (

    select
        customer_id,
        category_key,
        cast(sum(revenue) as decimal(38, 4)) as revenue,
        cast(sum(units) as decimal(18, 3)) as units,
        count(*) as orders,
        max(last_order_at) as last_order_at
    from by_order
    group by
        customer_id,
        category_key

)

select
    customer_id,
    category_key,
    revenue,
    case
        when sum(revenue) over (partition by customer_id) > 0
            then {{ figure('cast(revenue as double) / cast(sum(revenue) over (partition by customer_id) as double)') }}
    end as revenue_share,
    units,
    orders,
    last_order_at,
    cast(row_number() over (
        partition by customer_id
        order by revenue desc, orders desc, category_key asc
    ) as bigint) as category_rank
from spend
