{{ model_output('customer_value_model', 'holdout') }}
