{#- A var that is a text, as SQL: quoted, so that it is nothing else whatever it holds. -#}
{% macro text_var(name) -%}
    '{{ var(name) | string | trim | replace("'", "''") }}'
{%- endmacro %}
