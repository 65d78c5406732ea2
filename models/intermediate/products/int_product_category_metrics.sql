with

metrics as (

    select * from {{ ref('product_category_model') }}
    where part = 'metric'

),

choice as (

    select * from {{ ref('int_product_category_choice') }}

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
    metrics.candidate = 'words_alone' or metrics.candidate like 'price_bands%' as is_baseline,
    metrics.candidate = case when choice.is_model_used then 'words_then_model' else 'words_alone' end as is_used,
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
cross join choice
cross join as_of
