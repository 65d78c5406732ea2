{#- What a name may claim of customers: that they were here lately, within three of the shop's usual gaps between orders,
    and that they have left, which a short history cannot show. -#}
{%- set gaps_that_are_recent = 3 -%}

with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

),

cutoffs as (

    select * from {{ ref('int_cutoffs') }}
    where is_segment_definition

),

usual_gaps as (

    select
        cutoff_date,
        median(cast(tenure_days - recency_days as double) / (order_days - 1)) as usual_gap_days
    from snapshots
    where order_days > 1
    group by cutoff_date

)

select
    cutoffs.cutoff_date,
    cutoffs.days_before_as_of,
    {{ figure('usual_gaps.usual_gap_days') }} as usual_gap_days,
    -- where nobody has ordered twice there is nothing usual, and nobody is loyal or promising
    {{ figure('coalesce(' ~ gaps_that_are_recent ~ ' * usual_gaps.usual_gap_days, 0)') }} as recent_within_days,
    cutoffs.history_days >= {{ var('min_history_days_segments') | int }} as may_have_lapsed
from cutoffs
left join usual_gaps on cutoffs.cutoff_date = usual_gaps.cutoff_date
