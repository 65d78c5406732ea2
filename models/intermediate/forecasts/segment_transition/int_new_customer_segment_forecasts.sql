{{ served_forecasts('new_customer_segment_model', 'int_new_customer_segment_choice') }}
