{#- Whom the clusters score: everybody at every cutoff by the served model (definition_days 0); and, to forecast where
    new customers will be, those first seen lately, by the models of 70 and 140 days ago too, and as they would stand
    after a horizon without another order (idle_days): today's, and of earlier ones those that are learnt from. -#}
{%- set horizon_days = var('horizon_days') | int -%}
{%- set new_customer_days = var('new_customer_days') | int -%}

with

snapshots as (

    select
        snapshots.cutoff_date,
        cutoffs.days_before_as_of,
        snapshots.customer_id,
        snapshots.recency_days,
        snapshots.frequency,
        snapshots.monetary,
        snapshots.tenure_days,
        cutoffs.days_before_as_of = 0 or learners.customer_id is not null as is_asked_about
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join {{ ref('int_cutoffs') }} as cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
    left join {{ ref('int_training_customers') }} as learners on snapshots.customer_id = learners.customer_id

)

select
    0 as definition_days,
    cutoff_date,
    0 as idle_days,
    customer_id,
    cast(recency_days as double) as recency,
    cast(frequency as double) as frequency,
    greatest(cast(monetary as double), 0) as monetary
from snapshots
{% for definition_days in [70, 140] -%}
union all
select
    {{ definition_days }} as definition_days,
    cutoff_date,
    0 as idle_days,
    customer_id,
    cast(recency_days as double) as recency,
    cast(frequency as double) as frequency,
    greatest(cast(monetary as double), 0) as monetary
from snapshots
where is_asked_about and tenure_days <= {{ new_customer_days + horizon_days }}
{% endfor -%}
{% for definition_days in [0, 70, 140] -%}
union all
select
    {{ definition_days }} as definition_days,
    cutoff_date,
    {{ horizon_days }} as idle_days,
    customer_id,
    cast(recency_days + {{ horizon_days }} as double) as recency,
    cast(frequency as double) as frequency,
    greatest(cast(monetary as double), 0) as monetary
from snapshots
where is_asked_about and tenure_days <= {{ new_customer_days }} and days_before_as_of >= {{ definition_days }}
{% endfor %}
