{#- When each customer is due by the rules of the strategy: on the day of a rule and so many days from it. Of several days
    the one that is open counts, else the next to come, else the last that has passed. -#}
with

customers as (

    select * from {{ ref('int_customers') }}

),

strategies as (

    select * from {{ ref('int_customer_strategies') }}

),

rules as (

    select * from {{ ref('int_due_rules') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

),

-- stands in where a customer has ordered on one day only
usual_gap as (

    select median(median_days_between_orders) as days from customers

),

-- a date of the year, and an anniversary, may be of last year, this or the next
years as (

    {% for years_on in [-1, 0, 1] -%}
    select {{ years_on }} as years_on
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

candidates as (

    select
        customers.customer_id,
        strategies.contact_by,
        as_of.as_of_date,
        cast(customers.last_order_at as date) as ordered_on,
        customers.recency_days,
        customers.frequency,
        customers.median_days_between_orders is not null as has_own_gap,
        coalesce(customers.median_days_between_orders, usual_gap.days) as gap_days,
        rules.due_rule,
        rules.due_number,
        rules.due_date,
        rules.due_in_words,
        rules.due_for_days
    from customers
    inner join strategies on customers.customer_id = strategies.customer_id
    cross join as_of
    cross join usual_gap
    left join rules on strategies.strategy_key = rules.strategy_key
    where strategies.contact_by <> 'none'

),

due_days as (

    select
        *,
        ordered_on + cast(due_number as integer) as due_on
    from candidates
    where due_rule = 'days'
    union all
    select
        *,
        ordered_on + cast(floor(gap_days * due_number) + 1 as integer) as due_on
    from candidates
    where due_rule = 'gaps' and gap_days is not null
    union all
    select
        *,
        ordered_on + 1 as due_on
    from candidates
    where due_rule = 'orders' and frequency - floor(frequency / cast(due_number as integer)) * cast(due_number as integer) = 0
    union all
    select
        candidates.*,
        {{ years_later(
            'candidates.due_date',
            'extract(year from candidates.as_of_date) - 2000 + years.years_on'
        ) }} as due_on
    from candidates
    cross join years
    where candidates.due_rule = 'dates'
    union all
    select
        candidates.*,
        {{ years_later(
            'candidates.ordered_on',
            'extract(year from candidates.as_of_date) - extract(year from candidates.ordered_on) + years.years_on'
        ) }} - cast(candidates.due_number as integer) as due_on
    from candidates
    cross join years
    where candidates.due_rule = 'anniversary'
    union all
    -- a strategy without a rule: at any time
    select
        *,
        ordered_on + 1 as due_on
    from candidates
    where due_rule is null

),

ranked as (

    select
        *,
        due_on <= as_of_date and coalesce(due_on + due_for_days > as_of_date, true) as is_due,
        row_number() over (
            partition by customer_id
            order by
                case
                    when due_on > as_of_date then 2
                    when due_on + due_for_days <= as_of_date then 3
                    else 1
                end,
                abs({{ days_between('as_of_date', 'due_on') }}),
                due_rule,
                due_on
        ) as place
    from due_days
    where due_on > ordered_on

)

select
    strategies.customer_id,
    ranked.due_on,
    coalesce(ranked.is_due, false) as is_due,
    case
        when strategies.contact_by = 'none' then 'Not due: no campaign goes to this segment.'
        when ranked.customer_id is null then 'Not due: no rule of the strategy gives a day.'
        when ranked.due_rule is null then 'Due at any time.'
        else
            case
                when ranked.is_due then 'Due since ' || {{ day_in_words('ranked.due_on') }}
                when ranked.due_on > ranked.as_of_date then 'Not yet due, but from ' || {{ day_in_words('ranked.due_on') }}
                else 'No longer due: that was from ' || {{ day_in_words('ranked.due_on') }}
            end
            || ' for ' || {{ counted('ranked.due_for_days', 'day') }} || ': '
            || case ranked.due_rule
                when 'days' then ranked.due_in_words || ' days after the last order'
                when 'gaps'
                    then
                        ranked.due_in_words || case when ranked.has_own_gap then '' else ' of the shop' end || ' ('
                        || {{ counted('ranked.gap_days', 'day') }} || ') has passed since the last order'
                when 'orders' then 'after order ' || {{ thousands('ranked.frequency') }}
                when 'dates' then 'each year from ' || ranked.due_in_words
                when 'anniversary' then ranked.due_in_words || ' days before the anniversary of the last order'
            end
            || '. Last order ' || {{ counted('ranked.recency_days', 'day') }} || ' ago.'
    end as due_reason
from strategies
left join ranked on strategies.customer_id = ranked.customer_id and ranked.place = 1
