{#- A number of things as people say it: 1 order, 2.5 orders, 1,204 orders. -#}
{% macro counted(number, singular, plural=none) -%}
    {{ halves(number) }} || case when {{ number }} = 1 then ' {{ singular }}' else ' {{ plural or singular ~ 's' }}' end
{%- endmacro %}

{#- A whole number with thousands separators, as text. -#}
{% macro thousands(number) -%}
    {{ number_text('round(' ~ number ~ ')', 0) }}
{%- endmacro %}

{#- A number of days or orders as text; the half that a median may end in stays: 1,204, 2.5. -#}
{% macro halves(number) -%}
    regexp_replace({{ number_text(number, 1) }}, '[.]0$', '')
{%- endmacro %}

{#- A whole amount of the shop's money as text, its currency before it; stg_shop is joined as shops: £1,204, 1,204. -#}
{% macro money_in_words(amount) -%}
    coalesce(
        shops.currency || case when lower(shops.currency) <> upper(shops.currency) then ' ' else '' end, ''
    ) || {{ thousands(amount) }}
{%- endmacro %}

{#- A decimal, of units or a price, as text that has its decimals where they say something: 6, 0.25. -#}
{% macro units_in_words(units) -%}
    {{ replace_all('cast(' ~ units ~ ' as string)', '[.]?0+$', '') }}
{%- endmacro %}

{#- An amount as text, its fraction only where it has one: 1,500, 0.05. -#}
{% macro amount_in_words(amount) -%}
    regexp_replace({{ number_text(amount, 2) }}, '[.]00$', '')
{%- endmacro %}

{#- A share 0..1 as text in percent: whole percents, but one decimal below ten; 0% is of nothing only, 100% of
    all only. -#}
{% macro percent(share) -%}
    {%- set percents = '100 * (' ~ share ~ ')' -%}
    case
        when {{ share }} > 0 and {{ share }} < 0.0005 then 'less than 0.1%'
        when {{ share }} >= 0.995 and {{ share }} < 1 then 'more than 99%'
        when {{ share }} > 0 and {{ share }} < 0.0995 then {{ number_text(percents, 1) }} || '%'
        else {{ number_text(percents, 0) }} || '%'
    end
{%- endmacro %}

{#- Members that a group needs before a percentage of it is written. -#}
{% macro group_members() -%}
    20
{%- endmacro %}

{#- The chance of something to come, 0..1, as text in whole percents: never none, never certain. -#}
{% macro chance(probability) -%}
    case
        when {{ probability }} < 0.01 then 'less than 1%'
        when {{ probability }} > 0.99 then 'more than 99%'
        else {{ number_text('100 * (' ~ probability ~ ')', 0) }} || '%'
    end
{%- endmacro %}

{#- A measure and its interval, columns x, x_low and x_high, as text: 0.009 [0.002, 0.016]. -#}
{% macro with_interval(x) -%}
    {{ measure_text(x) }}
    || coalesce(
        replace(replace(' [low, high]', 'low', {{ measure_text(x ~ '_low') }}), 'high', {{ measure_text(x ~ '_high') }}), ''
    )
{%- endmacro %}

{#- A measure without a unit, to three decimals; + 0 makes 0 of -0. -#}
{% macro measure_text(x) -%}
    {{ number_text('round(' ~ x ~ ', 3) + 0', 3) }}
{%- endmacro %}
