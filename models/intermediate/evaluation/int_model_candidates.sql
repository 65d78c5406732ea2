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
baselines (model, candidate) as (

    values
    ('customer_segments', 'rfm_groups'),
    ('customer_segments', 'clusters_k3'),
    ('customer_segments', 'recency_rank'),
    ('customer_segments', 'frequency_rank'),
    ('customer_segments', 'monetary_rank'),
    ('customer_value_order', 'base_rate'),
    ('customer_value_order', 'past_rate'),
    ('customer_value_order', 'frequency_rank'),
    ('customer_value_order', 'monetary_rank'),
    ('customer_value_spend', 'base_rate'),
    ('customer_value_spend', 'past_rate'),
    ('customer_value_spend', 'frequency_rank'),
    ('customer_value_spend', 'monetary_rank'),
    ('category_of_interest', 'most_bought'),
    ('category_of_interest', 'recent_prior'),
    ('category_of_interest', 'first_basket'),
    ('category_of_interest', 'blend'),
    ('segment_transition', 'unchanged_but_older'),
    ('segment_transition', 'todays_segment'),
    ('segment_transition', 'class_shares')

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
