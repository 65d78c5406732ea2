{%- set least = var('min_customers_to_choose') | int -%}

with

output as (

    select * from {{ ref('segment_transition_model') }}

),

candidates as (

    {{ model_output('output', 'candidates') | indent(4) }}

),

advantages as (

    {{ paired_advantages('output', 'accuracy') }}

),

-- a classifier must beat the rule by more than one standard error; else the best baseline is used; the rule itself
-- where customers are too few to tell
compared as (

    select
        advantages.*,
        candidates.is_baseline,
        not candidates.is_baseline and advantages.advantage > advantages.standard_error as beats_rule,
        advantages.n >= {{ least }} or candidates.role = 'reference' as may_be_used
    from advantages
    inner join candidates on advantages.candidate = candidates.candidate

),

best as (

    select
        candidate,
        row_number() over (order by beats_rule desc, advantage desc, candidate desc) as place
    from compared
    where may_be_used and (beats_rule or is_baseline)

)

select
    compared.candidate,
    compared.n,
    compared.advantage as accuracy_advantage,
    compared.standard_error,
    compared.is_baseline,
    coalesce(best.place = 1, false) as is_used,
    case when not compared.is_baseline then {{ too_few_to_choose('compared.n', "'rule'") }} end as note
from compared
left join best on compared.candidate = best.candidate
union all
select
    candidate,
    0 as n,
    null as accuracy_advantage,
    null as standard_error,
    is_baseline,
    true as is_used,
    null as note
from candidates
where
    role = 'reference'
    and not exists (select 1 from best)
