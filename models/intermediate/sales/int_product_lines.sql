{{ config(materialized='view') }}

with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}
    where line_class in ('sale', 'return', 'anonymous_sale', 'anonymous_return')

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select lines.*
from lines
inner join as_of on lines.invoiced_at < as_of.as_of_date
