{#- Which candidate of each model the tables use, and which are baselines; each model decides in its own choice table. -#}
with

segment_choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

value_choice as (

    select * from {{ ref('int_customer_value_choice') }}

),

interest_choice as (

    select * from {{ ref('int_category_of_interest_choice') }}

),

new_segment_choice as (

    select * from {{ ref('int_segment_transition_choice') }}

),

used as (

    select
        'customer_segments' as model,
        case when is_used then 'clusters' else 'rfm_groups' end as candidate
    from segment_choice
    union all
    select
        model,
        used_candidate as candidate
    from value_choice
    union all
    select
        'category_of_interest' as model,
        candidate
    from interest_choice
    where is_used
    union all
    select
        'segment_transition' as model,
        candidate
    from new_segment_choice
    where is_used

),

-- whatever is not learnt, or is the plain mixture that learning must beat
baselines as (

    select
        'customer_segments' as model,
        unnest(['rfm_groups', 'clusters_k3', 'recency_rank', 'frequency_rank', 'monetary_rank']) as candidate
    union all
    select
        'customer_value_order' as model,
        unnest(['base_rate', 'past_rate', 'frequency_rank', 'monetary_rank']) as candidate
    union all
    select
        'customer_value_spend' as model,
        unnest(['base_rate', 'past_rate', 'frequency_rank', 'monetary_rank']) as candidate
    union all
    select
        'category_of_interest' as model,
        unnest(['most_bought', 'recent_prior', 'first_basket', 'blend']) as candidate
    union all
    select
        'segment_transition' as model,
        unnest(['unchanged_but_older', 'todays_segment', 'class_shares']) as candidate

)

select
    coalesce(used.model, baselines.model) as model,
    coalesce(used.candidate, baselines.candidate) as candidate,
    used.candidate is not null as is_used,
    baselines.candidate is not null as is_baseline
from used
full outer join baselines
    on
        used.model = baselines.model
        and used.candidate = baselines.candidate
