with

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

strategies as (

    select * from {{ ref('int_segment_strategies') }}

),

-- where RFM groups stand in, the archetype's own words may not hold: a small shop's best may have ordered twice
rfm_scores as (

    select
        segment_key,
        'By scores of 1 to 5 among this shop''s customers, 5 the best: '
        {%- for score, what in [('r', 'recency'), ('f', 'frequency'), ('m', 'monetary')] %}
        || '{{ what }} ' || min({{ score }}_from)
        || case when max({{ score }}_to) > min({{ score }}_from) then ' to ' || max({{ score }}_to) else '' end
        || {{ "', '" if not loop.last else "' (RFM: '" }}
        {%- endfor %} || {{ joined('rfm_group', ', ', 'rfm_group', distinct=true) }} || ')' as meaning
    from {{ ref('rfm_groups') }}
    group by segment_key

),

profiles as (

    select * from {{ ref('int_segment_profiles') }}

),

interpretations as (

    select * from {{ ref('int_segment_interpretations') }}

)

select
    profiles.segment_key,
    archetypes.segment_name,
    coalesce(case when profiles.segment_source = 'rfm_groups' then rfm_scores.meaning end, archetypes.meaning) as meaning,
    profiles.segment_source,
    profiles.customers,
    profiles.customer_share,
    profiles.revenue,
    profiles.revenue_share,
    profiles.wholesale_share,
    profiles.median_recency_days,
    profiles.median_frequency,
    profiles.median_monetary,
    profiles.median_avg_order_value,
    profiles.mean_confidence,
    profiles.order_again_rate,
    {{ var('horizon_days') | int }} as horizon_days,
    profiles.customers_then,
    interpretations.interpretation,
    strategies.goal as strategy_goal,
    strategies.action as strategy_action,
    strategies.channel as strategy_channel,
    strategies.offer as strategy_offer,
    strategies.timing as strategy_timing,
    replace(strategies.kpi, '{horizon_days}', '{{ var("horizon_days") | int }}') as strategy_kpi,
    strategies.avoid as strategy_avoid,
    strategies.wholesale_action as strategy_wholesale_action,
    strategies.wholesale_channel as strategy_wholesale_channel,
    strategies.wholesale_offer as strategy_wholesale_offer,
    strategies.personal_action as strategy_personal_action,
    strategies.personal_channel as strategy_personal_channel,
    strategies.personal_offer as strategy_personal_offer
from profiles
inner join interpretations on profiles.segment_key = interpretations.segment_key
left join archetypes on profiles.segment_key = archetypes.segment_key
left join strategies on profiles.segment_key = strategies.segment_key
left join rfm_scores on profiles.segment_key = rfm_scores.segment_key
