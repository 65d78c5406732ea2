with

snapshots as (

    select snapshots.*
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join {{ ref('int_as_of') }} as as_of on snapshots.cutoff_date = as_of.as_of_date

),

orders as (

    select * from {{ ref('int_orders') }}

),

-- beside what is usual of the product: petrol by thousandths of a gallon is no trade
lines as (

    select
        customer_id,
        units / median(units) over (partition by stock_code) as times_usual_units
    from {{ ref('int_sales') }}

),

usual_lines as (

    select
        customer_id,
        median(times_usual_units) as times_usual_units
    from lines
    group by customer_id

),

order_amounts as (

    select
        customer_id,
        sum(gross_amount) as gross_amount
    from orders
    group by customer_id

),

usual_order as (

    select {{ median_amount('gross_amount') }} as gross_amount
    from orders

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
    {{ figure('usual_lines.times_usual_units') }} as times_usual_units,
    -- who buys for a shop of their own: both must hold
    case
        when
            usual_lines.times_usual_units >= {{ var('wholesale_times_usual') }}
            and order_amounts.gross_amount >= usual_order.gross_amount * snapshots.frequency
            then 'wholesale'
        else 'retail'
    end as buyer_type,
    snapshots.tenure_days
from snapshots
inner join last_orders on snapshots.customer_id = last_orders.customer_id
inner join median_gaps on snapshots.customer_id = median_gaps.customer_id
inner join usual_lines on snapshots.customer_id = usual_lines.customer_id
inner join order_amounts on snapshots.customer_id = order_amounts.customer_id
cross join usual_order
