with

candidates as (

    select * from {{ ref('int_model_candidates') }}

),

intervals as (

    select * from {{ ref('prediction_intervals') }}
    where part = 'metric'

),

notes as (

    select * from {{ ref('int_model_notes') }}

),

test_cutoff as (

    select cutoff_date from {{ ref('int_cutoffs') }}
    where split = 'test'

),

segment_choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

holdout as (

    select * from {{ ref('int_holdout_predictions') }}

),

recomputed as (

    {{ prediction_metrics('holdout') | indent(4) }}

),

spans as (

    select
        model,
        candidate,
        split = 'validation' as is_validation,
        max(trained_before) as trained_before,
        min(cutoff_date) as tested_from,
        max(outcome_until) as tested_until
    from holdout
    group by 1, 2, 3

),

held_out as (

    select
        metrics.model,
        metrics.candidate,
        metrics.metric,
        metrics.value,
        intervals.ci_low,
        intervals.ci_high,
        metrics.n,
        true as is_recomputable,
        spans.trained_before,
        spans.tested_from,
        spans.tested_until,
        case
            when metrics.metric like '%_validation' then 'held out at the cutoffs that the choice is read from'
            when metrics.metric like '%_test_unseen' then 'held out; customers first seen after the choice was made'
            when metrics.model = 'category_of_interest'
                then 'held out; where a choice was made, the customers it was read from are among them: see _test_unseen'
            else 'held out; took no part in the choice'
        end as note
    from recomputed as metrics
    inner join spans
        on
            metrics.model = spans.model
            and metrics.candidate = spans.candidate
            and spans.is_validation = (metrics.metric like '%_validation')
    left join intervals
        on
            metrics.model = intervals.model
            and metrics.candidate = intervals.candidate
            and metrics.metric = intervals.metric

),

-- the clusters less what stands in for them, on the same customers
differences as (

    select
        ours.model,
        ours.candidate,
        ours.metric || '_difference' as metric,
        {{ figure('ours.value - theirs.value') }} as value,
        intervals.ci_low,
        intervals.ci_high,
        ours.n,
        true as is_recomputable,
        ours.trained_before,
        ours.tested_from,
        ours.tested_until,
        'of the clusters less that of the named RFM groups, ' || ours.note as note
    from held_out as ours
    inner join candidates as contender
        on
            ours.model = contender.model
            and ours.candidate = contender.candidate
            and contender.role = 'contender'
    inner join held_out as theirs
        on
            ours.model = theirs.model
            and ours.metric = theirs.metric
    inner join candidates as reference
        on
            theirs.model = reference.model
            and theirs.candidate = reference.candidate
            and reference.role = 'reference'
    left join intervals
        on
            ours.model = intervals.model
            and ours.candidate = intervals.candidate
            and ours.metric || '_difference' = intervals.metric
    where ours.model = 'customer_segments'

),

-- what the clusters were chosen by; how they do held out stands above
segment_figures as (

    {%- for role, metric, column in [
        ('contender', 'auc_validation', 'clusters_auc'),
        ('contender', 'auc_difference_validation', 'auc_difference'),
        ('reference', 'auc_validation', 'rfm_groups_auc'),
    ] %}
    select
        '{{ role }}' as role,
        '{{ metric }}' as metric,
        {{ column }} as value,
        {{ column }}_low as ci_low,
        {{ column }}_high as ci_high,
        customers as n,
        {{ 'note' if column == 'auc_difference' else "'mean of the cutoffs that clusters are compared at'" }} as note
    from segment_choice
    union all
    {%- endfor %}
    {%- for measure in ['stability_ari', 'silhouette'] %}
    select
        'contender' as role,
        '{{ measure }}' as metric,
        {{ measure }} as value,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as bigint) as n,
        'mean of the cutoffs that clusters are compared at' as note
    from segment_choice
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

chosen_by as (

    select
        candidates.model,
        candidates.candidate,
        figures.metric,
        figures.value,
        figures.ci_low,
        figures.ci_high,
        figures.n,
        false as is_recomputable,
        test_cutoff.cutoff_date as trained_before,
        cast(null as date) as tested_from,
        cast(null as date) as tested_until,
        figures.note
    from segment_figures as figures
    inner join candidates
        on
            candidates.model = 'customer_segments'
            and figures.role = candidates.role
    cross join test_cutoff
    where figures.value is not null

),

-- a candidate that could not be tried has a note why, and of how many customers nothing can be predicted
noted as (

    select
        model,
        candidate,
        metric,
        value,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        case when metric = 'not_tried' then cast(0 as bigint) end as n,
        false as is_recomputable,
        cast(null as date) as trained_before,
        cast(null as date) as tested_from,
        cast(null as date) as tested_until,
        note
    from notes

),

predictions as (

    select * from held_out
    union all
    select * from differences
    union all
    select * from chosen_by
    union all
    select * from noted
    union all
    select * from {{ ref('int_product_category_metrics') }}

)

select
    predictions.model,
    predictions.candidate,
    predictions.metric,
    predictions.value,
    predictions.ci_low,
    predictions.ci_high,
    predictions.n,
    coalesce(candidates.is_baseline, false) as is_baseline,
    coalesce(candidates.is_used, false) as is_used,
    predictions.is_recomputable,
    predictions.trained_before,
    predictions.tested_from,
    predictions.tested_until,
    predictions.note
from predictions
left join candidates
    on
        predictions.model = candidates.model
        and predictions.candidate = candidates.candidate
