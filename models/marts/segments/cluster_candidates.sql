with

candidates as (

    select * from {{ ref('customer_segment_grid') }}
    where part = 'candidate'

),

choice as (

    select * from {{ ref('int_customer_segment_choice') }}

)

select
    candidates.transform,
    candidates.algorithm,
    cast(candidates.k as integer) as k,
    candidates.silhouette,
    candidates.calinski_harabasz,
    candidates.davies_bouldin,
    candidates.stability_ari,
    candidates.smallest_share,
    candidates.future_order_auc,
    candidates.future_order_auc_se,
    candidates.future_spend_eta2,
    candidates.top20_spend_share,
    candidates.inertia,
    candidates.bic,
    cast(candidates.cutoffs_within_1se as integer) as cutoffs_within_1se,
    candidates.is_eligible = 1 as is_eligible,
    candidates.is_chosen = 1 as is_chosen,
    candidates.verdict,
    case when candidates.is_chosen = 1 and not choice.is_used then choice.note end as not_used_reason
from candidates
cross join choice
