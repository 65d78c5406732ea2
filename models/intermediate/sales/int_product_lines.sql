{{ config(materialized='view') }}

with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}
    where
        line_class in (
            select classes.line_class from {{ ref('int_line_classes') }} as classes
            where classes.is_product_line
        )

),

adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- what a sale's own line says was refunded is a return line of its own
with_refunds as (

    select
        lines.line_id,
        lines.line_class,
        lines.invoice_no,
        lines.stock_code,
        lines.description,
        lines.category,
        lines.customer_id,
        lines.country,
        lines.invoiced_at,
        lines.quantity,
        lines.unit_price,
        lines.amount - coalesce(adjustments.discount_amount, 0) as amount
    from lines
    left join adjustments on lines.line_id = adjustments.line_id
    union all
    select
        -lines.line_id,
        case lines.line_class when 'sale' then 'return' else 'anonymous_return' end as line_class,
        lines.invoice_no,
        lines.stock_code,
        null as description,
        lines.category,
        lines.customer_id,
        lines.country,
        adjustments.refunded_at as invoiced_at,
        -adjustments.refunded_units as quantity,
        null as unit_price,
        -adjustments.refunded_amount as amount
    from adjustments
    inner join lines on adjustments.line_id = lines.line_id
    where adjustments.refunded_amount <> 0 or adjustments.refunded_units <> 0

)

select with_refunds.*
from with_refunds
inner join as_of on with_refunds.invoiced_at < as_of.as_of_date
