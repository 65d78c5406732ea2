-- A category that a seed names must stand in seed product_category_names.
select
    'product_category_words' as seed,
    category_key
from {{ ref('product_category_words') }}
where category_key not in (select names.category_key from {{ ref('product_category_names') }} as names)
union all
select
    'product_category_overrides' as seed,
    category_key
from {{ ref('product_category_overrides') }}
where category_key not in (select names.category_key from {{ ref('product_category_names') }} as names)
