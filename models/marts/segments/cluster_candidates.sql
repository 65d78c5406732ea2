select
    transform,
    algorithm,
    cast(k as integer) as k,
    silhouette,
    calinski_harabasz,
    davies_bouldin,
    stability_ari,
    smallest_share,
    future_order_auc,
    future_order_auc_se,
    future_spend_eta2,
    top20_spend_share,
    inertia,
    bic,
    cast(cutoffs_within_1se as integer) as cutoffs_within_1se,
    is_eligible = 1 as is_eligible,
    is_chosen = 1 as is_chosen,
    verdict
from {{ ref('customer_segment_grid') }}
where part = 'candidate'
