{{ served_forecasts('segment_transition_model', 'int_segment_transition_choice') }}
