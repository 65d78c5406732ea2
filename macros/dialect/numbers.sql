{#- The median of amounts, decimals as they are. -#}
{% macro median_amount(amount) -%}
    {{ return(adapter.dispatch('median_amount', 'gift_shop')(amount)) }}
{%- endmacro %}

{% macro duckdb__median_amount(amount) -%}
    median({{ amount }})
{%- endmacro %}

{#- How many whole times one whole number goes into another, both >= 0, exactly: a quotient is a double. -#}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient', 'gift_shop')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} as hugeint) // cast({{ divisor }} as hugeint)
{%- endmacro %}
