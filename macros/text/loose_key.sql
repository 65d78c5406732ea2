{#- A customer id without what spreadsheets change of it: blanks, capitals, leading zeros, a final .0, an exponent. Ids that
    are equal so are most likely of one customer, no more. -#}
{% macro loose_key(column) -%}
    {%- set id = "lower(replace(" ~ column ~ ", ' ', ''))" -%}
    case
        when {{ text_fits(id, pattern_text('[0-9]([.][0-9]+)?e[+]?[0-9]{1,2}')) }}
            then cast(cast(cast({{ id }} as double) as decimal(38, 0)) as string)
        else regexp_replace(regexp_replace({{ id }}, '[.]0+$', ''), '^0+', '')
    end
{%- endmacro %}
