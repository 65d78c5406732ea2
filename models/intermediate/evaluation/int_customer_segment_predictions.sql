{{ learner_part('customer_segment_holdout', 'holdout') }}
