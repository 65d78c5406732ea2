with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

)

select
    lines.line_class,
    lines.reason,
    -- a line without a readable date cannot be placed after the as-of date
    coalesce(lines.invoiced_at < as_of.as_of_date, true) as before_as_of,
    count(*) as lines,
    cast(coalesce(sum(lines.quantity), 0) as bigint) as units,
    cast(coalesce(sum(lines.amount), 0) as decimal(38, 4)) as amount
from lines
cross join as_of
group by
    1, 2, 3
