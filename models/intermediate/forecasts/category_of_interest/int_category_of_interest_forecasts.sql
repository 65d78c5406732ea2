{{ served_forecasts('category_of_interest_model', 'int_category_of_interest_choice') }}
