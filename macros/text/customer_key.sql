{#- A customer id as the project writes it: trimmed text, the .0 of spreadsheets cut, leading zeros kept; an e-mail address
    in small letters, as mail has no others. -#}
{% macro customer_key(column) -%}
    {%- set id = "nullif(regexp_replace(" ~ clean_text(column) ~ ", '[.]0$', ''), '')" -%}
    case when {{ id }} like '_%@_%' then lower({{ id }}) else {{ id }} end
{%- endmacro %}
