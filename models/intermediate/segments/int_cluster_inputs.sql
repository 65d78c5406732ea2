with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

),

outcomes as (

    select * from {{ ref('int_customer_outcomes') }}

),

training_customers as (

    select * from {{ ref('int_training_customers') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}
    where is_cluster

)

select
    cutoffs.cutoff_date,
    cutoffs.days_before_as_of,
    snapshots.customer_id,
    snapshots.recency_days,
    snapshots.frequency,
    cast(snapshots.monetary as double) as monetary,
    outcomes.orders,
    cast(outcomes.spend as double) as spend
from snapshots
inner join training_customers on snapshots.customer_id = training_customers.customer_id
inner join cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
left join outcomes
    on
        snapshots.cutoff_date = outcomes.cutoff_date
        and snapshots.customer_id = outcomes.customer_id
