select
    category_key,
    category_name
from {{ ref('product_category_names') }}
union all
select
    'other' as category_key,
    'Other' as category_name
