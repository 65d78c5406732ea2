{#- Contacted against control, both of one list. All who were to be contacted count as contacted, those too whom the mailing
    tool did not reach: whoever can be reached differs from whoever cannot. Shares: Newcombe's interval for the difference of
    two proportions, method 10 (Statistics in Medicine 17, 1998). Spend: one variance for both sides, since a control group
    of fifty says too little of its own. -#}
{{- config(schema='marts') -}}
{%- set z = 1.959964 -%}
{%- set fewest = 5 -%}

with

contacts as (

    select * from {{ ref('campaign_contacts') }}

),

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

),

-- the horizon of a list begins for all of it with the first contact
spans as (

    select
        contacts.shop,
        contacts.listed_on,
        contacts.campaign,
        contacts.segment_key,
        min(contacts.contacted_on) as contacted_from,
        min(contacts.contacted_on) + {{ var('horizon_days') | int }} as outcome_until,
        min(contacts.contacted_on) + {{ var('horizon_days') | int }} <= max(as_of.as_of_date) as is_over
    from contacts
    cross join as_of
    group by 1, 2, 3, 4

),

-- where the file of today begins later, nobody knows who ordered
file_days as (

    select min(happened_on) as first_day from customer_days

),

members as (

    select
        contacts.*,
        spans.contacted_from,
        spans.outcome_until,
        coalesce(spans.is_over, false) as is_over,
        coalesce(file_days.first_day <= spans.contacted_from, false) as is_covered
    from contacts
    inner join spans
        on
            contacts.shop = spans.shop
            and contacts.listed_on = spans.listed_on
            and contacts.campaign = spans.campaign
            and contacts.segment_key = spans.segment_key
    cross join file_days

),

bought as (

    select
        members.listed_on,
        members.campaign,
        members.customer_id,
        sum(customer_days.orders) as orders,
        sum(customer_days.gross_amount) as amount
    from members
    inner join customer_days
        on
            members.customer_id = customer_days.customer_id
            and members.contacted_from <= customer_days.happened_on
            and members.outcome_until > customer_days.happened_on
    where members.is_over
    group by 1, 2, 3

),

-- of what was bought within the horizon, what came back within it
taken_back as (

    select
        members.listed_on,
        members.campaign,
        members.customer_id,
        sum(return_matches.amount) as amount
    from members
    inner join return_matches
        on
            members.customer_id = return_matches.customer_id
            and members.contacted_from <= return_matches.purchased_at
            and members.outcome_until > return_matches.returned_at
    where members.is_over
    group by 1, 2, 3

),

outcomes as (

    select
        members.*,
        members.is_over and members.is_covered as is_known,
        case when coalesce(bought.orders, 0) > 0 then 1 else 0 end as has_ordered,
        cast(coalesce(bought.amount, 0) - coalesce(taken_back.amount, 0) as double) as spend
    from members
    left join bought
        on
            members.listed_on = bought.listed_on
            and members.campaign = bought.campaign
            and members.customer_id = bought.customer_id
    left join taken_back
        on
            members.listed_on = taken_back.listed_on
            and members.campaign = taken_back.campaign
            and members.customer_id = taken_back.customer_id

),

-- each segment of a list, and all segments of it that were contacted
groups as (

    select
        outcomes.*,
        outcomes.segment_key as measured_segment
    from outcomes
    union all
    select
        outcomes.*,
        'all' as measured_segment
    from outcomes
    where outcomes.contacted_from is not null

),

sides as (

    select
        shop,
        listed_on,
        campaign,
        measured_segment as segment_key,
        min(contacted_from) as contacted_from,
        max(outcome_until) as outcome_until,
        min(case when is_over then 1 else 0 end) = 1 as is_over,
        min(case when is_known then 1 else 0 end) = 1 as is_known,
        count(case when not is_control then 1 end) as listed_customers,
        count(case when not is_control then contacted_on end) as contacted_customers,
        count(case when is_control then 1 end) as control_customers,
        count(case when is_control then contacted_on end) as control_contacted,
        avg(case when not is_control then has_ordered end) as p1,
        avg(case when is_control then has_ordered end) as p0,
        avg(has_ordered) as p,
        avg(case when not is_control then spend end) as spend_1,
        avg(case when is_control then spend end) as spend_0,
        var_samp(case when not is_control then spend end) as variance_1,
        var_samp(case when is_control then spend end) as variance_0
    from groups
    group by 1, 2, 3, 4

),

-- Wilson's interval of each share, and the standard error of the difference in spend
errors as (

    select
        *,
        {% for side, n in [(1, 'listed_customers'), (0, 'control_customers')] -%}
        (p{{ side }} + {{ z * z / 2 }} / nullif({{ n }}, 0)) / (1 + {{ z * z }} / nullif({{ n }}, 0)) as middle_{{ side }},
        {{ z }} * sqrt(
            p{{ side }} * (1 - p{{ side }}) / nullif({{ n }}, 0) + {{ z * z / 4 }} / nullif({{ n }} * {{ n }}, 0)
        ) / (1 + {{ z * z }} / nullif({{ n }}, 0)) as reach_{{ side }},
        {% endfor -%}
        1.0 / nullif(listed_customers, 0) + 1.0 / nullif(control_customers, 0) as inverse_n,
        sqrt(
            ((listed_customers - 1) * variance_1 + (control_customers - 1) * variance_0)
            / nullif(listed_customers + control_customers - 2, 0)
            * (1.0 / nullif(listed_customers, 0) + 1.0 / nullif(control_customers, 0))
        ) as spend_error,
        control_customers * p >= {{ fewest }} and control_customers * (1 - p) >= {{ fewest }} as is_enough
    from sides

),

measured as (

    select
        *,
        p1 - p0 as difference,
        p1 - p0 - sqrt(power(p1 - middle_1 + reach_1, 2) + power(middle_0 + reach_0 - p0, 2)) as ci_low,
        p1 - p0 + sqrt(power(middle_1 + reach_1 - p1, 2) + power(p0 - middle_0 + reach_0, 2)) as ci_high
    from errors

)

select
    shop,
    listed_on,
    campaign,
    segment_key,
    contacted_from,
    outcome_until,
    listed_customers,
    contacted_customers,
    control_customers,
    control_contacted,
    case when is_known then {{ figure('p1') }} end as ordered_share,
    case when is_known then {{ figure('p0') }} end as control_ordered_share,
    case when is_known then {{ figure('difference') }} end as difference,
    case when is_known then {{ figure('ci_low') }} end as ci_low,
    case when is_known then {{ figure('ci_high') }} end as ci_high,
    -- seen four times in five, at the share that ordered of both sides
    case when is_known and is_enough then {{ figure('(' ~ z ~ ' + 0.841621) * sqrt(p * (1 - p) * inverse_n)') }} end
        as smallest_difference,
    case when is_known then {{ money_forecast('spend_1') }} end as net_spend_each,
    case when is_known then {{ money_forecast('spend_0') }} end as control_net_spend_each,
    case when is_known then {{ money_forecast('spend_1 - spend_0') }} end as spend_difference,
    case when is_known and is_enough then {{ money_forecast('spend_1 - spend_0 - ' ~ z ~ ' * spend_error') }} end
        as spend_ci_low,
    case when is_known and is_enough then {{ money_forecast('spend_1 - spend_0 + ' ~ z ~ ' * spend_error') }} end
        as spend_ci_high,
    case
        when contacted_from is null then 'no day of contact known'
        when not is_over then 'horizon not over yet'
        when not is_known then 'the file begins later'
        when not coalesce(is_enough, false) then 'too few to tell'
        when ci_low > 0 then 'more ordered'
        when ci_high < 0 then 'fewer ordered'
        else 'no difference seen'
    end as result
from measured
