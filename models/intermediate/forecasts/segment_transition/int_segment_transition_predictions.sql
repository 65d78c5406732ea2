{{ model_output('segment_transition_model', 'holdout') }}
