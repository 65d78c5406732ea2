{#- An environment variable as a text; null where it is not set. -#}
{% macro env_text(name) -%}
    nullif('{{ env_var(name, "") | replace("'", "''") }}', '')
{%- endmacro %}
