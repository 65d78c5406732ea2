with

snapshots as (

    select
        *,
        -- who ordered on one day only has no gap yet: the time since then is the least it can be
        coalesce(mean_days_between_orders, tenure_days) as gap_days
    from {{ ref('int_customer_snapshots') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}
    where is_customer_value

),

outcomes as (

    select * from {{ ref('int_customer_outcomes') }}

)

select
    snapshots.cutoff_date,
    cutoffs.split,
    cutoffs.history_days,
    snapshots.customer_id,
    snapshots.frequency,
    snapshots.tenure_days,
    cast(snapshots.monetary as double) as monetary,
    {{ log_features('snapshots', [
        'log_recency', 'log_frequency', 'log_monetary', 'log_tenure', 'log_avg_order_value', 'log_gap'
    ]) | indent(4) }},
    {{ log1p('snapshots.recency_days / greatest(snapshots.gap_days, 1)') }} as log_recency_per_gap,
    cast(case when snapshots.order_days = 1 then 1 else 0 end as double) as is_one_order_day,
    outcomes.orders,
    cast(outcomes.spend as double) as spend
from snapshots
inner join cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
left join outcomes
    on
        snapshots.cutoff_date = outcomes.cutoff_date
        and snapshots.customer_id = outcomes.customer_id
