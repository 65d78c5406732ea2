{#- What stops the build before anything is computed from the lines: shares that no shop has unless its file is read wrong.
    A handful of lines is no share of lines, and one large line in a small file no share of money. -#}
{%- set fewest_lines = 10 -%}
{%- set fewest_lines_for_money = 100 -%}
{%- set examples_shown = 3 -%}

with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

-- what is left out on purpose says nothing about how the file was read
lines as (

    select * from {{ ref('int_invoice_lines_classified') }}
    where line_class not in ('left_out', 'superseded', 'refunded')

),

duplicates as (

    select * from {{ ref('int_duplicate_lines') }}

),

-- a price of zero is no money: free gifts are a warning, not a reason to stop
counted as (

    select
        count(*) as lines,
        count(*) filter (where lines.unit_price <> 0) as lines_with_price,
        sum(abs(lines.amount)) as money,
        count(*) filter (where lines.line_class = 'adjustment' and lines.unit_price = 0) as free_lines,
        count(*) filter (where lines.line_class = 'adjustment' and lines.unit_price <> 0) as adjustments,
        coalesce(sum(abs(lines.amount)) filter (where lines.line_class = 'adjustment'), 0) as adjusted_money,
        count(*) filter (
            where lines.line_class = 'duplicate' and not duplicates.is_repeated_invoice
        ) as single_duplicates,
        count(*) filter (where lines.line_class = 'invalid') as invalids
    from lines
    left join duplicates on lines.line_id = duplicates.line_id

),

shares as (

    select
        counted.*,
        settings.max_adjustment_share,
        settings.max_duplicate_share,
        settings.max_invalid_share,
        counted.adjustments / nullif(cast(counted.lines_with_price as double), 0) as adjustment_share,
        cast(counted.adjusted_money as double) / nullif(cast(counted.money as double), 0) as adjusted_money_share,
        counted.single_duplicates / nullif(cast(counted.lines as double), 0) as duplicate_share,
        counted.invalids / nullif(cast(counted.lines as double), 0) as invalid_share
    from counted
    cross join settings

),

stops as (

    select
        {{ thousands('adjustments') }} || ' of ' || {{ thousands('lines_with_price') }} || ' lines with a price ('
        || {{ percent('adjustment_share') }} || '; ' || {{ percent('adjusted_money_share') }}
        || ' of their money) are adjustments' as what,
        'max_adjustment_share' as setting,
        max_adjustment_share as allowed,
        greatest(adjustment_share, adjusted_money_share) as share
    from shares
    where
        (adjustments >= {{ fewest_lines }} and greatest(adjustment_share, adjusted_money_share) > max_adjustment_share)
        or (lines_with_price >= {{ fewest_lines_for_money }} and adjusted_money_share > max_adjustment_share)
    union all
    select
        {{ thousands('single_duplicates') }} || ' of ' || {{ thousands('lines') }} || ' lines ('
        || {{ percent('duplicate_share') }} || ') equal an earlier line of their invoice: if the file has a line for each'
        || ' unit, set repeated_lines: sum' as what,
        'max_duplicate_share' as setting,
        max_duplicate_share as allowed,
        duplicate_share as share
    from shares
    where single_duplicates >= {{ fewest_lines }} and duplicate_share > max_duplicate_share
    union all
    select
        {{ thousands('invalids') }} || ' of ' || {{ thousands('lines') }} || ' lines (' || {{ percent('invalid_share') }}
        || ') cannot be used' as what,
        'max_invalid_share' as setting,
        max_invalid_share as allowed,
        invalid_share as share
    from shares
    where invalids >= {{ fewest_lines }} and invalid_share > max_invalid_share

),

examples as (

    select *
    from (
        select
            stops.setting,
            lines.line_id,
            row_number() over (partition by stops.setting order by lines.line_id) as example_no
        from lines
        left join duplicates on lines.line_id = duplicates.line_id
        inner join stops
            on
                (
                    stops.setting = 'max_adjustment_share'
                    and lines.line_class = 'adjustment'
                    and lines.unit_price <> 0
                )
                or (
                    stops.setting = 'max_duplicate_share'
                    and lines.line_class = 'duplicate'
                    and not duplicates.is_repeated_invoice
                )
                or (stops.setting = 'max_invalid_share' and lines.line_class = 'invalid')
    ) as numbered
    where example_no <= {{ examples_shown }}

),

places as (

    {{ places_of_lines('examples') | indent(4) }}

),

examples_in_words as (

    select
        examples.setting,
        examples.line_id,
        places.place || ' (invoice ' || coalesce(lines.invoice_no, 'missing')
        || ', code ' || coalesce(lines.stock_code, 'missing')
        || ', quantity ' || coalesce({{ units_in_words('lines.quantity') }}, 'unreadable')
        || ', price ' || coalesce(cast(lines.unit_price as string), 'unreadable') || ': ' || lines.reason
        || ')' as example
    from examples
    inner join places on examples.line_id = places.line_id
    inner join lines on examples.line_id = lines.line_id

),

examples_of_stops as (

    select
        setting,
        {{ joined('example', ', ', 'line_id') }} as examples
    from examples_in_words
    group by setting

),

messages as (

    select
        stops.what || ', more than the ' || {{ percent('stops.allowed') }} || ' of ' || stops.setting || ', such as '
        || examples_of_stops.examples
        || '. Correct the file, or accept it with ' || stops.setting || ': ' || round(stops.share + 0.01, 2) as message
    from stops
    inner join examples_of_stops on stops.setting = examples_of_stops.setting

),

one_message as (

    select {{ joined('message', '; ', 'message') }} as message from messages

)

select
    counted.lines,
    counted.free_lines,
    case
        when one_message.message is not null
            then {{ raise_error("one_message.message || ' (make build VARS=...; dbt build --vars ...)'") }}
        else true
    end as is_accepted
from counted
cross join one_message
