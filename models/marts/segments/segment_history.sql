with

segments as (

    select * from {{ ref('int_customer_segments') }}
    where is_month_end

),

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

)

select
    cast(segments.cutoff_date - 1 as date) as month_end,
    segments.customer_id,
    segments.segment_key,
    snapshots.recency_days,
    snapshots.frequency,
    snapshots.monetary,
    segments.has_enough_history
from segments
inner join snapshots
    on
        segments.cutoff_date = snapshots.cutoff_date
        and segments.customer_id = snapshots.customer_id
