{%- set least = var('min_customers_to_choose') | int -%}

with

output as (

    select * from {{ ref('category_of_interest_model') }}

),

candidates as (

    {{ model_output('output', 'candidates') | indent(4) }}

),

reference as (

    select candidate from candidates
    where role = 'reference'

),

advantages as (

    {{ paired_advantages('output', 'log_loss') }}

),

-- the reference keeps its place unless something beats it by more than one standard error, on customers enough to tell
compared as (

    select
        advantages.*,
        candidates.role,
        candidates.role = 'reference'
        or (
            candidates.role = 'contender'
            and advantages.n >= {{ least }}
            and advantages.advantage > advantages.standard_error
        ) as may_be_used
    from advantages
    inner join candidates on advantages.candidate = candidates.candidate

),

best as (

    select
        candidate,
        row_number() over (order by advantage desc, candidate asc) as place
    from compared
    where may_be_used

)

-- where nothing could be trained the fallback is used, and shows no probability
select
    compared.candidate,
    compared.n,
    compared.advantage as log_loss_advantage,
    compared.standard_error,
    coalesce(best.place = 1, false) as is_used,
    case when compared.role = 'contender' then {{ too_few_to_choose('compared.n', 'reference.candidate') }} end as note
from compared
cross join reference
left join best on compared.candidate = best.candidate
union all
select
    candidate,
    0 as n,
    null as log_loss_advantage,
    null as standard_error,
    true as is_used,
    null as note
from candidates
where
    role = 'fallback'
    and not exists (select 1 from best)
