{{ learner_part('category_of_interest_model', 'holdout') }}
