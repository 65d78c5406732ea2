with

seed as (

    select
        category_key,
        category_name
    from {{ ref('product_category_names') }}

)

select
    category_key,
    category_name
from seed
union all
select distinct
    category_key,
    category_name
from {{ ref('int_own_categories') }}
where category_key <> 'other' and category_key not in (select seed.category_key from seed)
union all
select
    'other' as category_key,
    'Other' as category_name
