with

spend as (

    select
        segments.segment_key,
        category_spend.category_key,
        sum(category_spend.revenue) as revenue
    from {{ ref('int_customer_category_spend') }} as category_spend
    inner join {{ ref('int_customer_segments') }} as segments on category_spend.customer_id = segments.customer_id
    where segments.split = 'serving'
    group by 1, 2

),

shares as (

    select
        segment_key,
        category_key,
        revenue,
        cast(revenue as double)
        / nullif(cast(sum(revenue) over (partition by segment_key) as double), 0) as revenue_share,
        cast(sum(revenue) over (partition by category_key) as double)
        / nullif(cast(sum(revenue) over () as double), 0) as overall_share
    from spend

)

select
    segment_key,
    category_key,
    cast(revenue as decimal(38, 4)) as revenue,
    {{ figure('revenue_share') }} as revenue_share,
    {{ figure('overall_share') }} as overall_share,
    {{ figure('revenue_share / nullif(overall_share, 0)') }} as affinity
from shares
