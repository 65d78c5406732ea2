with

candidates as (

    select * from {{ ref('int_model_candidates') }}

),

deciles as (

    select * from {{ ref('prediction_intervals') }}
    where part = 'calibration'

)

select
    deciles.model,
    deciles.candidate,
    cast(deciles.decile as integer) as decile,
    deciles.n,
    deciles.predicted,
    deciles.actual,
    deciles.ci_low,
    deciles.ci_high,
    coalesce(candidates.is_used, false) as is_used
from deciles
left join candidates
    on
        deciles.model = candidates.model
        and deciles.candidate = candidates.candidate
