{#- English name of an ISO weekday, 1 Monday to 7 Sunday. -#}
{% macro weekday_name(weekday_no) -%}
    case {{ weekday_no }}
        {%- for name in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
