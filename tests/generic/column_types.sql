{#- The columns of a Python model have the types its yml gives them; SQL models have contracts instead. -#}
{% test column_types(model) %}
{%- set node = namespace(columns={}) -%}
{%- for candidate in (graph.nodes.values() if execute else []) if candidate.resource_type == 'model' and candidate.alias == model.identifier -%}
    {%- set node.columns = candidate.columns -%}
{%- endfor %}
with expected (column_name, data_type) as (
    values {% for column in node.columns.values() %}
        ('{{ column.name }}', upper('{{ column.data_type }}')){{ ',' if not loop.last }}
    {%- endfor %}
),

actual as (
    select column_name, data_type
    from information_schema.columns
    where table_schema = '{{ model.schema }}' and table_name = '{{ model.identifier }}'
)

select
    coalesce(expected.column_name, actual.column_name) as column_name,
    expected.data_type as expected_type,
    actual.data_type as actual_type
from expected
full outer join actual on expected.column_name = actual.column_name
where expected.data_type is distinct from actual.data_type
{% endtest %}
