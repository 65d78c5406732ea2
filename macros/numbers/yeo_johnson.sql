{#- Yeo-Johnson's power transform of a number x >= 0 (Biometrika 87, 2000); log1p is lambda 0. -#}
{% macro yeo_johnson(x, lambda) -%}
    case when {{ lambda }} = 0 then ln(1 + {{ x }}) else (power(1 + {{ x }}, {{ lambda }}) - 1) / {{ lambda }} end
{%- endmacro %}
