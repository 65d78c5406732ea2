with

products as (

    select * from {{ ref('int_products') }}

),

categories as (

    select * from {{ ref('int_product_categories') }}

),

names as (

    select * from {{ ref('int_product_category_names') }}

),

customer_spend as (

    select * from {{ ref('int_customer_category_spend') }}

),

ranked as (

    select
        categories.category_key,
        products.*,
        row_number() over (
            partition by categories.category_key
            -- what looks like a fee is no bestseller
            order by fees.stock_code is not null, products.revenue desc, products.stock_code asc
        ) as place,
        fees.stock_code is not null as is_fee
    from products
    inner join categories on products.stock_code = categories.stock_code
    left join {{ ref('int_suspected_fees') }} as fees on products.stock_code = fees.stock_code

),

totals as (

    select
        category_key,
        count(*) as products,
        sum(units_sold) as units_sold,
        sum(revenue) as revenue,
        {{ joined('coalesce(description, stock_code)', ' | ', 'place', where='place <= 5 and not is_fee') }} as top_products
    from ranked
    group by category_key

),

buyers as (

    select
        category_key,
        count(*) as customers
    from customer_spend
    group by category_key

)

select
    names.category_key,
    names.category_name,
    coalesce(totals.products, 0) as products,
    cast(coalesce(totals.units_sold, 0) as decimal(18, 3)) as units_sold,
    cast(coalesce(totals.revenue, 0) as decimal(38, 4)) as revenue,
    {{ figure('cast(coalesce(totals.revenue, 0) as double) / nullif(cast(sum(totals.revenue) over () as double), 0)') }}
        as revenue_share,
    coalesce(buyers.customers, 0) as customers,
    totals.top_products
from names
left join totals on names.category_key = totals.category_key
left join buyers on names.category_key = buyers.category_key
