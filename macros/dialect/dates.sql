{#- Invoice date as text -> timestamp, null where unreadable; date_format is a column with the order of slash dates.
    The reader (gift_shop/ingestion/reader.py) judges readability by the same formats; a pytest holds them together. -#}
{% macro parse_invoice_date(column, date_format) -%}
    {{ return(adapter.dispatch('parse_invoice_date', 'gift_shop')(column, date_format)) }}
{%- endmacro %}

{% macro duckdb__parse_invoice_date(column, date_format) -%}
    case
        {%- for order, slash in {'m/d/yyyy': '%m/%d/%Y', 'd/m/yyyy': '%d/%m/%Y'}.items() %}
        when {{ date_format }} = '{{ order }}'
            then try_strptime({{ column }}, [
                '{{ slash }} %H:%M', '{{ slash }} %H:%M:%S',
                '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M', '%Y-%m-%d'
            ])
        {%- endfor %}
    end
{%- endmacro %}

{% macro spark__parse_invoice_date(column, date_format) -%}
    case
        when {{ column }} like '%/%'
            then case {{ date_format }}
                {%- for order, slash in {'m/d/yyyy': 'M/d/yyyy', 'd/m/yyyy': 'd/M/yyyy'}.items() %}
                when '{{ order }}' then try_to_timestamp({{ column }}, '{{ slash }} H:m[:s]')
                {%- endfor %}
            end
        when {{ date_format }} in ('m/d/yyyy', 'd/m/yyyy')
            then try_to_timestamp({{ column }}, 'yyyy-M-d[[ ][''T'']H:m[:s]]')
    end
{%- endmacro %}

{#- Whole calendar days from one date to a later one. -#}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'gift_shop')(from_date, to_date)) }}
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    date_diff('day', cast({{ from_date }} as date), cast({{ to_date }} as date))
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    datediff(cast({{ to_date }} as date), cast({{ from_date }} as date))
{%- endmacro %}

{#- Whole calendar months from one date's month to a later one's. -#}
{% macro months_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('months_between', 'gift_shop')(from_date, to_date)) }}
{%- endmacro %}

{% macro duckdb__months_between(from_date, to_date) -%}
    date_diff('month', cast({{ from_date }} as date), cast({{ to_date }} as date))
{%- endmacro %}

{% macro spark__months_between(from_date, to_date) -%}
    (
        12 * (year(cast({{ to_date }} as date)) - year(cast({{ from_date }} as date)))
        + month(cast({{ to_date }} as date)) - month(cast({{ from_date }} as date))
    )
{%- endmacro %}

{#- Every first-of-month from one date to another, as column month of a one-column relation. -#}
{% macro month_series(from_date, to_date) -%}
    {{ return(adapter.dispatch('month_series', 'gift_shop')(from_date, to_date)) }}
{%- endmacro %}

{% macro duckdb__month_series(from_date, to_date) -%}
    select cast(unnest(generate_series({{ from_date }}, {{ to_date }}, interval 1 month)) as date) as month
{%- endmacro %}

{% macro spark__month_series(from_date, to_date) -%}
    select month
    from (select {{ from_date }} as from_date, {{ to_date }} as to_date) as ends
    lateral view explode(
        case when from_date <= to_date then sequence(from_date, to_date, interval 1 month) end
    ) months as month
{%- endmacro %}

{#- Weekday of a date by ISO 8601, 1 Monday to 7 Sunday. -#}
{% macro weekday_no(column) -%}
    {{ return(adapter.dispatch('weekday_no', 'gift_shop')(column)) }}
{%- endmacro %}

{% macro duckdb__weekday_no(column) -%}
    cast(extract(isodow from {{ column }}) as integer)
{%- endmacro %}

{% macro spark__weekday_no(column) -%}
    cast(extract(dow_iso from {{ column }}) as integer)
{%- endmacro %}

{#- A date as people name its month: November 2011. -#}
{% macro month_in_words(column) -%}
    {{ return(adapter.dispatch('month_in_words', 'gift_shop')(column)) }}
{%- endmacro %}

{% macro duckdb__month_in_words(column) -%}
    strftime({{ column }}, '%B %Y')
{%- endmacro %}

{% macro spark__month_in_words(column) -%}
    date_format({{ column }}, 'MMMM yyyy')
{%- endmacro %}

{#- A date as people write it: 3 November 2011; without its year: 3 November. -#}
{% macro day_in_words(column, with_year=true) -%}
    {{ return(adapter.dispatch('day_in_words', 'gift_shop')(column, with_year)) }}
{%- endmacro %}

{% macro duckdb__day_in_words(column, with_year=true) -%}
    strftime({{ column }}, '%-d %B{{ " %Y" if with_year else "" }}')
{%- endmacro %}

{% macro spark__day_in_words(column, with_year=true) -%}
    date_format({{ column }}, 'd MMMM{{ " yyyy" if with_year else "" }}')
{%- endmacro %}

{#- A date so many years later; 29 February becomes the 28th where the year has none. -#}
{% macro years_later(column, years) -%}
    {{ return(adapter.dispatch('years_later', 'gift_shop')(column, years)) }}
{%- endmacro %}

{% macro duckdb__years_later(column, years) -%}
    cast({{ column }} + to_years(cast({{ years }} as integer)) as date)
{%- endmacro %}

{% macro spark__years_later(column, years) -%}
    cast(add_months({{ column }}, 12 * cast({{ years }} as integer)) as date)
{%- endmacro %}
