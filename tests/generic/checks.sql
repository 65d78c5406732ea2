{#- All that a table promises, in one test; what does not hold stands in the error, with the number of rows and an example.
    grain: columns that identify a row: none is null, no combination comes twice.
    conditions: hold for every row; null counts as not satisfied. The yml describes the columns they name.
    references: {column: {to: ref('parent'), field: its column, the same by default}}: null, or a value that the parent has.
    one_row: others join it to every one of their rows.
    column_types: those of the yml, for Python models; SQL models have contracts instead. -#}
{% test checks(model, grain=[], conditions=[], references={}, one_row=false, column_types=false) %}
{%- set node_id = '.' ~ project_name ~ '.' ~ model.identifier -%}
{%- set node = (graph.nodes.get('model' ~ node_id) or graph.nodes['seed' ~ node_id]) if execute -%}
{%- set columns = node.columns if node else {} -%}

{#- another delimiter or header: the file is named, and nothing is asked of columns that it lacks -#}
{%- set found = adapter.get_columns_in_relation(model) | map(attribute='name') | list
    if node and node.resource_type == 'seed' else columns | list -%}
{%- set missing = columns | reject('in', found) | list -%}
{%- if missing -%}
select 1 as faults
where {{ raise_error("'" ~ (
    'seeds/' ~ model.identifier ~ '.csv: no column ' ~ missing | join(', ') ~ ' (its first line has ' ~ found | join(', ')
    ~ '). Begin it with ' ~ columns | join(',') ~ ', with commas between the fields of every line'
) | replace("'", "''") ~ "'") }} is null
{%- else -%}

{%- set promises = [] -%}
{%- for condition in conditions -%}{%- do promises.append((condition, condition)) -%}{%- endfor -%}
{%- for column, parent in references.items() -%}
    {%- set key = parent.field or column -%}
    {%- do promises.append((
        column ~ ' is in ' ~ parent.to.identifier,
        column ~ ' is null or ' ~ column ~ ' in (select ' ~ key ~ ' from ' ~ parent.to ~ ')',
    )) -%}
{%- endfor -%}

with

{% if promises -%}
judged as (

    select
        {{ columns_shown(columns, grain, promises | map(attribute=1)) }}
        {%- for _, condition in promises %},
        coalesce({{ condition }}, false) as holds_{{ loop.index }}
        {%- endfor %}
    from {{ model }}

),

broken as (

    select * from judged
    where not ({% for _ in promises %}holds_{{ loop.index }}{{ ' and ' if not loop.last }}{% endfor %})

),
{%- endif %}

{% if column_types -%}
described (column_name, data_type) as (

    values
    {% for column in columns.values() -%}
    ('{{ column.name }}', upper('{{ column.data_type }}')){{ ',' if not loop.last }}
    {% endfor %}

),

built (column_name, data_type) as (

    values
    {% for column in adapter.get_columns_in_relation(model) -%}
    ('{{ column.name }}', upper('{{ column.dtype }}')){{ ',' if not loop.last }}
    {% endfor %}

),
{%- endif %}

{%- set faults -%}
{% for text, condition in promises -%}
select '{{ text | replace("'", "''") }}' as promise, 1 as rows_found, {{ row_as_text('example') }} as example
from (
    select {{ columns_shown(columns, grain, [condition]) }} from broken where not holds_{{ loop.index }}
) as example
union all
{% endfor -%}
{% if grain -%}
{%- set key = grain | join(', ') -%}
select '{{ key | replace("'", "''") }} is unique and not null' as promise, rows_found, {{ row_as_text('example') }} as example
from (
    select {{ key }}, count(*) as rows_found
    from {{ model }}
    group by {{ key }}
    having count(*) > 1 {% for column in grain %} or {{ column }} is null {% endfor %}
) as example
union all
{% endif -%}
{% if one_row -%}
select 'exactly one row' as promise, count(*) as rows_found, null as example
from {{ model }}
having count(*) <> 1
union all
{% endif -%}
{% if column_types -%}
select 'column types as in the yml' as promise, 1 as rows_found, {{ row_as_text('example') }} as example
from (
    select
        coalesce(described.column_name, built.column_name) as column_name,
        described.data_type as described,
        built.data_type as built
    from described
    full outer join built on described.column_name = built.column_name
    where described.data_type is distinct from built.data_type
) as example
{%- endif -%}
{%- endset %}

faults as (

    select promise || ': ' || {{ number_and_example('sum(rows_found)', 'example') }} as fault
    from ({{ faults.rstrip().removesuffix('union all') }}) as examples
    group by promise

)

{{ none_in('faults', "'" ~ model.identifier ~ ": ' || " ~ joined('fault', '; ', 'fault')) }}
{%- endif %}
{% endtest %}
