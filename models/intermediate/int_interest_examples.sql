with

orders as (

    select * from {{ ref('int_orders') }}

),

baskets as (

    select * from {{ ref('int_basket_categories') }}

),

learning_customers as (

    select * from {{ ref('int_learning_customers') }}

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

-- what the models learn from and are tested on: the baskets of the first day, seen the day after
first_orders as (

    select
        false as is_serving,
        customer_id,
        cast(first_order_on + 1 as date) as cutoff_date,
        first_order_on,
        sum(lines) as lines,
        sum(products) as products
    from ordered
    where
        cast(ordered_at as date) = first_order_on
        and customer_id in (select learning_customers.customer_id from learning_customers)
    group by all

),

-- what they are asked today: all baskets so far of the customers first seen lately
orders_so_far as (

    select
        true as is_serving,
        ordered.customer_id,
        as_of.as_of_date as cutoff_date,
        ordered.first_order_on,
        sum(ordered.lines) as lines,
        sum(ordered.products) as products
    from ordered
    cross join as_of
    where ordered.first_order_on >= as_of.as_of_date - {{ var('new_customer_days') | int }}
    group by all

),

examples as (

    select * from first_orders
    union all
    select * from orders_so_far

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

)

select
    examples.is_serving,
    examples.customer_id,
    examples.cutoff_date,
    examples.first_order_on,
    cast(examples.lines as bigint) as lines,
    cast(examples.products as bigint) as products,
    cast(coalesce(spent.net_spend, 0) as decimal(38, 4)) as net_spend
from examples
left join spent
    on
        examples.is_serving = spent.is_serving
        and examples.customer_id = spent.customer_id
