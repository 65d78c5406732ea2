{#- Which row of the strategies a customer gets, and which of its cells: wholesale buyers and the largest of the others
    have cells of their own, and an old single order is not welcomed as new. -#}
with

customers as (

    select * from {{ ref('int_customers') }}

),

segments as (

    select * from {{ ref('int_customer_segments') }}
    where split = 'serving'

),

strategies as (

    select * from {{ ref('int_segment_strategies') }}

),

treatments as (

    select
        customer_id,
        case
            when buyer_type = 'wholesale' then 'wholesale'
            when
                row_number() over (partition by buyer_type order by monetary desc, customer_id asc)
                <= {{ var('personal_share') }} * count(*) over (partition by buyer_type)
                then 'personal'
            else 'general'
        end as treatment
    from customers

),

chosen as (

    select
        customers.customer_id,
        segments.segment_key,
        treatments.treatment,
        case
            when {{ is_new_customer('customers.tenure_days') }} then segments.segment_key
            else coalesce({{ clean_text('strategies.not_new_key') }}, segments.segment_key)
        end as strategy_key
    from customers
    inner join segments on customers.customer_id = segments.customer_id
    inner join treatments on customers.customer_id = treatments.customer_id
    left join strategies on segments.segment_key = strategies.segment_key

)

select
    chosen.customer_id,
    chosen.segment_key,
    chosen.strategy_key,
    chosen.treatment,
    {%- for cell in ['action', 'channel', 'contact_by', 'offer'] %}
    coalesce(
        case chosen.treatment
            when 'wholesale' then {{ clean_text('strategies.wholesale_' ~ cell) }}
            when 'personal' then {{ clean_text('strategies.personal_' ~ cell) }}
        end,
        strategies.{{ cell }}
    ) as {{ cell }},
    {%- endfor %}
    strategies.timing
from chosen
left join strategies on chosen.strategy_key = strategies.segment_key
