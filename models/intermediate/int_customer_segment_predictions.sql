select
    'customer_segments' as model,
    candidate,
    cast(cutoff_date as date) as cutoff_date,
    customer_id,
    cast(null as varchar) as predicted_class,
    probability,
    actual_class,
    cast(null as double) as probability_of_actual,
    cast(null as bigint) as rank_of_actual,
    predicted_value,
    actual_value
from {{ ref('customer_segment_holdout') }}
where part = 'prediction'
