{{ served_forecasts(ref('category_of_interest_model'), ref('int_category_of_interest_choice')) }}
