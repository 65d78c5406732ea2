{{ model_output('customer_segment_holdout', 'holdout') }}
