{{ model_outputs('notes') }}
union all
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
