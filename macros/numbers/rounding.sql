{#- The last bits of a logarithm, a power or a sum of doubles differ between processors. So each such number is rounded
    where it is computed, by one of these rules; gift_shop/tables.py has the same in Python. -#}

{#- What is compared: there the last bit could decide which cluster is nearest. -#}
{% macro settled(x) -%}
    round({{ x }}, 8)
{%- endmacro %}

{#- ln(1 + x) as models read it. -#}
{% macro log1p(x) -%}
    round(ln(1 + cast({{ x }} as double)), 9)
{%- endmacro %}

{#- What is published: probabilities, shares, distances, metrics. + 0 makes 0 of -0. -#}
{% macro figure(x) -%}
    round(cast({{ x }} as double), 6) + 0
{%- endmacro %}

{#- A forecast of money. -#}
{% macro money_forecast(x) -%}
    round(cast({{ x }} as double), 2) + 0
{%- endmacro %}

{#- An exact amount >= 0 for each of n, halves up: in whole ten-thousandths, since a quotient is a double and that of
    1238.37 / 8 = 154.79625 makes .7962 of it. -#}
{% macro amount_each(amount, n) -%}
    cast({{ whole_quotient('2 * ' ~ amount ~ ' * 10000 + ' ~ n, '2 * ' ~ n) }} as decimal(34, 0))
    * cast(0.0001 as decimal(4, 4))
{%- endmacro %}
