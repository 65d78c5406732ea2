{{ model_output('category_of_interest_model', 'holdout') }}
