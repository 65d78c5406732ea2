{#- Statements that write a table anew, its schema too where there is none. -#}
{% macro replace_table(schema, name, query) -%}
    {{ return(adapter.dispatch('replace_table', 'gift_shop')(schema, name, query)) }}
{%- endmacro %}

{% macro duckdb__replace_table(schema, name, query) -%}
    create schema if not exists {{ schema }};
    create or replace table {{ schema }}.{{ name }} as
    {{ query }};
{%- endmacro %}

{#- A view, which Spark replaces in one statement; dbt has made the schema of what is built. -#}
{% macro spark__replace_table(schema, name, query) -%}
    create or replace view {{ schema }}.{{ name }} as
    {{ query }}
{%- endmacro %}
