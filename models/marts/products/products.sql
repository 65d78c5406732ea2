with

products as (

    select * from {{ ref('int_products') }}

),

categories as (

    select * from {{ ref('int_product_categories') }}

),

names as (

    select * from {{ ref('int_product_category_names') }}

)

select
    products.stock_code,
    products.description,
    categories.category_key,
    names.category_name,
    categories.category_source,
    categories.category_confidence,
    categories.is_named_by_people,
    products.first_sold_at,
    products.last_sold_at,
    products.median_unit_price,
    products.units_sold,
    products.units_returned,
    products.revenue,
    products.orders,
    products.customers,
    products.return_rate,
    products.anonymous_units_sold,
    products.anonymous_gross_amount,
    products.anonymous_returned_amount
from products
inner join categories on products.stock_code = categories.stock_code
left join names on categories.category_key = names.category_key
