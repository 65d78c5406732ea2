{#- What a person should look at: the model is unsure, or sure of something else than the words; a pin that fits no
    product. A season goes before the object by rule, so that words and model differ there by design. -#}
with

categories as (

    select * from {{ ref('int_product_categories') }}

),

names as (

    select * from {{ ref('product_category_names') }}

),

products as (

    select * from {{ ref('int_products') }}

),

doubts as (

    select
        categories.*,
        case
            when categories.category_source = 'none' then 'no category: ' || coalesce(categories.note, 'unknown')
            when
                categories.category_source = 'model'
                and categories.category_confidence < {{ var('category_review_confidence') | float }}
                then 'the model is unsure'
            when
                categories.category_source = 'words'
                and names.priority > 1
                and categories.model_category_key <> categories.category_key
                and categories.model_probability >= {{ var('category_review_disagreement') | float }}
                then 'the words say ' || categories.category_key || ', the model ' || categories.model_category_key
        end as doubt
    from categories
    left join names on categories.category_key = names.category_key

),

to_look_at as (

    select
        doubts.stock_code,
        products.description,
        doubts.category_key,
        doubts.category_source,
        doubts.category_confidence,
        doubts.phrase,
        doubts.model_category_key,
        doubts.model_probability,
        doubts.doubt,
        products.revenue
    from doubts
    inner join products on doubts.stock_code = products.stock_code
    where doubts.doubt is not null
    union all
    select
        {{ code_key('stock_code') }} as stock_code,
        null as description,
        category_key,
        'override' as category_source,
        null as category_confidence,
        null as phrase,
        null as model_category_key,
        null as model_probability,
        'pinned in seeds/product_category_overrides.csv, but no such product was sold' as doubt,
        null as revenue
    from {{ ref('product_category_overrides') }}
    where {{ code_key('stock_code') }} not in (select products.stock_code from products)

)

select
    *,
    cast(row_number() over (order by revenue desc nulls first, stock_code asc) as bigint) as place
from to_look_at
