{%- set rival = 'unchanged_but_older' -%}
{%- set learnt = "('logistic_regression', 'random_forest', 'gradient_boosting')" -%}
{%- set least = var('min_customers_to_choose') | int -%}

with

advantages as (

    {{ paired_advantages(ref('int_segment_transition_predictions'), rival, 'accuracy') }}

),

-- a classifier must beat the rule by more than one standard error; else the best baseline is used; the rule itself
-- where customers are too few to tell
candidates as (

    select
        *,
        candidate not in {{ learnt }} as is_baseline,
        not is_baseline and advantage > standard_error as beats_rule,
        n >= {{ least }} or candidate = '{{ rival }}' as may_be_used
    from advantages

),

best as (

    select
        candidate,
        row_number() over (order by beats_rule desc, advantage desc, candidate desc) as place
    from candidates
    where may_be_used and (beats_rule or is_baseline)

)

select
    candidates.candidate,
    candidates.n,
    candidates.advantage as accuracy_advantage,
    candidates.standard_error,
    candidates.is_baseline,
    coalesce(best.place = 1, false) as is_used,
    case when not candidates.is_baseline then {{ too_few_to_choose('candidates.n', "'rule'") }} end as note
from candidates
left join best on candidates.candidate = best.candidate
union all
select
    '{{ rival }}' as candidate,
    0 as n,
    null as accuracy_advantage,
    null as standard_error,
    true as is_baseline,
    true as is_used,
    null as note
where not exists (select 1 from best)
