{#- A decimal as text without the zeros at its end: 6, 0.25, 12.5. -#}
{% macro plain_number(number) -%}
    trim(trailing '.' from trim(trailing '0' from cast(cast({{ number }} as decimal(38, 4)) as string)))
{%- endmacro %}
