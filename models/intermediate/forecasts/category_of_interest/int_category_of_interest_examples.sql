{#- Walk-forward in blocks: the models learn anew on the first day of each, from what was known before it. Blocks are
    counted back from the as-of date, and a customer's begins no later than the first order. -#}
{%- set block_days = var('category_of_interest_block_days') | int -%}

with

orders as (

    select * from {{ ref('int_orders') }}

),

sales as (

    select * from {{ ref('int_sales') }}

),

baskets as (

    select * from {{ ref('int_basket_categories') }}

),

training_customers as (

    select * from {{ ref('int_training_customers') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

ordered as (

    select
        *,
        cast(min(ordered_at) over (partition by customer_id) as date) as first_order_on
    from orders

),

-- what the models are trained and tested on: the baskets of the first day, seen the day after
first_orders as (

    select
        false as is_serving,
        customer_id,
        cast(first_order_on + 1 as date) as cutoff_date,
        first_order_on,
        invoice_no,
        lines
    from ordered
    where
        cast(ordered_at as date) = first_order_on
        and customer_id in (select training_customers.customer_id from training_customers)

),

-- what they are asked today: all baskets so far of the customers first seen lately
orders_so_far as (

    select
        true as is_serving,
        ordered.customer_id,
        as_of.as_of_date as cutoff_date,
        ordered.first_order_on,
        ordered.invoice_no,
        ordered.lines
    from ordered
    cross join as_of
    where {{ is_new_customer(days_between('ordered.first_order_on', 'as_of.as_of_date')) }}

),

asked as (

    select * from first_orders
    union all
    select * from orders_so_far

),

-- counted for these orders alone: for each order of a large shop it would take longest of all
products as (

    select
        asked.is_serving,
        asked.customer_id,
        asked.invoice_no,
        count(distinct sales.stock_code) as products
    from asked
    inner join sales
        on
            asked.customer_id = sales.customer_id
            and asked.invoice_no = sales.invoice_no
    group by 1, 2, 3

),

examples as (

    select
        asked.is_serving,
        asked.customer_id,
        asked.cutoff_date,
        asked.first_order_on,
        sum(asked.lines) as lines,
        sum(products.products) as products
    from asked
    inner join products
        on
            asked.is_serving = products.is_serving
            and asked.customer_id = products.customer_id
            and asked.invoice_no = products.invoice_no
    group by 1, 2, 3, 4

),

spent as (

    select
        examples.is_serving,
        examples.customer_id,
        sum(baskets.amount) as net_spend
    from examples
    inner join baskets
        on
            examples.customer_id = baskets.customer_id
            and examples.cutoff_date > baskets.happened_on
    group by 1, 2

),

-- customers first seen before this much history may be old ones of a file that begins late
days as (

    select
        as_of_date,
        first_line_on + {{ var('min_history_days_new_customers') | int }} as tested_from
    from as_of

)

select
    examples.is_serving,
    examples.customer_id,
    examples.cutoff_date,
    examples.first_order_on,
    case
        when examples.is_serving then days.as_of_date
        else
            days.as_of_date - {{ block_days }} * cast(
                floor({{ days_between('examples.cutoff_date', 'days.as_of_date') }} / {{ block_days }}) + 1 as integer
            )
    end as trained_before,
    not examples.is_serving and examples.first_order_on >= days.tested_from as is_tested,
    days.tested_from,
    cast(examples.lines as bigint) as lines,
    cast(examples.products as bigint) as products,
    cast(coalesce(spent.net_spend, 0) as decimal(38, 4)) as net_spend
from examples
cross join days
left join spent
    on
        examples.is_serving = spent.is_serving
        and examples.customer_id = spent.customer_id
