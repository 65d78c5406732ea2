{#- What today's forecasts of new customers are worked out from: gift_shop/forecasting/predict.py reads these rows alone and
    gives one more customer the figures that a build would. -#}
with

candidates as (

    select * from {{ ref('int_model_candidates') }}

),

-- the clusters that are served
clusters as (

    select * from {{ ref('customer_segment_model') }}
    where definition_days = 0 and part in ('transform', 'centroid')

),

parameters as (

    {{ model_output(ref('category_of_interest_model'), 'parameters') | indent(4) }}
    union all
    {{ model_output(ref('segment_transition_model'), 'parameters') | indent(4) }}
    union all
    select
        candidates.model,
        candidates.candidate,
        case when clusters.part = 'centroid' then 'centroid' else clusters.key end as parameter,
        case when clusters.part = 'centroid' then clusters.key else 'all' end as class_key,
        clusters.axis as feature,
        clusters.value
    from clusters
    inner join candidates
        on
            candidates.model = 'customer_segments'
            and candidates.role = 'contender'

),

-- what the sentences say
facts as (

    select
        'category_of_interest' as model,
        'revenue_share' as parameter,
        category_key as class_key,
        revenue_share as value
    from {{ ref('int_recent_category_shares') }}
    where revenue_share is not null
    union all
    select
        'category_of_interest' as model,
        'prior_days' as parameter,
        'all' as class_key,
        cast({{ var('prior_days') | int }} as double) as value
    union all
    select
        'segment_transition' as model,
        'horizon_days' as parameter,
        'all' as class_key,
        cast({{ var('horizon_days') | int }} as double) as value

)

select
    parameters.model,
    parameters.candidate,
    parameters.parameter,
    parameters.class_key,
    parameters.feature,
    parameters.value,
    candidates.is_used
from parameters
inner join candidates
    on
        parameters.model = candidates.model
        and parameters.candidate = candidates.candidate
union all
select
    model,
    'all' as candidate,
    parameter,
    class_key,
    'all' as feature,
    value,
    true as is_used
from facts
