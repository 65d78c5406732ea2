{#- A customer id as the project writes it: trimmed text, the .0 of spreadsheets cut, leading zeros kept. -#}
{% macro customer_key(column) -%}
    nullif(regexp_replace({{ clean_text(column) }}, '[.]0$', ''), '')
{%- endmacro %}
