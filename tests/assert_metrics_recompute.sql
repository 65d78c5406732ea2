-- Every recomputable figure follows from the held-out predictions, and Python, which adds the intervals, agrees.
with

recomputed as (

    select * from {{ ref('int_prediction_metrics') }}

),

published as (

    select * from {{ ref('model_metrics') }}
    where is_recomputable

),

python as (

    select * from {{ ref('prediction_intervals') }}
    where part = 'metric'

)

select
    coalesce(published.model, recomputed.model, python.model) as model,
    coalesce(published.candidate, recomputed.candidate, python.candidate) as candidate,
    coalesce(published.metric, recomputed.metric, python.metric) as metric,
    published.value,
    recomputed.value as recomputed_value,
    python.value as python_value
from published
full outer join recomputed
    on
        published.model = recomputed.model
        and published.candidate = recomputed.candidate
        and published.metric = recomputed.metric
full outer join python
    on
        published.model = python.model
        and published.candidate = python.candidate
        and published.metric = python.metric
where
    coalesce(published.value <> recomputed.value, true)
    -- SQL adds decimals, Python doubles
    or coalesce(abs(published.value - python.value) > 1e-6 * greatest(abs(python.value), 1), true)
