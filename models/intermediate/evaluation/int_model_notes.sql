{% for learner in [
    'customer_segment_holdout', 'customer_value_model', 'category_of_interest_model', 'segment_transition_model',
] -%}
{{ model_output(learner, 'notes') }}
union all
{% endfor -%}
{% for model, choice in [
    ("'category_of_interest'", 'int_category_of_interest_choice'),
    ("'segment_transition'", 'int_segment_transition_choice'),
    ('model', 'int_customer_value_choice'),
] -%}
select
    {{ model }} as model,
    candidate,
    'too_few_to_choose' as metric,
    cast(n as double) as value,
    note
from {{ ref(choice) }}
where note is not null
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
