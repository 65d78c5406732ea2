{#- A number of things as people say it: 1 order, 2.5 orders, 1,204 orders. -#}
{% macro counted(number, singular, plural=none) -%}
    {{ halves(number) }} || case when {{ number }} = 1 then ' {{ singular }}' else ' {{ plural or singular ~ 's' }}' end
{%- endmacro %}
