{#- A var that holds a date, as text YYYY-MM-DD and nothing else: it goes into SQL between quotes. -#}
{% macro date_var(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value) -%}
        {{ exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ value ~ "': write it as YYYY-MM-DD") }}
    {%- endif -%}
    {{- value -}}
{%- endmacro %}
