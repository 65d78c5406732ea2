{#- Whether a customer, first seen so many days before a cutoff, counts as new at it. -#}
{% macro is_new_customer(tenure_days) -%}
    {{ tenure_days }} <= {{ var('new_customer_days') | int }}
{%- endmacro %}
