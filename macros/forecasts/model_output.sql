{#- One part of the long table that a learner returns (gift_shop/forecasting/predictions.py), with the part's own columns. -#}
{% macro model_output(learner, part) -%}
{%- set columns = {
    'holdout': [
        'model', 'candidate', 'split', 'cutoff_date', 'trained_before', 'outcome_until', 'customer_id',
        'predicted_class', 'probability', 'actual_class', 'probability_of_actual', 'rank_of_actual',
        'predicted_value', 'actual_value',
    ],
    'serving': ['model', 'candidate', 'customer_id', 'predicted_class', 'probability', 'class_rank'],
    'coefficients': ['model', 'candidate', 'link', 'feature', 'mean', 'scale', 'coefficient', 'intercept'],
    'notes': ['model', 'candidate', 'metric', 'value', 'note'],
} -%}
select
    {{ columns[part] | join(',\n    ') }}
from {{ ref(learner) }}
where part = '{{ part }}'
{%- endmacro %}

{#- What a learner says of today's customers, most likely first, by the candidate that its choice table has in use; a
    probability only where that candidate was held out. -#}
{% macro served_forecasts(learner, choice) -%}
with

serving as (

    {{ model_output(learner, 'serving') | indent(4) }}

),

choice as (

    select * from {{ ref(choice) }}
    where is_used

)

select
    serving.customer_id,
    serving.predicted_class,
    case when choice.n > 0 then serving.probability end as probability,
    serving.class_rank
from serving
inner join choice on serving.candidate = choice.candidate
{%- endmacro %}
