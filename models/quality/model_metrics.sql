select * from {{ ref('int_product_category_metrics') }}
union all
select * from {{ ref('int_customer_segment_metrics') }}
