-- Every recomputable figure, which SQL makes of the held-out predictions, is what Python makes of them for the intervals.
with

published as (

    select * from {{ ref('model_metrics') }}
    where is_recomputable

),

python as (

    select * from {{ ref('prediction_intervals') }}
    where part = 'metric'

),

wrong as (

    select
        coalesce(published.model, python.model) as model,
        coalesce(published.candidate, python.candidate) as candidate,
        coalesce(published.metric, python.metric) as metric,
        published.value,
        python.value as python_value
    from published
    full outer join python
        on
            published.model = python.model
            and published.candidate = python.candidate
            and published.metric = python.metric
    where
        -- SQL adds decimals, Python doubles, both round; a figure that only one of them has counts as different
        coalesce(abs(published.value - python.value) > 2e-6 * greatest(abs(python.value), 1), true)

)

{{ none_in('wrong') }}
