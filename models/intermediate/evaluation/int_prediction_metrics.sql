{{ prediction_metrics(ref('holdout_predictions')) }}
