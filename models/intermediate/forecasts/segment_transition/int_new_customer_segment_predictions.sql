{{ learner_part('new_customer_segment_model', 'holdout') }}
