select * from {{ ref('int_customer_segment_predictions') }}
union all
select * from {{ ref('int_customer_value_predictions') }}
union all
select * from {{ ref('int_category_of_interest_predictions') }}
union all
select * from {{ ref('int_segment_transition_predictions') }}
