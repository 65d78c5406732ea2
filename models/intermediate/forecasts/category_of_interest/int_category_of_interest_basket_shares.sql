{#- A basket is shared out in two ways: by money, and by the roots of what its lines are worth, so that one dear product
    does not drown several others. -#}
with

examples as (

    select * from {{ ref('int_category_of_interest_examples') }}

),

sales as (

    select * from {{ ref('int_sales') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

-- the forecasts know no category that the model names: see int_basket_categories
categories as (

    select * from {{ ref('int_product_categories') }}
    where is_named_by_people

),

bought as (

    select
        examples.is_serving,
        examples.customer_id,
        examples.cutoff_date,
        categories.category_key,
        sales.line_id,
        sales.gross_amount
    from examples
    inner join sales
        on
            examples.customer_id = sales.customer_id
            and examples.cutoff_date > cast(sales.invoiced_at as date)
    inner join categories on sales.stock_code = categories.stock_code

),

returned as (

    select
        bought.is_serving,
        bought.line_id,
        sum(return_matches.amount) as amount
    from bought
    inner join return_matches
        on
            bought.line_id = return_matches.purchase_line_id
            and bought.cutoff_date > cast(return_matches.returned_at as date)
    group by 1, 2

),

lines as (

    select
        bought.is_serving,
        bought.customer_id,
        bought.category_key,
        bought.gross_amount - coalesce(returned.amount, 0) as amount
    from bought
    left join returned
        on
            bought.is_serving = returned.is_serving
            and bought.line_id = returned.line_id

),

spent as (

    select
        is_serving,
        customer_id,
        category_key,
        sum(amount) as net_spend,
        sum(cast(sqrt(amount) as decimal(38, 8))) as root_spend
    from lines
    where amount > 0
    group by 1, 2, 3

)

select
    is_serving,
    customer_id,
    category_key,
    cast(net_spend as double) / cast(sum(net_spend) over (partition by is_serving, customer_id) as double)
        as basket_share,
    cast(root_spend as double) / cast(sum(root_spend) over (partition by is_serving, customer_id) as double)
        as root_share
from spent
