-- Every customer known at a cutoff whose horizon is over has an outcome there, and nobody else: one that is missing would be
-- read as "did not order".
with

snapshots as (

    select
        snapshots.cutoff_date,
        snapshots.customer_id
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join {{ ref('int_cutoffs') }} as cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
    where cutoffs.outcome_until is not null

),

wrong as (

    select
        coalesce(snapshots.cutoff_date, outcomes.cutoff_date) as cutoff_date,
        coalesce(snapshots.customer_id, outcomes.customer_id) as customer_id,
        outcomes.customer_id is not null as has_outcome
    from snapshots
    full outer join {{ ref('int_customer_outcomes') }} as outcomes
        on
            snapshots.cutoff_date = outcomes.cutoff_date
            and snapshots.customer_id = outcomes.customer_id
    where snapshots.customer_id is null or outcomes.customer_id is null

)

{{ none_in('wrong') }}
