{#- The median of amounts, decimals as they are. -#}
{% macro median_amount(amount) -%}
    {{ return(adapter.dispatch('median_amount', 'gift_shop')(amount)) }}
{%- endmacro %}

{% macro duckdb__median_amount(amount) -%}
    median({{ amount }})
{%- endmacro %}

{% macro spark__median_amount(amount) -%}
    {#- of whole ten-thousandths, since a median is a double; what is half of one is cut, as DuckDB does -#}
    cast(floor(median(cast({{ amount }} * 10000 as bigint))) as decimal(28, 0)) * cast(0.0001 as decimal(4, 4))
{%- endmacro %}

{#- How many whole times one whole number goes into another, both >= 0, exactly: a quotient is a double. -#}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient', 'gift_shop')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} as hugeint) // cast({{ divisor }} as hugeint)
{%- endmacro %}

{% macro spark__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} as decimal(38, 0)) div cast({{ divisor }} as decimal(38, 0))
{%- endmacro %}
