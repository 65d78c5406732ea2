with

sales as (

    select * from {{ ref('int_sales') }}

),

orders as (

    select * from {{ ref('int_orders') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

-- what the model names, it names from what was bought together, later baskets included: foretelling
-- with it would be foretelling from the future
categories as (

    select * from {{ ref('int_product_categories') }}
    where is_named_by_people

),

-- a purchase adds on its day, a return takes away on its own: the net amount of a basket as known at
-- a cutoff is the sum of what happened before it
events as (

    select
        line_id,
        cast(invoiced_at as date) as happened_on,
        gross_amount as amount
    from sales
    union all
    select
        purchase_line_id as line_id,
        cast(returned_at as date) as happened_on,
        -amount as amount
    from return_matches

)

select
    sales.customer_id,
    sales.invoice_no,
    categories.category_key,
    events.happened_on,
    cast(orders.ordered_at as date) as ordered_on,
    cast(sum(events.amount) as decimal(38, 4)) as amount
from events
inner join sales on events.line_id = sales.line_id
inner join categories on sales.stock_code = categories.stock_code
inner join orders
    on
        sales.customer_id = orders.customer_id
        and sales.invoice_no = orders.invoice_no
group by 1, 2, 3, 4, 5
