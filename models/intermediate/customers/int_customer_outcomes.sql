with

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

),

snapshots as (

    select
        snapshots.cutoff_date,
        snapshots.customer_id,
        cutoffs.outcome_until
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join {{ ref('int_cutoffs') }} as cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
    where cutoffs.outcome_until is not null

),

bought as (

    select
        snapshots.cutoff_date,
        snapshots.customer_id,
        sum(customer_days.orders) as orders,
        sum(customer_days.gross_amount) as gross_amount
    from snapshots
    inner join customer_days
        on
            snapshots.customer_id = customer_days.customer_id
            and snapshots.cutoff_date <= customer_days.happened_on
            and snapshots.outcome_until > customer_days.happened_on
    group by 1, 2

),

-- of what was bought within the horizon, what came back within it
taken_back as (

    select
        snapshots.cutoff_date,
        snapshots.customer_id,
        sum(return_matches.amount) as returned_amount
    from snapshots
    inner join return_matches
        on
            snapshots.customer_id = return_matches.customer_id
            and snapshots.cutoff_date <= return_matches.purchased_at
            and snapshots.outcome_until > return_matches.returned_at
    group by 1, 2

)

select
    snapshots.cutoff_date,
    snapshots.customer_id,
    cast(coalesce(bought.orders, 0) as bigint) as orders,
    cast(coalesce(bought.gross_amount, 0) - coalesce(taken_back.returned_amount, 0) as decimal(38, 4)) as spend
from snapshots
left join bought
    on
        snapshots.cutoff_date = bought.cutoff_date
        and snapshots.customer_id = bought.customer_id
left join taken_back
    on
        snapshots.cutoff_date = taken_back.cutoff_date
        and snapshots.customer_id = taken_back.customer_id
