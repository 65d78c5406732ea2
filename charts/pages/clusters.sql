-- name: candidates
select
    transform,
    algorithm,
    k,
    silhouette,
    stability_ari,
    smallest_share,
    future_order_auc,
    future_order_auc_se,
    future_spend_eta2,
    top20_spend_share,
    inertia,
    cutoffs_within_1se,
    is_eligible,
    case when is_eligible then 'yes' else 'no' end as eligible,
    is_chosen,
    verdict,
    not_used_reason
from cluster_candidates
order by is_chosen desc, transform desc, algorithm asc, k asc;

-- name: points
select
    customer_id,
    x,
    y,
    segment_key,
    x_variance_share,
    y_variance_share
from customer_map
order by customer_id;

-- name: segments
select
    segment_key,
    segment_name
from segments;

-- name: metrics
select
    candidate,
    metric,
    value,
    ci_low,
    ci_high,
    n,
    is_baseline,
    is_used,
    tested_from,
    tested_until,
    note
from model_metrics
where
    model = 'customer_segments'
    and metric in (
        'auc', 'top20_spend_share', 'auc_difference', 'top20_spend_share_difference', 'auc_difference_validation'
    )
    and value is not null
order by metric asc, value desc, candidate asc;
