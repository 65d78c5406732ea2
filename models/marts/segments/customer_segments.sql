{{ config(materialized='view') }}

select
    customer_id,
    segment_key,
    cluster_no,
    {{ figure('distance') }} as distance,
    {{ figure('runner_up_distance') }} as runner_up_distance
from {{ ref('int_customer_segments') }}
where split = 'serving'
