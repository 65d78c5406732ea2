{#- Invoice date as text -> timestamp, null where unreadable; the order of slash dates is var date_format.
    The door (gift_shop/ingestion/reader.py) judges readability by the same formats; a pytest holds them together. -#}
{% macro parse_invoice_date(column) -%}
    {%- set slash = {'m/d/yyyy': '%m/%d/%Y', 'd/m/yyyy': '%d/%m/%Y'}[var('date_format')] -%}
    try_strptime({{ column }}, [
        '{{ slash }} %H:%M', '{{ slash }} %H:%M:%S',
        '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M', '%Y-%m-%d'
    ])
{%- endmacro %}

{#- Whole calendar days from one date to a later one. -#}
{% macro days_between(from_date, to_date) -%}
    date_diff('day', cast({{ from_date }} as date), cast({{ to_date }} as date))
{%- endmacro %}

{#- Whole calendar months from one date's month to a later one's. -#}
{% macro months_between(from_date, to_date) -%}
    date_diff('month', cast({{ from_date }} as date), cast({{ to_date }} as date))
{%- endmacro %}

{#- First day of the month, as a date. -#}
{% macro month_of(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}

{#- Every first-of-month from one date to another, as column month of a one-column relation. -#}
{% macro month_series(from_date, to_date) -%}
    select cast(unnest(generate_series({{ from_date }}, {{ to_date }}, interval 1 month)) as date) as month
{%- endmacro %}
