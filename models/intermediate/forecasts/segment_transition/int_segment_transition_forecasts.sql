{{ served_forecasts(ref('segment_transition_model'), ref('int_segment_transition_choice')) }}
