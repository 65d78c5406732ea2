{#- One definition of the segments for each forecast: the centroids fitted at its own cutoff. A later one would let
    customers into the definition who came after. int_customer_clusters scores snapshots by definition, as they
    are (idle_days 0) and as they would be without another order (idle_days = horizon). -#}
with

cutoffs as (

    select * from {{ ref('int_cutoffs') }}
    where is_customer_value

),

-- today's are asked about; earlier ones are trained on where customers are looked at again when their outcome is over
snapshots as (

    select
        snapshots.*,
        cutoffs.split,
        cutoffs.outcome_until
    from {{ ref('int_customer_snapshots') }} as snapshots
    inner join cutoffs on snapshots.cutoff_date = cutoffs.cutoff_date
    where
        {{ is_new_customer('snapshots.tenure_days') }}
        and (cutoffs.split = 'serving' or cutoffs.outcome_until in (select later.cutoff_date from cutoffs as later))

),

training_customers as (

    select * from {{ ref('int_training_customers') }}

),

labels as (

    select
        cutoffs.cutoff_date as definition_date,
        clusters.cutoff_date,
        clusters.customer_id,
        clusters.idle_days,
        clusters.segment_key
    from {{ ref('int_customer_clusters') }} as clusters
    inner join cutoffs on clusters.definition_days = cutoffs.days_before_as_of

)

select
    now_labels.definition_date,
    snapshots.cutoff_date,
    snapshots.customer_id,
    {{ log_features('snapshots', segment_transition_features().split()) | indent(4) }},
    now_labels.segment_key as segment_now,
    idle_labels.segment_key as segment_if_idle,
    later_labels.segment_key as segment_later
from snapshots
inner join labels as now_labels
    on
        snapshots.cutoff_date = now_labels.cutoff_date
        and snapshots.customer_id = now_labels.customer_id
        and now_labels.idle_days = 0
inner join labels as idle_labels
    on
        now_labels.definition_date = idle_labels.definition_date
        and snapshots.cutoff_date = idle_labels.cutoff_date
        and snapshots.customer_id = idle_labels.customer_id
        and idle_labels.idle_days > 0
left join labels as later_labels
    on
        now_labels.definition_date = later_labels.definition_date
        and snapshots.outcome_until = later_labels.cutoff_date
        and snapshots.customer_id = later_labels.customer_id
        and later_labels.idle_days = 0
where
    -- today's are all asked about
    (
        snapshots.split = 'serving'
        or snapshots.customer_id in (select training_customers.customer_id from training_customers)
    )
    and (
        -- a cutoff is asked about with its own definition; earlier ones are trained on once their outcome is known
        snapshots.cutoff_date = now_labels.definition_date
        or snapshots.outcome_until <= now_labels.definition_date
    )
