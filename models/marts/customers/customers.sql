with

customers as (

    select * from {{ ref('int_customers') }}

),

scores as (

    select scores.*
    from {{ ref('int_customer_scores') }} as scores
    inner join {{ ref('int_as_of') }} as as_of on scores.cutoff_date = as_of.as_of_date

),

segments as (

    select * from {{ ref('int_customer_segments') }}
    where split = 'serving'

),

previous_segments as (

    select * from {{ ref('int_previous_segments') }}

),

forecasts as (

    select * from {{ ref('int_customer_value') }}

),

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

reasons as (

    select * from {{ ref('int_segment_reasons') }}

),

favourites as (

    select
        customer_id,
        category_key
    from {{ ref('int_customer_category_spend') }}
    where category_rank = 1 and revenue > 0

)

select
    customers.customer_id,
    customers.country,
    customers.first_order_at,
    customers.last_order_at,
    customers.recency_days,
    customers.frequency,
    customers.monetary,
    customers.avg_order_value,
    customers.median_days_between_orders,
    customers.units_bought,
    customers.units_returned,
    customers.return_rate,
    customers.units_per_order,
    customers.units_per_line,
    customers.times_usual_units,
    customers.buyer_type,
    customers.tenure_days,
    scores.r_score,
    scores.f_score,
    scores.m_score,
    scores.rfm_cell,
    scores.rfm_group,
    segments.segment_key,
    archetypes.segment_name,
    segments.confidence as segment_confidence,
    reasons.segment_reason,
    segments.runner_up_segment_key,
    previous_segments.segment_key as previous_segment_key,
    favourites.category_key as favourite_category_key,
    forecasts.order_probability,
    forecasts.expected_spend,
    {{ var('horizon_days') | int }} as horizon_days
from customers
inner join scores on customers.customer_id = scores.customer_id
inner join segments on customers.customer_id = segments.customer_id
left join archetypes on segments.segment_key = archetypes.segment_key
left join reasons on customers.customer_id = reasons.customer_id
left join previous_segments on customers.customer_id = previous_segments.customer_id
left join favourites on customers.customer_id = favourites.customer_id
left join forecasts on customers.customer_id = forecasts.customer_id
