"""What clusters must be like to be chosen: the rule, its verdicts and the dashboard take it from here."""

MIN_K, MAX_K = 3, 8  # clusters; fewer and more are measured and shown
MIN_STABILITY = 0.85  # mean ARI of refits over the cutoffs
MIN_SHARE = 0.03  # of customers in the smallest cluster, at each cutoff
