{#- Every row satisfies every condition; a condition that is null counts as not satisfied. -#}
{% test rows_satisfy(model, conditions) %}
select *
from {{ model }}
where not coalesce(
    {% for condition in conditions %}({{ condition }}){{ ' and ' if not loop.last }}
    {% endfor %}, false
)
{% endtest %}
