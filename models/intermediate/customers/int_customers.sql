{#- Who buys for a shop of their own; both must hold. -#}
{%- set wholesale_units_per_line = var('wholesale_units_per_line') | int -%}
{%- set wholesale_units_per_order = var('wholesale_units_per_order') | int -%}

with

snapshots as (

    select snapshots.*
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join {{ ref('int_as_of') }} as as_of on snapshots.cutoff_date = as_of.as_of_date

),

orders as (

    select * from {{ ref('int_orders') }}

),

order_days as (

    select distinct
        customer_id,
        cast(ordered_at as date) as ordered_on
    from orders

),

gaps as (

    select
        customer_id,
        {{ days_between('lag(ordered_on) over (partition by customer_id order by ordered_on)', 'ordered_on') }}
            as days_since_previous
    from order_days

),

median_gaps as (

    select
        customer_id,
        median(days_since_previous) as median_days_between_orders
    from gaps
    group by customer_id

),

numbered_orders as (

    select
        customer_id,
        country,
        ordered_at,
        min(ordered_at) over (partition by customer_id) as first_order_at,
        row_number() over (partition by customer_id order by ordered_at desc, invoice_no desc) as newest
    from orders

),

last_orders as (

    select * from numbered_orders
    where newest = 1

)

select
    snapshots.customer_id,
    last_orders.country,
    last_orders.first_order_at,
    last_orders.ordered_at as last_order_at,
    snapshots.recency_days,
    snapshots.frequency,
    snapshots.monetary,
    snapshots.avg_order_value,
    median_gaps.median_days_between_orders,
    snapshots.units_bought,
    snapshots.units_returned,
    {{ figure('snapshots.units_returned / snapshots.units_bought') }} as return_rate,
    {{ figure('snapshots.units_bought / snapshots.frequency') }} as units_per_order,
    {{ figure('snapshots.units_bought / snapshots.lines') }} as units_per_line,
    case
        when
            snapshots.units_bought >= {{ wholesale_units_per_line }} * snapshots.lines
            and snapshots.units_bought >= {{ wholesale_units_per_order }} * snapshots.frequency
            then 'wholesale'
        else 'retail'
    end as buyer_type,
    snapshots.tenure_days
from snapshots
inner join last_orders on snapshots.customer_id = last_orders.customer_id
inner join median_gaps on snapshots.customer_id = median_gaps.customer_id
