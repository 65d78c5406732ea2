{#- The model is frozen: the same numbers score every cutoff. gift_shop/clustering/segments.py (score) computes the same,
    and test_clusters.py and test_segments.py hold the two together. -#}
{%- set axes = ['recency', 'frequency', 'monetary'] -%}

with

customers as (

    select * from {{ ref('int_cluster_points') }}

),

model as (

    select * from {{ ref('customer_segment_model') }}

),

space as (

    select
        definition_days,
        {%- for axis in axes %}
        max(case when axis = '{{ axis }}' and key = 'lambda' then value end) as {{ axis }}_lambda,
        max(case when axis = '{{ axis }}' and key = 'mean' then value end) as {{ axis }}_mean,
        max(case when axis = '{{ axis }}' and key = 'scale' then value end) as {{ axis }}_scale
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from model
    where part = 'transform'
    group by definition_days

),

centroids as (

    select
        definition_days,
        cast(key as integer) as cluster_no,
        {%- for axis in axes %}
        max(case when axis = '{{ axis }}' then value end) as {{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from model
    where part = 'centroid'
    group by 1, 2

),

segments as (

    select
        definition_days,
        cast(key as integer) as cluster_no,
        axis as segment_key
    from model
    where part = 'segment'

),

certainty as (

    select
        definition_days,
        value as temperature
    from model
    where part = 'confidence' and key = 't'

),

points as (

    select
        customers.definition_days,
        customers.cutoff_date,
        customers.idle_days,
        customers.customer_id,
        {%- for axis in axes %}
        {{ settled(
            '(' ~ yeo_johnson('customers.' ~ axis, 'space.' ~ axis ~ '_lambda') ~ ' - space.' ~ axis ~ '_mean) / space.'
            ~ axis ~ '_scale'
        ) }} as {{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from customers
    inner join space on customers.definition_days = space.definition_days

),

-- squared distance to each centroid, axis by axis
apart as (

    select
        points.definition_days,
        points.cutoff_date,
        points.idle_days,
        points.customer_id,
        centroids.cluster_no,
        {%- for axis in axes %}
        (points.{{ axis }} - centroids.{{ axis }}) * (points.{{ axis }} - centroids.{{ axis }}) as on_{{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from points
    inner join centroids on points.definition_days = centroids.definition_days

),

ranked as (

    select
        *,
        row_number() over (
            partition by definition_days, cutoff_date, idle_days, customer_id
            order by distance, cluster_no
        ) as nearness
    from (
        select
            *,
            {{ settled('sqrt(on_recency + on_frequency + on_monetary)') }} as distance
        from apart
    ) as measured

),

-- the nearest and the second; what speaks for the first is where the second is farther away
two_nearest as (

    select
        definition_days,
        cutoff_date,
        idle_days,
        customer_id,
        max(case when nearness = 1 then cluster_no end) as cluster_no,
        max(case when nearness = 1 then distance end) as distance,
        max(case when nearness = 2 then cluster_no end) as runner_up_cluster_no,
        max(case when nearness = 2 then distance end) as runner_up_distance,
        {%- for axis in axes %}
        {{ settled(
            'max(case when nearness = 2 then on_' ~ axis ~ ' end) - max(case when nearness = 1 then on_' ~ axis ~ ' end)'
        ) }} as {{ axis }}_speaks
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ranked
    where nearness <= 2
    group by 1, 2, 3, 4

)

select
    two_nearest.definition_days,
    two_nearest.cutoff_date,
    two_nearest.idle_days,
    two_nearest.customer_id,
    two_nearest.cluster_no,
    own.segment_key,
    two_nearest.distance,
    runner_up.segment_key as runner_up_segment_key,
    two_nearest.runner_up_distance,
    {{ figure('1 - 0.5 * exp((two_nearest.distance - two_nearest.runner_up_distance) / certainty.temperature)') }}
        as confidence,
    case
        when
            two_nearest.recency_speaks >= two_nearest.frequency_speaks
            and two_nearest.recency_speaks >= two_nearest.monetary_speaks then 'recency'
        when two_nearest.frequency_speaks >= two_nearest.monetary_speaks then 'frequency'
        else 'monetary'
    end as reason_axis
from two_nearest
inner join certainty on two_nearest.definition_days = certainty.definition_days
inner join segments as own
    on
        two_nearest.definition_days = own.definition_days
        and two_nearest.cluster_no = own.cluster_no
inner join segments as runner_up
    on
        two_nearest.definition_days = runner_up.definition_days
        and two_nearest.runner_up_cluster_no = runner_up.cluster_no
