{#- An expression that stops the query with a message. -#}
{% macro raise_error(message) -%}
    error({{ message }})
{%- endmacro %}
