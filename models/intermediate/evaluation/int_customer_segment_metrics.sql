{#- What the clusters were chosen by; how they do held out stands in int_prediction_metrics. -#}
with

choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

figures as (

    select
        'clusters' as candidate,
        'auc_validation' as metric,
        clusters_auc as value
    from choice
    union all
    select
        'rfm_groups' as candidate,
        'auc_validation' as metric,
        rfm_groups_auc as value
    from choice
    union all
    select
        'clusters' as candidate,
        'stability_ari' as metric,
        stability_ari as value
    from choice
    union all
    select
        'clusters' as candidate,
        'silhouette' as metric,
        silhouette as value
    from choice

)

select
    'customer_segments' as model,
    candidate,
    metric,
    value
from figures
where value is not null
