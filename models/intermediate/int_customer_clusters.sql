{#- The model is frozen: the same numbers score every cutoff. segmentation/clusters.py (score) computes the same;
    tests/assert_sql_scores_as_the_library.sql and a pytest hold the two together. -#}
{%- set columns = {'recency': 'recency_days', 'frequency': 'frequency', 'monetary': 'monetary'} -%}

with

features as (

    select
        cutoff_date,
        customer_id,
        {%- for axis, column in columns.items() %}
        greatest(cast({{ column }} as double), 0) as {{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_customer_snapshots') }}

),

model as (

    select * from {{ ref('customer_segment_model') }}

),

space as (

    select
            {%- for axis in columns %}
        max(case when axis = '{{ axis }}' and key = 'lambda' then value end) as {{ axis }}_lambda,
        max(case when axis = '{{ axis }}' and key = 'mean' then value end) as {{ axis }}_mean,
        max(case when axis = '{{ axis }}' and key = 'scale' then value end) as {{ axis }}_scale
        {%- if not loop.last %},{% endif %}
            {%- endfor %}
    from model
    where part = 'transform'

),

centroids as (

    select
        cast(key as integer) as cluster_no,
        {%- for axis in columns %}
        max(case when axis = '{{ axis }}' then value end) as {{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from model
    where part = 'centroid'
    group by 1

),

segments as (

    select
        cast(key as integer) as cluster_no,
        axis as segment_key
    from model
    where part = 'segment'

),

certainty as (

    select value as temperature
    from model
    where part = 'confidence' and key = 't'

),

points as (

    select
        features.cutoff_date,
        features.customer_id,
        {%- for axis, column in columns.items() %}
        ({{ yeo_johnson('features.' ~ axis, 'space.' ~ axis ~ '_lambda') }} - space.{{ axis }}_mean)
        / space.{{ axis }}_scale as {{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from features
    cross join space

),

-- squared distance to each centroid, axis by axis
apart as (

    select
        points.cutoff_date,
        points.customer_id,
        centroids.cluster_no,
        {%- for axis in columns %}
        (points.{{ axis }} - centroids.{{ axis }}) * (points.{{ axis }} - centroids.{{ axis }}) as on_{{ axis }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from points
    cross join centroids

),

ranked as (

    select
        *,
        sqrt(on_recency + on_frequency + on_monetary) as distance,
        row_number() over (
            partition by cutoff_date, customer_id
            order by on_recency + on_frequency + on_monetary, cluster_no
        ) as nearness
    from apart

),

-- the nearest and the second; what speaks for the first is where the second is farther away
two_nearest as (

    select
        cutoff_date,
        customer_id,
        max(case when nearness = 1 then cluster_no end) as cluster_no,
        max(case when nearness = 1 then distance end) as distance,
        max(case when nearness = 2 then cluster_no end) as runner_up_cluster_no,
        max(case when nearness = 2 then distance end) as runner_up_distance,
        {%- for axis in columns %}
        max(case when nearness = 2 then on_{{ axis }} end)
        - max(case when nearness = 1 then on_{{ axis }} end) as {{ axis }}_speaks
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ranked
    where nearness <= 2
    group by 1, 2

)

select
    two_nearest.cutoff_date,
    two_nearest.customer_id,
    two_nearest.cluster_no,
    own.segment_key,
    two_nearest.distance,
    two_nearest.runner_up_cluster_no,
    runner_up.segment_key as runner_up_segment_key,
    two_nearest.runner_up_distance,
    1 - 0.5 * exp((two_nearest.distance - two_nearest.runner_up_distance) / certainty.temperature) as confidence,
    case
        when
            two_nearest.recency_speaks >= two_nearest.frequency_speaks
            and two_nearest.recency_speaks >= two_nearest.monetary_speaks then 'recency'
        when two_nearest.frequency_speaks >= two_nearest.monetary_speaks then 'frequency'
        else 'monetary'
    end as reason_axis
from two_nearest
inner join segments as own on two_nearest.cluster_no = own.cluster_no
inner join segments as runner_up on two_nearest.runner_up_cluster_no = runner_up.cluster_no
cross join certainty
