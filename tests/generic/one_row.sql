{#- A table that others join to every one of their rows has exactly one. -#}
{% test one_row(model) %}
select count(*) as rows_found
from {{ model }}
having count(*) <> 1
{% endtest %}
