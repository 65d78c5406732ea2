with

month_ends as (

    select
        cutoff_date,
        customer_id,
        segment_key,
        lag(segment_key) over (partition by customer_id order by cutoff_date) as previous_segment_key
    from {{ ref('int_customer_segments') }}
    where is_month_end and has_enough_history

),

first_month_end as (

    select min(cutoff_date) as cutoff_date from month_ends

),

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

-- who ordered in the month moved by what they did; who did not has only grown older
activity as (

    select
        month_ends.cutoff_date,
        month_ends.customer_id,
        sum(customer_days.orders) as orders,
        sum(customer_days.gross_amount - customer_days.returned_amount) as revenue
    from month_ends
    inner join customer_days
        on
            month_ends.customer_id = customer_days.customer_id
            and month_ends.cutoff_date > customer_days.happened_on
            and month_ends.cutoff_date <= customer_days.happened_on + interval 1 month
    group by 1, 2

)

select
    cast(month_ends.cutoff_date - 1 as date) as month_end,
    coalesce(month_ends.previous_segment_key, 'new') as from_segment_key,
    month_ends.segment_key as to_segment_key,
    count(*) as customers,
    count(*) filter (where activity.orders > 0) as customers_ordered,
    count(*) filter (
        where coalesce(activity.orders, 0) = 0 and month_ends.previous_segment_key <> month_ends.segment_key
    ) as customers_aged,
    cast(coalesce(sum(activity.revenue), 0) as decimal(38, 4)) as revenue
from month_ends
inner join first_month_end on month_ends.cutoff_date > first_month_end.cutoff_date
left join activity
    on
        month_ends.cutoff_date = activity.cutoff_date
        and month_ends.customer_id = activity.customer_id
group by
    1, 2, 3
