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

),

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

bounds as (

    select * from {{ ref('int_segment_bounds') }}
    where days_before_as_of = 0

),

choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

-- by today's members, as clusters are named
group_recency as (

    select
        scores.rfm_group_segment_key as segment_key,
        median(customers.recency_days) as median_recency_days
    from scores
    inner join bounds on scores.cutoff_date = bounds.cutoff_date
    inner join {{ ref('int_customers') }} as customers on scores.customer_id = customers.customer_id
    group by 1

),

-- RFM groups whose archetype claims what does not hold of this shop; gift_shop/clustering/archetypes.py does the same
named_by_scores as (

    select archetypes.segment_key
    from archetypes
    cross join bounds
    cross join choice
    left join group_recency on archetypes.segment_key = group_recency.segment_key
    where
        (archetypes.claims = 'recent' and group_recency.median_recency_days > bounds.recent_within_days)
        -- where nothing tells who orders again, nobody is said to have left, nor left out of a campaign
        or (archetypes.claims = 'lapsed' and (choice.is_blind or not bounds.may_have_lapsed))

)

-- where there is no model of clusters the RFM groups stand in, each for one archetype
select
    scores.cutoff_date,
    cutoffs.split,
    cutoffs.history_days >= {{ var('min_history_days_segments') | int }} as has_enough_history,
    cutoffs.is_month_end,
    scores.customer_id,
    case
        when clusters.segment_key is not null then clusters.segment_key
        when named_by_scores.segment_key is null then scores.rfm_group_segment_key
        else
            case when scores.f_score >= 4 then 'many' when scores.f_score = 3 then 'some' else 'few' end || '_'
            || case when scores.m_score >= 4 then 'high' when scores.m_score = 3 then 'medium' else 'low' end
    end as segment_key,
    case when clusters.segment_key is not null then 'clusters' else 'rfm_groups' end as segment_source,
    clusters.cluster_no,
    clusters.distance,
    clusters.runner_up_segment_key,
    clusters.runner_up_distance,
    clusters.confidence,
    clusters.reason_axis
from scores
inner join cutoffs on scores.cutoff_date = cutoffs.cutoff_date
left join named_by_scores on scores.rfm_group_segment_key = named_by_scores.segment_key
left join clusters
    on
        scores.cutoff_date = clusters.cutoff_date
        and scores.customer_id = clusters.customer_id
