{#- Whom the clusters score: everybody at every cutoff by the served model (definition_days 0); and, to forecast where
    new customers will be, those first seen lately, by the earlier definitions too, and as they would stand after a
    horizon without another order (idle_days): today's, and of earlier ones those that are trained on. -#}
{%- set horizon_days = var('horizon_days') | int -%}

with

cutoffs as (

    select * from {{ ref('int_cutoffs') }}

),

definitions as (

    select cast(days_before_as_of as integer) as definition_days
    from cutoffs
    where is_segment_definition

),

snapshots as (

    select
        snapshots.cutoff_date,
        cutoffs.days_before_as_of,
        snapshots.customer_id,
        snapshots.recency_days,
        snapshots.frequency,
        snapshots.monetary,
        snapshots.tenure_days,
        coalesce(cutoffs.split = 'serving', false) or training.customer_id is not null as is_asked_about
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
    left join {{ ref('int_training_customers') }} as training on snapshots.customer_id = training.customer_id

),

scored as (

    select
        0 as definition_days,
        snapshots.*,
        0 as idle_days
    from snapshots
    union all
    select
        definitions.definition_days,
        snapshots.*,
        0 as idle_days
    from snapshots
    inner join definitions on definitions.definition_days > 0
    where snapshots.is_asked_about and {{ is_new_customer('snapshots.tenure_days - ' ~ horizon_days) }}
    union all
    select
        definitions.definition_days,
        snapshots.*,
        {{ horizon_days }} as idle_days
    from snapshots
    inner join definitions on snapshots.days_before_as_of >= definitions.definition_days
    where snapshots.is_asked_about and {{ is_new_customer('snapshots.tenure_days') }}

)

select
    definition_days,
    cutoff_date,
    idle_days,
    customer_id,
    cast(recency_days + idle_days as double) as recency,
    cast(frequency as double) as frequency,
    greatest(cast(monetary as double), 0) as monetary
from scored
