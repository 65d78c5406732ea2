{%- set least = var('min_customers_to_choose') | int -%}

with

advantages as (

    {{ paired_advantages(ref('int_category_of_interest_predictions'), 'blend', 'log_loss') }}

),

-- the blend keeps its place unless something beats it by more than one standard error, on customers enough to tell
candidates as (

    select
        *,
        candidate in ('sharpened_blend', 'logistic_regression', 'half_and_half') as is_rival,
        candidate = 'blend' or (is_rival and n >= {{ least }} and advantage > standard_error) as may_be_used
    from advantages

),

best as (

    select
        candidate,
        row_number() over (order by advantage desc, candidate asc) as place
    from candidates
    where may_be_used

)

-- where nothing could be learnt, today's customers are shown what they bought, and no probability
select
    candidates.candidate,
    candidates.n,
    candidates.advantage as log_loss_advantage,
    candidates.standard_error,
    coalesce(best.place = 1, false) as is_used,
    case when candidates.is_rival then {{ too_few_to_choose('candidates.n', "'blend'") }} end as note
from candidates
left join best on candidates.candidate = best.candidate
union all
select
    'first_basket' as candidate,
    0 as n,
    null as log_loss_advantage,
    null as standard_error,
    true as is_used,
    null as note
where not exists (select 1 from best)
