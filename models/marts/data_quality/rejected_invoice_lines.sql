with

raw_lines as (

    select * from {{ ref('raw_invoice_lines') }}

),

rejected as (

    select
        line_id,
        line_class,
        reason
    from {{ ref('int_invoice_lines_classified') }}
    where line_class in (select classes.line_class from {{ ref('int_line_classes') }} as classes where classes.is_rejected)

)

select
    rejected.line_id,
    rejected.line_class,
    rejected.reason,
    raw_lines.source_file,
    raw_lines.invoice_no,
    raw_lines.stock_code,
    raw_lines.description,
    raw_lines.quantity,
    raw_lines.invoice_date,
    raw_lines.unit_price,
    raw_lines.customer_id,
    raw_lines.country,
    raw_lines.raw_text
from rejected
inner join raw_lines on rejected.line_id = raw_lines.line_id
