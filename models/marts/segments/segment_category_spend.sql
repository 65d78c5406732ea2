{{ config(materialized='view') }}

select
    segment_key,
    category_key,
    revenue,
    revenue_share,
    affinity
from {{ ref('int_segment_category_spend') }}
