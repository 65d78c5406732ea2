select
    words.stock_code,
    words.description,
    words.category_key,
    words.phrase,
    words.runner_up_category_key,
    cast(products.revenue as double) as revenue,
    cast(products.median_unit_price as double) as median_price
from {{ ref('int_product_category_words') }} as words
inner join {{ ref('int_products') }} as products on words.stock_code = products.stock_code
