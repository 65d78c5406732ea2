{#- An error of this many standard errors is one in twenty. -#}
{%- set errors = 1.96 -%}
{%- set figures = {'clusters': 'clusters_auc', 'rfm_groups': 'rfm_groups_auc', 'difference': 'auc_difference'} -%}

with

grid as (

    select * from {{ ref('customer_segment_grid') }}

),

choice as (

    select
        transform,
        algorithm,
        cast(k as integer) as k,
        nullif(note, '') as note
    from grid
    where part = 'choice'

),

chosen as (

    select
        silhouette,
        stability_ari
    from grid
    where part = 'candidate' and is_chosen = 1

),

intervals as (

    select
        candidate,
        customers,
        future_order_auc as value,
        {{ figure('future_order_auc - ' ~ errors ~ ' * future_order_auc_se') }} as low,
        {{ figure('future_order_auc + ' ~ errors ~ ' * future_order_auc_se') }} as high
    from grid
    where part = 'comparison'

),

compared as (

    select
        cast(max(customers) as bigint) as customers,
        {%- for candidate, column in figures.items() %}
        max(case when candidate = '{{ candidate }}' then value end) as {{ column }},
        max(case when candidate = '{{ candidate }}' then low end) as {{ column }}_low,
        max(case when candidate = '{{ candidate }}' then high end) as {{ column }}_high
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from intervals

),

judged as (

    select
        *,
        -- an interval that holds .5 is of clusters that tell nobody apart
        coalesce(clusters_auc_low > 0.5, false) as tell_who_orders_again,
        coalesce(auc_difference_high < 0, false) as are_worse
    from compared

)

select
    choice.transform,
    choice.algorithm,
    choice.k,
    chosen.silhouette,
    chosen.stability_ari,
    judged.customers,
    {%- for column in figures.values() %}
    judged.{{ column }},
    judged.{{ column }}_low,
    judged.{{ column }}_high,
    {%- endfor %}
    choice.k is not null and judged.tell_who_orders_again and not judged.are_worse as is_used,
    -- known to be blind; where no clusters were compared nothing is known
    choice.k is not null and not judged.tell_who_orders_again as is_blind,
    case
        when choice.k is null then choice.note
        when judged.clusters_auc is null
            then 'at the cutoffs that clusters are compared at all customers ordered again or none did: nothing to tell'
                || ' clusters and RFM groups apart by'
        else
            case
                when not judged.tell_who_orders_again then 'the clusters do not tell who orders again'
                when judged.are_worse then 'the clusters tell who orders again worse than the named RFM groups'
                when judged.auc_difference_low > 0 then 'the clusters tell who orders again better than the named RFM groups'
                else 'the clusters tell who orders again about as well as the named RFM groups'
            end
            || ' (AUC ' || {{ with_interval('judged.clusters_auc') }}
            || ' against ' || {{ with_interval('judged.rfm_groups_auc') }}
            || ', difference ' || {{ with_interval('judged.auc_difference') }} || ')'
    end as note
from choice
cross join judged
left join chosen on true
