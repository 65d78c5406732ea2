with

products as (

    select * from {{ ref('int_products') }}

)

select
    stock_code,
    description,
    first_sold_at,
    last_sold_at,
    median_unit_price,
    units_sold,
    units_returned,
    revenue,
    orders,
    customers,
    return_rate,
    anonymous_units_sold,
    anonymous_gross_amount
from products
