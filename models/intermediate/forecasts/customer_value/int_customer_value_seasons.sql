{#- What a known customer spent on average in the horizon after each cutoff and in the one before it, and in the same two
    horizons 52 weeks earlier, so that they have the same weekdays. Known is who had ordered before the horizon began. A
    return counts on its own day, so that all is known when a horizon is over. -#}
{%- set horizon = var('horizon_days') | int -%}
{%- set season_ago = season_ago_days() | int -%}

with

cutoffs as (

    select
        cutoff_date,
        outcome_until,
        history_days >= {{ horizon + season_ago }} as has_season
    from {{ ref('int_cutoffs') }}
    where is_customer_value

),

horizons as (

    {%- for name, days in [
        ('horizon_spend', 0), ('before_spend', -horizon), ('season_spend', -season_ago),
        ('before_season_spend', -season_ago - horizon),
    ] %}
    select
        cutoff_date,
        '{{ name }}' as name,
        cutoff_date + {{ days }} as starts_on,
        cutoff_date + {{ days + horizon }} as ends_before
    from cutoffs
    where {{ 'outcome_until is not null' if name == 'horizon_spend' else 'has_season' }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

customer_days as (

    select
        customer_id,
        happened_on,
        gross_amount - returned_amount as spend,
        min(case when orders > 0 then happened_on end) over (partition by customer_id) as first_order_on
    from {{ ref('int_customer_days') }}

),

customers as (

    select
        customer_id,
        min(first_order_on) as first_order_on
    from customer_days
    group by customer_id

),

known as (

    select
        horizons.cutoff_date,
        horizons.name,
        count(*) as customers
    from horizons
    inner join customers on horizons.starts_on > customers.first_order_on
    group by 1, 2

),

spent as (

    select
        horizons.cutoff_date,
        horizons.name,
        sum(customer_days.spend) as spend
    from horizons
    inner join customer_days
        on
            horizons.starts_on <= customer_days.happened_on
            and horizons.ends_before > customer_days.happened_on
            and horizons.starts_on > customer_days.first_order_on
    group by 1, 2

),

each_spent as (

    select
        known.cutoff_date,
        known.name,
        cast(coalesce(spent.spend, 0) as double) / known.customers as spend
    from known
    left join spent
        on
            known.cutoff_date = spent.cutoff_date
            and known.name = spent.name

)

-- null where the horizon is not over or the file does not reach back so far
select
    cutoffs.cutoff_date,
    max(case when each_spent.name = 'horizon_spend' then each_spent.spend end) as horizon_spend,
    max(case when each_spent.name = 'before_spend' then each_spent.spend end) as before_spend,
    max(case when each_spent.name = 'season_spend' then each_spent.spend end) as season_spend,
    max(case when each_spent.name = 'before_season_spend' then each_spent.spend end) as before_season_spend
from cutoffs
left join each_spent on cutoffs.cutoff_date = each_spent.cutoff_date
group by cutoffs.cutoff_date
