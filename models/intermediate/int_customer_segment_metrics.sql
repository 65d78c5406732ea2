with

holdout as (

    select * from {{ ref('customer_segment_holdout') }}

),

choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

),

evaluated as (

    select
        candidate,
        metric,
        value,
        ci_low,
        ci_high,
        cast(n as bigint) as n,
        true as is_recomputable,
        'learnt 140 days before the as-of date, tested 70 days before it' as note
    from holdout
    where part = 'metric'

),

-- the figures the choice was made by; the evaluation above took no part in it
selected as (

    select
        'clusters' as candidate,
        'selection_auc' as metric,
        clusters_auc as value
    from choice
    union all
    select
        'rfm_groups',
        'selection_auc',
        rfm_groups_auc
    from choice
    union all
    select
        'clusters',
        'stability_ari',
        stability_ari
    from choice
    union all
    select
        'clusters',
        'silhouette',
        silhouette
    from choice

),

not_tried as (

    select
        'clusters' as candidate,
        'auc' as metric,
        note
    from holdout
    where part = 'reason'

),

metrics as (

    select
        candidate,
        metric,
        value,
        ci_low,
        ci_high,
        n,
        is_recomputable,
        note
    from evaluated
    union all
    select
        candidate,
        metric,
        value,
        null as ci_low,
        null as ci_high,
        null as n,
        false as is_recomputable,
        'mean of the three cutoffs that the number of clusters was chosen at' as note
    from selected
    where value is not null
    union all
    select
        candidate,
        metric,
        null as value,
        null as ci_low,
        null as ci_high,
        0 as n,
        false as is_recomputable,
        note
    from not_tried

)

select
    'customer_segments' as model,
    metrics.candidate,
    metrics.metric,
    metrics.value,
    metrics.ci_low,
    metrics.ci_high,
    cast(metrics.n as bigint) as n,
    metrics.candidate <> 'clusters' as is_baseline,
    case
        when choice.is_used then metrics.candidate = 'clusters'
        else metrics.candidate = 'rfm_groups'
    end as is_used,
    metrics.is_recomputable,
    as_of.as_of_date - {{ var('horizon_days') | int }} as trained_before,
    as_of.as_of_date - {{ var('horizon_days') | int }} as tested_from,
    as_of.as_of_date as tested_until,
    metrics.note
from metrics
cross join choice
cross join as_of
