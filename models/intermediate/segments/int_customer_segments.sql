with

clusters as (

    select * from {{ ref('int_customer_clusters') }}
    where definition_days = 0 and idle_days = 0

),

scores as (

    select * from {{ ref('int_customer_scores') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}

)

-- where there is no model of clusters the RFM groups stand in, each for one archetype
select
    scores.cutoff_date,
    cutoffs.split,
    cutoffs.history_days >= {{ var('min_history_days_segments') | int }} as has_enough_history,
    cutoffs.is_month_end,
    scores.customer_id,
    coalesce(clusters.segment_key, scores.rfm_group_segment_key) as segment_key,
    case when clusters.segment_key is not null then 'clusters' else 'rfm_groups' end as segment_source,
    clusters.cluster_no,
    clusters.distance,
    clusters.runner_up_segment_key,
    clusters.runner_up_distance,
    clusters.confidence,
    clusters.reason_axis
from scores
inner join cutoffs on scores.cutoff_date = cutoffs.cutoff_date
left join clusters
    on
        scores.cutoff_date = clusters.cutoff_date
        and scores.customer_id = clusters.customer_id
