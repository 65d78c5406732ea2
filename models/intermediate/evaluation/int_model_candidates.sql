{#- Which candidate of each model the tables use; each model decides in its own choice table. -#}
with

candidates as (

    {{ model_outputs('candidates') | indent(4) }}
    union all
    {{ model_output(ref('product_category_model'), 'candidates') | indent(4) }}

),

segment_choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

value_choice as (

    select * from {{ ref('int_customer_value_choice') }}

),

interest_choice as (

    select * from {{ ref('int_category_of_interest_choice') }}

),

transition_choice as (

    select * from {{ ref('int_segment_transition_choice') }}

),

product_choice as (

    select * from {{ ref('int_product_category_choice') }}

),

used as (

    select
        candidates.model,
        candidates.candidate
    from candidates
    inner join segment_choice
        on candidates.role = case when segment_choice.is_used then 'contender' else 'reference' end
    where candidates.model = 'customer_segments'
    union all
    select
        candidates.model,
        candidates.candidate
    from candidates
    inner join product_choice
        on candidates.role = case when product_choice.is_model_used then 'contender' else 'reference' end
    where candidates.model = 'product_categories'
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
    from transition_choice
    where is_used

)

select
    candidates.model,
    candidates.candidate,
    candidates.role,
    candidates.is_baseline,
    candidates.is_trained,
    used.candidate is not null as is_used
from candidates
left join used
    on
        candidates.model = used.model
        and candidates.candidate = used.candidate
