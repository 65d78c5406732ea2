with

segments as (

    select * from {{ ref('int_customer_segments') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

outcomes as (

    select * from {{ ref('int_customer_outcomes') }}

),

today as (

    select
        segments.segment_key,
        min(segments.segment_source) as segment_source,
        count(*) as customers,
        cast(sum(customers.monetary) as decimal(38, 4)) as revenue,
        {{ figure("avg(case when customers.buyer_type = 'wholesale' then 1 else 0 end)") }} as wholesale_share,
        median(customers.recency_days) as median_recency_days,
        median(customers.frequency) as median_frequency,
        cast({{ median_amount('customers.monetary') }} as decimal(38, 4)) as median_monetary,
        cast({{ median_amount('customers.avg_order_value') }} as decimal(38, 4)) as median_avg_order_value,
        {{ figure('avg(cast(segments.confidence as decimal(18, 6)))') }} as mean_confidence
    from segments
    inner join customers on segments.customer_id = customers.customer_id
    where segments.split = 'serving'
    group by segments.segment_key

),

-- what its members at the test cutoff did in the horizon after it
then_members as (

    select
        segments.segment_key,
        count(*) as customers_then,
        {{ figure('avg(case when outcomes.orders > 0 then 1 else 0 end)') }} as order_again_rate
    from segments
    inner join outcomes
        on
            segments.cutoff_date = outcomes.cutoff_date
            and segments.customer_id = outcomes.customer_id
    where segments.split = 'test'
    group by segments.segment_key

)

select
    today.segment_key,
    today.segment_source,
    today.customers,
    {{ figure('today.customers / sum(today.customers) over ()') }} as customer_share,
    today.revenue,
    {{ figure('cast(today.revenue as double) / nullif(cast(sum(today.revenue) over () as double), 0)') }} as revenue_share,
    today.wholesale_share,
    today.median_recency_days,
    today.median_frequency,
    today.median_monetary,
    today.median_avg_order_value,
    today.mean_confidence,
    then_members.order_again_rate,
    coalesce(then_members.customers_then, 0) as customers_then
from today
left join then_members on today.segment_key = then_members.segment_key
