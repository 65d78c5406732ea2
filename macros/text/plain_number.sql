{#- A decimal as text without the zeros at its end: 6, 0.25, 12.5. -#}
{% macro plain_number(number) -%}
    rtrim(rtrim(cast(cast({{ number }} as decimal(38, 4)) as string), '0'), '.')
{%- endmacro %}
