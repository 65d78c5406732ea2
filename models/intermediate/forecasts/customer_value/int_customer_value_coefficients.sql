{{ learner_part('customer_value_model', 'coefficients') }}
