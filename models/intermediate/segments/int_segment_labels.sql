with

clusters as (

    select * from {{ ref('int_customer_clusters') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}

)

select
    cutoffs.cutoff_date as definition_date,
    clusters.cutoff_date,
    clusters.customer_id,
    clusters.idle_days,
    clusters.segment_key
from clusters
inner join cutoffs on clusters.definition_days = cutoffs.days_before_as_of
