{#- An expression that stops the query with a message. -#}
{% macro raise_error(message) -%}
    {{ return(adapter.dispatch('raise_error', 'gift_shop')(message)) }}
{%- endmacro %}

{% macro duckdb__raise_error(message) -%}
    error({{ message }})
{%- endmacro %}

{% macro spark__raise_error(message) -%}
    raise_error({{ message }})
{%- endmacro %}
