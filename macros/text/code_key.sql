{#- A code of a product or an invoice as the project writes it: trimmed, in capitals. -#}
{% macro code_key(column) -%}
    upper({{ clean_text(column) }})
{%- endmacro %}
