with

customers as (

    select * from {{ ref('int_customers') }}

),

scored as (

    select
        customer_id,
        -- a long time since the last order is the worse end
        {{ score_1_to_5('recency_days', 'desc') }} as r_score,
        {{ score_1_to_5('frequency', 'asc') }} as f_score,
        {{ score_1_to_5('monetary', 'asc') }} as m_score
    from customers

)

select
    customer_id,
    r_score,
    f_score,
    m_score,
    concat(r_score, f_score, m_score) as rfm_cell
from scored
