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

as_of as (

    select * from {{ ref('int_as_of') }}

)

select lines.*
from lines
inner join as_of on lines.invoiced_at < as_of.as_of_date
