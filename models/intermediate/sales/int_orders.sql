with

sales as (

    select * from {{ ref('int_sales') }}

)

select
    customer_id,
    invoice_no,
    min(invoiced_at) as ordered_at,
    min_by(country, case when country is not null then (invoiced_at, line_id) end) as country,
    count(*) as lines,
    cast(sum(units) as decimal(18, 3)) as units,
    cast(sum(returned_units) as decimal(18, 3)) as returned_units,
    cast(sum(gross_amount) as decimal(38, 4)) as gross_amount,
    cast(sum(returned_amount) as decimal(38, 4)) as returned_amount,
    cast(sum(net_amount) as decimal(38, 4)) as net_amount
from sales
group by
    customer_id,
    invoice_no
