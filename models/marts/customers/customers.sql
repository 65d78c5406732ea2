with

customers as (

    select * from {{ ref('int_customers') }}

),

scores as (

    select scores.*
    from {{ ref('int_customer_scores') }} as scores
    inner join {{ ref('int_as_of') }} as as_of on scores.cutoff_date = as_of.as_of_date

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
    customers.buyer_type,
    customers.tenure_days,
    scores.r_score,
    scores.f_score,
    scores.m_score,
    scores.rfm_cell,
    scores.rfm_group
from customers
inner join scores on customers.customer_id = scores.customer_id
