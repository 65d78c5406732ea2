{{ model_outputs('notes') }}
union all
select
    'all' as model,
    'all' as candidate,
    'later_refunds' as metric,
    cast(count(*) as double) as value,
    'refunds have no day in the files and count on the day of their order: held-out figures know of later refunds' as note
from {{ ref('int_line_adjustments') }}
where refunded_amount <> 0 and not has_refund_day
having count(*) > 0
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
