with

orders as (

    select * from {{ ref('int_orders') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

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

last_countries as (

    select
        customer_id,
        country
    from (
        select
            customer_id,
            country,
            row_number() over (partition by customer_id order by ordered_at desc, invoice_no desc) as newest
        from orders
    ) as ranked
    where newest = 1

),

totals as (

    select
        customer_id,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        count(*) as frequency,
        cast(sum(lines) as bigint) as lines,
        cast(sum(units) as bigint) as units_bought,
        cast(sum(returned_units) as bigint) as units_returned,
        cast(sum(gross_amount) as decimal(38, 4)) as gross_amount,
        cast(sum(net_amount) as decimal(38, 4)) as monetary
    from orders
    group by customer_id

)

select
    totals.customer_id,
    last_countries.country,
    totals.first_order_at,
    totals.last_order_at,
    {{ days_between('totals.last_order_at', 'as_of.as_of_date') }} as recency_days,
    totals.frequency,
    totals.monetary,
    cast(totals.monetary / totals.frequency as decimal(38, 4)) as avg_order_value,
    median_gaps.median_days_between_orders,
    totals.units_bought,
    totals.units_returned,
    totals.units_returned / totals.units_bought as return_rate,
    totals.units_bought / totals.frequency as units_per_order,
    totals.units_bought / totals.lines as units_per_line,
    totals.gross_amount,
    {{ days_between('totals.first_order_at', 'as_of.as_of_date') }} as tenure_days
from totals
cross join as_of
inner join median_gaps on totals.customer_id = median_gaps.customer_id
inner join last_countries on totals.customer_id = last_countries.customer_id
