select * from {{ ref('int_customer_segment_predictions') }}
