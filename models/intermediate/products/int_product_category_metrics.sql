with

metrics as (

    select * from {{ ref('product_category_model') }}
    where part = 'metric'

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

)

select
    'product_categories' as model,
    metrics.candidate,
    metrics.metric,
    metrics.value,
    metrics.ci_low,
    metrics.ci_high,
    cast(metrics.n as bigint) as n,
    false as is_recomputable,
    as_of.as_of_date as trained_before,
    cast(null as date) as tested_from,
    cast(null as date) as tested_until,
    coalesce(
        nullif(metrics.note, ''),
        case
            when metrics.metric = 'ami' then 'agreement of unsupervised clusters with the words'' categories'
            else 'one phrase of the seed left out at a time, its products named without it'
        end
    ) as note
from metrics
cross join as_of
