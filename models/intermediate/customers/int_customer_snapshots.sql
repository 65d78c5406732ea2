with

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}

),

known_then as (

    select
        cutoffs.cutoff_date,
        customer_days.customer_id,
        min(customer_days.happened_on) filter (where customer_days.orders > 0) as first_order_on,
        max(customer_days.happened_on) filter (where customer_days.orders > 0) as last_order_on,
        count(*) filter (where customer_days.orders > 0) as order_days,
        cast(sum(customer_days.orders) as bigint) as frequency,
        cast(sum(customer_days.lines) as bigint) as lines,
        cast(sum(customer_days.units) as decimal(18, 3)) as units_bought,
        cast(sum(customer_days.returned_units) as decimal(18, 3)) as units_returned,
        cast(sum(customer_days.gross_amount - customer_days.returned_amount) as decimal(38, 4)) as monetary
    from customer_days
    inner join cutoffs on customer_days.happened_on < cutoffs.cutoff_date
    group by 1, 2

)

select
    cutoff_date,
    customer_id,
    order_days,
    frequency,
    lines,
    units_bought,
    units_returned,
    monetary,
    {{ days_between('last_order_on', 'cutoff_date') }} as recency_days,
    {{ days_between('first_order_on', 'cutoff_date') }} as tenure_days,
    {{ amount_each('monetary', 'frequency') }} as avg_order_value,
    case
        when order_days > 1 then {{ days_between('first_order_on', 'last_order_on') }} / (order_days - 1)
    end as mean_days_between_orders
from known_then
