{#- The last bits of a logarithm, a power or a sum of doubles differ between processors. So each such number is rounded
    where it is computed, by one of these rules; gift_shop/rounding.py has the same in Python. -#}

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
    cast(round(cast({{ x }} as double), 2) as decimal(18, 4))
{%- endmacro %}

{#- An exact amount >= 0 for each of n, halves up: in whole ten-thousandths, since a quotient is a double and that of
    1238.37 / 8 = 154.79625 makes .7962 of it. -#}
{% macro amount_each(amount, n) -%}
    cast({{ whole_quotient('2 * ' ~ amount ~ ' * 10000 + ' ~ n, '2 * ' ~ n) }} as decimal(34, 0))
    * cast(0.0001 as decimal(4, 4))
{%- endmacro %}

{#- The price of one unit where the file gives the money of a line: to four decimals, halves up. -#}
{% macro price_of_total(total, quantity) -%}
    cast(
        {{ whole_quotient(
            '20000000 * cast(abs(' ~ total ~ ') as decimal(38, 4)) + 1000 * cast(abs(' ~ quantity ~ ') as decimal(38, 4))',
            '2000 * cast(abs(' ~ quantity ~ ') as decimal(38, 4))'
        ) }} as decimal(34, 0)
    ) * cast(0.0001 as decimal(4, 4)) * sign({{ total }}) * sign({{ quantity }})
{%- endmacro %}

{#- What part / whole of an amount is, all of them >= 0 with four decimals at most, in whole pennies, halves up. -#}
{% macro pennies_of(amount, part, whole) -%}
    {%- set n = {} -%}
    {%- for number in [amount, part, whole] -%}
        {%- do n.update({number: 'cast(10000 * cast(' ~ number ~ ' as decimal(38, 4)) as decimal(38, 0))'}) -%}
    {%- endfor -%}
    cast(
        {{ whole_quotient('2 * ' ~ n[amount] ~ ' * ' ~ n[part] ~ ' + 100 * ' ~ n[whole], '200 * ' ~ n[whole]) }}
        as decimal(34, 0)
    ) * cast(0.01 as decimal(4, 4))
{%- endmacro %}

{#- Units at a price, exactly. A product of two decimals of 18 digits would be one of 18 digits. -#}
{% macro units_at(units, unit_price) -%}
    cast({{ units }} as decimal(19, 3)) * {{ unit_price }}
{%- endmacro %}

{#- What the first so many units of a line are worth: all of its amount for all of them; at its price where the amount is
    just that; else a share in whole pennies. So the units between two numbers are worth the difference, the last the rest. -#}
{% macro worth_of_units(units, quantity, unit_price, amount) -%}
    case
        when {{ units }} >= {{ quantity }} then {{ amount }}
        when {{ units_at(quantity, unit_price) }} = {{ amount }} then cast({{ units_at(units, unit_price) }} as decimal(38, 4))
        else least({{ amount }}, {{ pennies_of(amount, units, quantity) }})
    end
{%- endmacro %}
