{{ config(materialized='view') }}

select
    cast(cutoff_date as date) as cutoff_date,
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
    cast(refits as integer) as refits,
    cast(customers as bigint) as customers
from {{ ref('customer_segment_grid') }}
where part = 'candidate_cutoff'
