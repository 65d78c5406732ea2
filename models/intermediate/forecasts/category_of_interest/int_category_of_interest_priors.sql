{#- The same season is the horizon that began 52 weeks before the day, so that it has the same weekdays. -#}
{%- set season_ago = season_ago_days() | int -%}

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

reached_days as (

    select
        days.prior_date,
        days.prior_date - {{ season_ago }} as season_on,
        days.prior_date - {{ season_ago }} >= as_of.first_line_on as has_season
    from days
    cross join {{ ref('int_as_of') }} as as_of

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
        days.has_season,
        daily.category_key,
        sum(daily.amount) as net_spend,
        coalesce(
            sum(daily.amount) filter (where daily.ordered_on >= days.prior_date - {{ var('prior_days') | int }}), 0
        ) as recent_net_spend,
        coalesce(
            sum(
                case
                    when daily.ordered_on < days.season_on + {{ var('horizon_days') | int }}
                        and daily.ordered_on >= days.season_on
                        then daily.amount
                end
            ), 0
        ) as season_net_spend
    from daily
    inner join reached_days as days on daily.happened_on < days.prior_date
    group by 1, 2, 3

)

select
    prior_date,
    category_key,
    cast(greatest(net_spend, 0) as double) as net_spend,
    cast(greatest(recent_net_spend, 0) as double) as recent_net_spend,
    -- null where the file does not reach back so far
    case when has_season then cast(greatest(season_net_spend, 0) as double) end as season_net_spend
from spent
