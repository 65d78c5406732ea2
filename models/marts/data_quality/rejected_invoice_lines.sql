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
    where
        line_class in (
            select classes.line_class from {{ ref('int_line_classes') }} as classes
            where classes.is_rejected
        )

)

select
    rejected.line_id,
    rejected.line_class,
    rejected.reason,
    raw_lines.source_file,
    {% for field in raw_columns().split(', ') -%}
    raw_lines.{{ field }},
    {% endfor -%}
    raw_lines.raw_text
from rejected
inner join raw_lines on rejected.line_id = raw_lines.line_id
