{%- set as_of_date = date_var('as_of_date') if var('as_of_date') | string | trim else '' -%}
{%- set max_gap = var('max_days_before_last_day') | int -%}

with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}
    where
        line_class in (
            select classes.line_class from {{ ref('int_line_classes') }} as classes
            where classes.dates_the_file
        )

),

days as (

    select
        invoiced_on,
        lag(invoiced_on) over (order by invoiced_on) as day_before,
        lead(invoiced_on) over (order by invoiced_on) is null as is_last
    from (select distinct cast(lines.invoiced_at as date) as invoiced_on from lines) as distinct_days

),

ends as (

    select
        min(invoiced_on) as first_line_on,
        max(invoiced_on) as last_line_on,
        max(day_before) filter (where is_last) as day_before_last
    from days

),

decided as (

    select
        *,
        {% if as_of_date -%}
        cast('{{ as_of_date }}' as date) as as_of_date
        {%- else -%}
        cast(last_line_on + interval 1 day as date) as as_of_date
        {%- endif %}
    from ends

)

-- one typing mistake in a date must not age every customer, so the build stops here
select
    first_line_on,
    last_line_on,
    case
        when last_line_on is null
            then {{ raise_error("'no usable line in the invoices: see quality.rejected_invoice_lines of this build'") }}
        {% if as_of_date -%}
        when as_of_date <= first_line_on
            then {{ raise_error(
                "'var as_of_date ' || as_of_date || ' is not after the first invoice day ' || first_line_on || ': set a later day'"
            ) }}
        {%- else -%}
        when {{ days_between('day_before_last', 'last_line_on') }} > {{ max_gap }}
            then {{ raise_error(
                "'the last invoice day ' || last_line_on || ' stands ' || " ~ days_between('day_before_last', 'last_line_on')
                ~ " || ' days after the one before it: a mistyped date would age every customer. Fix the line, or build with"
                ~ " as_of_date: ' || (day_before_last + 1) || ' to leave it out, as_of_date: ' || as_of_date || ' if it is right"
                ~ " (make build VARS=...; dbt build --vars ...)'"
            ) }}
        {%- endif %}
        else as_of_date
    end as as_of_date
from decided
