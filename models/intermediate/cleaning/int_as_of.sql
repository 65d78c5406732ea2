{%- set as_of_date = date_var('as_of_date') if var('as_of_date') | string | trim else '' -%}

with

lines as (

    select
        lines.*,
        classes.dates_the_file
    from {{ ref('int_invoice_lines_classified') }} as lines
    inner join {{ ref('int_line_classes') }} as classes on lines.line_class = classes.line_class

),

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

stops as (

    select * from {{ ref('int_cleaning_stops') }}

),

line_ends as (

    select
        min(cast(invoiced_at as date)) filter (where dates_the_file) as first_line_on,
        max(cast(invoiced_at as date)) filter (where dates_the_file) as last_line_on
    from lines

),

-- a refund soon after the last line is part of the file; one long after it is most likely mistyped
ends as (

    select
        line_ends.first_line_on,
        coalesce(max(cast(adjustments.refunded_at as date)), line_ends.last_line_on) as last_line_on
    from line_ends
    cross join settings
    left join {{ ref('int_line_adjustments') }} as adjustments
        on
            cast(adjustments.refunded_at as date) > line_ends.last_line_on
            and {{ days_between('line_ends.last_line_on', 'cast(adjustments.refunded_at as date)') }} <= settings.max_gap_days
    group by line_ends.first_line_on, line_ends.last_line_on

),

{% if not as_of_date -%}
-- only lines that would set the as-of date matter
isolated as (

    select
        min(days.invoiced_on) as first_on,
        max(days.invoiced_on) as last_on,
        cast(sum(days.lines) as bigint) as lines
    from {{ ref('int_invoice_days') }} as days
    inner join ends on days.invoiced_on <= ends.last_line_on
    where days.is_isolated_late

),

usual as (

    select max(days.invoiced_on) as last_on
    from {{ ref('int_invoice_days') }} as days
    where not days.is_isolated_late

),

first_isolated as (

    select min(lines.line_id) as line_id
    from lines
    inner join isolated on cast(lines.invoiced_at as date) >= isolated.first_on

),

places as (

    {{ places_of_lines('first_isolated') | indent(4) }}

),

too_late as (

    select
        {{ counted('isolated.lines', 'line') }} || ' from ' || isolated.first_on || ' to ' || isolated.last_on
        || ', the first in ' || places.place || ', come ' || {{ days_between('usual.last_on', 'isolated.first_on') }}
        || ' days after all others, which end on ' || usual.last_on || ': a mistyped date would age every customer. Correct'
        || ' the date, or build with as_of_date: ' || (usual.last_on + 1) || ' to leave them out, as_of_date: '
        || (isolated.last_on + 1) || ' if they are right (make build VARS=...; dbt build --vars ...)' as message
    from isolated
    cross join usual
    cross join places

),
{%- endif %}

rejected as (

    select {{ joined("lines || ' ' || reason", ', ', 'lines desc, reason') }} as reasons
    from (
        select
            reason,
            count(*) as lines
        from lines
        where not dates_the_file
        group by reason
    ) as by_reason

),

decided as (

    select
        ends.first_line_on,
        ends.last_line_on,
        rejected.reasons,
        {% if as_of_date -%}
        cast('{{ as_of_date }}' as date) as as_of_date,
        null as too_late
        {%- else -%}
        cast(ends.last_line_on + interval 1 day as date) as as_of_date,
        (select too_late.message from too_late) as too_late
        {%- endif %}
    from ends
    cross join rejected
    cross join stops
    where stops.is_accepted

)

select
    first_line_on,
    last_line_on,
    case
        when last_line_on is null
            then {{ raise_error("'no usable line in the invoices: ' || reasons || '. Correct them.'") }}
        when as_of_date <= first_line_on
            then {{ raise_error(
                "'var as_of_date ' || as_of_date || ' is not after the first invoice day ' || first_line_on || ': set a later day'"
            ) }}
        when too_late is not null then {{ raise_error('too_late') }}
        else as_of_date
    end as as_of_date
from decided
