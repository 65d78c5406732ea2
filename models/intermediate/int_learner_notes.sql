{% for learner in [
    'customer_segment_holdout', 'customer_value_model', 'category_of_interest_model', 'new_customer_segment_model',
] -%}
{{ learner_part(learner, 'notes') }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
