{#- What to show a customer of a category: what most customers of the same segment have bought of it, was sold lately
    to anybody, and this customer has not bought. What looks like a fee is nothing to show. -#}
{%- set sold_lately_days = var('sold_lately_days') | int -%}

with

features as (

    select * from {{ ref('int_categories_to_feature') }}

),

bought as (

    select distinct
        sales.customer_id,
        sales.stock_code,
        categories.category_key
    from {{ ref('int_sales') }} as sales
    inner join {{ ref('int_product_categories') }} as categories on sales.stock_code = categories.stock_code

),

products as (

    select
        products.stock_code,
        coalesce(products.description, products.stock_code) as description
    from {{ ref('int_products') }} as products
    cross join {{ ref('int_as_of') }} as as_of
    where
        products.last_sold_at >= as_of.as_of_date - {{ sold_lately_days }}
        and products.stock_code not in (select fees.stock_code from {{ ref('int_suspected_fees') }} as fees)

),

popular as (

    select
        features.segment_key,
        bought.category_key,
        bought.stock_code,
        products.description,
        row_number() over (
            partition by features.segment_key, bought.category_key
            order by count(*) desc, bought.stock_code asc
        ) as place
    from bought
    inner join features on bought.customer_id = features.customer_id
    inner join products on bought.stock_code = products.stock_code
    group by
        features.segment_key,
        bought.category_key,
        bought.stock_code,
        products.description

),

-- forty are enough to find three that even a good customer has not bought
not_bought as (

    select
        features.customer_id,
        popular.stock_code,
        popular.description,
        row_number() over (partition by features.customer_id order by popular.place asc) as place
    from features
    inner join popular
        on
            features.segment_key = popular.segment_key
            and features.category_key = popular.category_key
            and popular.place <= 40
    left join bought
        on
            features.customer_id = bought.customer_id
            and popular.stock_code = bought.stock_code
    where bought.customer_id is null

)

select
    customer_id,
    stock_code,
    description,
    place
from not_bought
where place <= 3
