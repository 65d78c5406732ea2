{#- A var that holds a date, as text YYYY-MM-DD and nothing else: it goes into SQL between quotes. -#}
{% macro date_var(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value) -%}
        {{ exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ value ~ "': write it as YYYY-MM-DD") }}
    {%- endif -%}
    {%- set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int -%}
    {%- set is_leap = year % 4 == 0 and (year % 100 or year % 400 == 0) -%}
    {%- set last_days = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {%- if year < 1 or month < 1 or month > 12 or day < 1 or day > last_days[month - 1] -%}
        {{ exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ value ~ "', a day that the calendar does not have") }}
    {%- endif -%}
    {{- value -}}
{%- endmacro %}
