with

examples as (

    select * from {{ ref('int_category_of_interest_examples') }}

),

baskets as (

    select * from {{ ref('int_basket_categories') }}

),

spent as (

    select
        examples.is_serving,
        examples.customer_id,
        baskets.category_key,
        sum(baskets.amount) as net_spend
    from examples
    inner join baskets
        on
            examples.customer_id = baskets.customer_id
            and examples.cutoff_date > baskets.happened_on
    group by 1, 2, 3

)

select
    is_serving,
    customer_id,
    category_key,
    cast(net_spend as double) / cast(sum(net_spend) over (partition by is_serving, customer_id) as double)
        as basket_share
from spent
where net_spend > 0
