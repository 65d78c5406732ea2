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

-- what the model names, it names from what was bought together, later baskets included: a forecast
-- made with it would use the future
categories as (

    select * from {{ ref('int_product_categories') }}
    where is_named_by_people

),

-- a purchase adds on its day, a return takes away on its own: the net amount of a basket as known at
-- a cutoff is the sum of what happened before it
events as (

    select
        customer_id,
        invoice_no,
        stock_code,
        cast(invoiced_at as date) as happened_on,
        gross_amount as amount
    from sales
    union all
    select
        sales.customer_id,
        sales.invoice_no,
        sales.stock_code,
        cast(return_matches.returned_at as date) as happened_on,
        -return_matches.amount as amount
    from return_matches
    inner join sales on return_matches.purchase_line_id = sales.line_id

),

-- summed before it meets its order: half the rows or fewer
baskets as (

    select
        events.customer_id,
        events.invoice_no,
        categories.category_key,
        events.happened_on,
        cast(sum(events.amount) as decimal(38, 4)) as amount
    from events
    inner join categories on events.stock_code = categories.stock_code
    group by 1, 2, 3, 4

)

select
    baskets.customer_id,
    baskets.invoice_no,
    baskets.category_key,
    baskets.happened_on,
    cast(orders.ordered_at as date) as ordered_on,
    baskets.amount
from baskets
inner join orders
    on
        baskets.customer_id = orders.customer_id
        and baskets.invoice_no = orders.invoice_no
