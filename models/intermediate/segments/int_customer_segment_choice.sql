with

grid as (

    select * from {{ ref('customer_segment_grid') }}

),

choice as (

    select
        transform,
        algorithm,
        cast(k as integer) as k,
        nullif(note, '') as note
    from grid
    where part = 'choice'

),

chosen as (

    select
        future_order_auc as auc,
        silhouette,
        stability_ari
    from grid
    where part = 'candidate' and is_chosen = 1

),

rfm_groups as (

    select {{ figure('avg(future_order_auc)') }} as auc
    from grid
    where part = 'baseline' and candidate = 'rfm_groups'

)

select
    choice.transform,
    choice.algorithm,
    choice.k,
    chosen.silhouette,
    chosen.stability_ari,
    chosen.auc as clusters_auc,
    rfm_groups.auc as rfm_groups_auc,
    -- clusters that tell who will order again no better than named RFM groups are not worth their trouble
    choice.k is not null and coalesce(chosen.auc > rfm_groups.auc, false) as is_used,
    case
        when choice.k is null then choice.note
        when chosen.auc is null or rfm_groups.auc is null
            then 'at the cutoffs that clusters are compared at all customers ordered again or none did: nothing to tell'
                || ' clusters and RFM groups apart by'
        when chosen.auc <= rfm_groups.auc
            then 'the clusters tell who orders again no better than the named RFM groups (AUC '
                || round(chosen.auc, 3) || ' against ' || round(rfm_groups.auc, 3) || ')'
    end as note
from choice
cross join rfm_groups
left join chosen on true
