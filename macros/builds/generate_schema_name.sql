{#- Plain schema names (staging, intermediate, marts, quality), for models, seeds and Python models alike. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
