{{ config(materialized='view') }}

select
    customer_id,
    category_key,
    revenue,
    revenue_share,
    units,
    orders,
    last_order_at,
    category_rank
from {{ ref('int_customer_category_spend') }}
