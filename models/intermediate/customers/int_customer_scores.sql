with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

),

rfm_groups as (

    select * from {{ ref('rfm_groups') }}

),

scored as (

    select
        cutoff_date,
        customer_id,
        -- a long time since the last order is the worse end
        {{ score_1_to_5('recency_days', 'desc') }} as r_score,
        {{ score_1_to_5('frequency', 'asc') }} as f_score,
        {{ score_1_to_5('monetary', 'asc') }} as m_score
    from snapshots

)

select
    scored.cutoff_date,
    scored.customer_id,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    concat_ws('', scored.r_score, scored.f_score, scored.m_score) as rfm_cell,
    rfm_groups.rfm_group,
    rfm_groups.segment_key as rfm_group_segment_key
from scored
left join rfm_groups
    on
        scored.r_score between rfm_groups.r_from and rfm_groups.r_to
        and scored.f_score between rfm_groups.f_from and rfm_groups.f_to
        and scored.m_score between rfm_groups.m_from and rfm_groups.m_to
