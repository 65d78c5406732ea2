{#- Why a trained candidate gives way: too few customers at the validation cutoffs to replace `used` (SQL text, its name in
    words); null where they are enough. -#}
{% macro too_few_to_choose(n, used) -%}
{%- set least = var('min_customers_to_choose') | int -%}
case
    when {{ n }} < {{ least }}
        then {{ n }} || ' customers to choose by, {{ least }} are needed: the ' || {{ used }} || ' is used'
end
{%- endmacro %}
