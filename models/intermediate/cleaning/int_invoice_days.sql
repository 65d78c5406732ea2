{#- A gap of more days than the setting that cuts off less than a hundredth of the lines is a typing mistake in their
    dates, at either end of the file; at the end a last day alone is one however many lines it has. -#}
{%- set few = 0.01 -%}

with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

-- a file has far fewer texts of dates than lines
texts as (

    select
        invoice_date,
        date_format,
        count(*) as lines
    from {{ ref('raw_invoice_lines') }}
    where raw_text is null
    group by invoice_date, date_format

),

days as (

    select
        cast({{ parse_invoice_date(clean_text('invoice_date'), 'date_format') }} as date) as invoiced_on,
        cast(sum(lines) as bigint) as lines
    from texts
    group by 1

),

counted as (

    select
        days.invoiced_on,
        days.lines,
        settings.max_gap_days,
        lag(days.invoiced_on) over (order by days.invoiced_on) as day_before,
        lead(days.invoiced_on) over (order by days.invoiced_on) as day_after,
        sum(days.lines) over (order by days.invoiced_on rows unbounded preceding) as lines_so_far,
        sum(days.lines) over () as all_lines
    from days
    cross join settings
    where days.invoiced_on between settings.earliest_date and settings.latest_date

),

ends as (

    select
        max(invoiced_on) filter (
            where {{ days_between('invoiced_on', 'day_after') }} > max_gap_days and lines_so_far < {{ few }} * all_lines
        ) as early_until,
        min(invoiced_on) filter (
            where
            {{ days_between('day_before', 'invoiced_on') }} > max_gap_days
            and (
                all_lines - lines_so_far + lines < {{ few }} * all_lines
                -- unless what stands before it is isolated
                or (day_after is null and lines_so_far - lines >= {{ few }} * all_lines)
            )
        ) as late_from
    from counted

)

select
    counted.invoiced_on,
    counted.lines,
    coalesce(counted.invoiced_on <= ends.early_until, false) as is_isolated_early,
    coalesce(counted.invoiced_on >= ends.late_from, false) as is_isolated_late
from counted
cross join ends
