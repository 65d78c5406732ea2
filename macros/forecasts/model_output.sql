{#- One part of the long table that a dbt Python model returns (gift_shop/forecasting/predictions.py), with the part's own
    columns. -#}
{% macro model_output(relation, part) -%}
{%- set columns = {
    'holdout': [
        'model', 'candidate', 'split', 'trained_before', 'outcome_until', 'cutoff_date', 'customer_id',
        'predicted_class', 'probability', 'actual_class', 'probability_of_actual', 'rank_of_actual',
        'top3_spend_share', 'predicted_value', 'actual_value',
    ],
    'serving': ['model', 'candidate', 'customer_id', 'predicted_class', 'probability', 'class_rank'],
    'coefficients': ['model', 'candidate', 'link', 'feature', 'mean', 'scale', 'coefficient', 'intercept'],
    'parameters': ['model', 'candidate', 'parameter', 'class_key', 'feature', 'value'],
    'notes': ['model', 'candidate', 'metric', 'value', 'note'],
    'candidates': ['model', 'candidate', 'role', 'is_baseline', 'is_trained'],
} -%}
select
    {{ columns[part] | join(',\n    ') }}
from {{ relation }}
where part = '{{ part }}'
{%- endmacro %}

{#- The same part of every model about customers, below each other. -#}
{% macro model_outputs(part) -%}
{{ model_output(ref('customer_segment_holdout'), part) }}
union all
{{ model_output(ref('customer_value_model'), part) }}
union all
{{ model_output(ref('category_of_interest_model'), part) }}
union all
{{ model_output(ref('segment_transition_model'), part) }}
{%- endmacro %}

{#- What a model predicts of today's customers, most likely first, by the candidate that its choice table has in use; a
    probability only where that candidate was held out. -#}
{% macro served_forecasts(output, choice) -%}
with

serving as (

    {{ model_output(output, 'serving') | indent(4) }}

),

choice as (

    select * from {{ choice }}
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
