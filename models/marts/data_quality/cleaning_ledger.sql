with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}

),

adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

),

-- a line and what was refunded of it may stand on two sides of the as-of date
entries as (

    select
        lines.line_class,
        lines.reason,
        lines.invoiced_at as happened_at,
        1 as lines,
        lines.quantity as units,
        lines.amount,
        adjustments.discount_amount,
        0 as refunded_units,
        0 as refunded_amount,
        0 as shipping_refunded_amount
    from lines
    left join adjustments on lines.line_id = adjustments.line_id
    union all
    select
        lines.line_class,
        lines.reason,
        adjustments.refunded_at as happened_at,
        0 as lines,
        0 as units,
        0 as amount,
        0 as discount_amount,
        adjustments.refunded_units,
        adjustments.refunded_amount,
        adjustments.shipping_refunded_amount
    from adjustments
    inner join lines on adjustments.line_id = lines.line_id
    where adjustments.refunded_amount <> 0 or adjustments.shipping_refunded_amount <> 0

),

totals as (

    select
        entries.line_class,
        entries.reason,
        -- a line without a readable date cannot be placed after the as-of date
        coalesce(entries.happened_at < as_of.as_of_date, true) as before_as_of,
        sum(entries.lines) as lines,
        coalesce(sum(entries.units), 0) as units,
        coalesce(sum(entries.amount), 0) as amount,
        coalesce(sum(entries.discount_amount), 0) as discount_amount,
        sum(entries.refunded_units) as refunded_units,
        sum(entries.refunded_amount) as refunded_amount,
        sum(entries.shipping_refunded_amount) as shipping_refunded_amount
    from entries
    cross join as_of
    group by 1, 2, 3

)

select
    line_class,
    reason,
    before_as_of,
    cast(lines as bigint) as lines,
    cast(units as decimal(18, 3)) as units,
    cast(amount as decimal(38, 4)) as amount,
    cast(discount_amount as decimal(38, 4)) as discount_amount,
    cast(refunded_units as decimal(18, 3)) as refunded_units,
    cast(refunded_amount as decimal(38, 4)) as refunded_amount,
    cast(amount - discount_amount - refunded_amount as decimal(38, 4)) as net_amount,
    cast(shipping_refunded_amount as decimal(38, 4)) as shipping_refunded_amount
from totals
