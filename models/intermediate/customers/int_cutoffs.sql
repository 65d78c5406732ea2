{#- The one timeline, in days before the as-of date. A horizon follows each cutoff, and what a choice rests on is over
    when the test period begins: nothing between the validation cutoffs and the test cutoff is either. Every half
    horizon is a customer_value cutoff, so that those a whole one apart can train and test each other. -#}
{%- set horizon = var('horizon_days') | int -%}
{%- set serving, test, validation = 0, horizon, 2 * horizon -%}
{#- days between the three validation cutoffs that clusters are chosen at -#}
{%- set validation_step = 14 -%}
{%- set cluster = [serving, test, validation, validation + validation_step, validation + 2 * validation_step] -%}
{%- set customer_value = [
    serving, test, 3 * horizon // 2, validation, 5 * horizon // 2, 3 * horizon, 7 * horizon // 2
] -%}
{%- set segment_definition = [serving, test, validation] -%}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- cutoffs are exclusive: the month end 2011-05-31 is cutoff 2011-06-01
month_ends as (

    {{ month_series(
        "(select " ~ month_of("first_line_on") ~ " + interval 1 month from as_of)",
        "(select " ~ month_of("as_of_date") ~ " from as_of)"
    ) }}

),

days as (

    select month as cutoff_date from month_ends
    {% for days in (cluster + customer_value + segment_definition) | unique %}
    union
    select as_of_date - {{ days }} from as_of
    {%- endfor %}

),

cutoffs as (

    select
        days.cutoff_date,
        as_of.as_of_date,
        {{ days_between('days.cutoff_date', 'as_of.as_of_date') }} as days_before_as_of,
        {{ days_between('as_of.first_line_on', 'days.cutoff_date') }} as history_days
    from days
    cross join as_of

)

-- days before the file begins stay, with a history below 1: they say how much of it a model would need
select
    cutoff_date,
    days_before_as_of,
    history_days,
    case when days_before_as_of >= {{ horizon }} then cast(cutoff_date + {{ horizon }} as date) end as outcome_until,
    case
        when days_before_as_of = {{ serving }} then 'serving'
        when days_before_as_of = {{ test }} then 'test'
        when days_before_as_of >= {{ validation }} then 'validation'
    end as split,
    extract(day from cutoff_date) = 1 and history_days > 0 as is_month_end,
    days_before_as_of in ({{ cluster | join(', ') }}) as is_cluster,
    days_before_as_of in ({{ customer_value | join(', ') }}) as is_customer_value,
    days_before_as_of in ({{ segment_definition | join(', ') }}) as is_segment_definition
from cutoffs
