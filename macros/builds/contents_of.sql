{#- One row per relation: its place, its grain, its rows and the hash of their content, by which a build is known. -#}
{% macro contents_of(relations, is_published) -%}
    {% for relation in relations -%}
    select
        '{{ relation.schema }}' as table_schema,
        '{{ relation.identifier }}' as table_name,
        '{{ grain_of(relation) }}' as grain,
        {{ 'true' if is_published else 'false' }} as is_published,
        count(*) as row_count,
        {{ content_hash('content') }} as content_hash
    from {{ relation }} as content
    {{ 'union all' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#- The columns that identify a row, as the yml of a model gives them to its test `checks`; '' for a table of one row. -#}
{% macro grain_of(relation) -%}
    {%- set node_id = 'model.' ~ project_name ~ '.' ~ relation.identifier -%}
    {%- for node in (graph.nodes.values() if execute else []) -%}
        {%- if node.resource_type == 'test' and node.attached_node == node_id and node.test_metadata.name == 'checks' -%}
            {{ node.test_metadata.kwargs.get('grain', []) | join(', ') }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
