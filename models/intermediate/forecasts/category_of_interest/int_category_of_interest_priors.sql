with

baskets as (

    select * from {{ ref('int_basket_categories') }}

),

-- the day itself is left out: a customer's forecast is not to be made from the rest of their own day
days as (

    select case when is_serving then cutoff_date else first_order_on end as prior_date
    from {{ ref('int_category_of_interest_examples') }}
    union
    select as_of_date as prior_date from {{ ref('int_as_of') }}

),

daily as (

    select
        category_key,
        ordered_on,
        happened_on,
        sum(amount) as amount
    from baskets
    group by 1, 2, 3

),

spent as (

    select
        days.prior_date,
        daily.category_key,
        sum(daily.amount) as net_spend,
        coalesce(
            sum(daily.amount) filter (where daily.ordered_on >= days.prior_date - {{ var('prior_days') | int }}), 0
        ) as recent_net_spend
    from daily
    inner join days on daily.happened_on < days.prior_date
    group by 1, 2

)

select
    prior_date,
    category_key,
    cast(greatest(net_spend, 0) as double) as net_spend,
    cast(greatest(recent_net_spend, 0) as double) as recent_net_spend
from spent
