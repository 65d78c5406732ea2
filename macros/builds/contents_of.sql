{#- One row per relation: its place, its rows and the hash of their content, by which a build is known. -#}
{% macro contents_of(relations, is_published) -%}
    {% for relation in relations -%}
    select
        '{{ relation.schema }}' as table_schema,
        '{{ relation.identifier }}' as table_name,
        {{ 'true' if is_published else 'false' }} as is_published,
        count(*) as row_count,
        {{ content_hash('content') }} as content_hash
    from {{ relation }} as content
    {{ 'union all' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
