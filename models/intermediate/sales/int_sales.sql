with

sales as (

    select * from {{ ref('int_product_lines') }}
    where line_class = 'sale'

),

taken_back as (

    select
        purchase_line_id,
        cast(sum(units) as decimal(18, 3)) as units,
        cast(sum(amount) as decimal(38, 4)) as amount
    from {{ ref('int_return_matches') }}
    group by purchase_line_id

)

select
    sales.line_id,
    sales.invoice_no,
    sales.customer_id,
    sales.stock_code,
    sales.country,
    sales.invoiced_at,
    sales.unit_price,
    sales.quantity as units,
    coalesce(taken_back.units, 0) as returned_units,
    sales.amount as gross_amount,
    coalesce(taken_back.amount, 0) as returned_amount,
    sales.amount - coalesce(taken_back.amount, 0) as net_amount
from sales
left join taken_back on sales.line_id = taken_back.purchase_line_id
