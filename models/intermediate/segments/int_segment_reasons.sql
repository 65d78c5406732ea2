{#- Why a customer is in its segment and not in the next one: the figure that speaks most for it, beside what is typical
    of both. Facts only: distances are taken after a transform and of all three figures at once, so that one figure
    alone may look nearer to the next segment. -#}
{%- set figures = {
    'recency': (counted('customers.recency_days', 'day') ~ " || ' since the last order'", 'median_recency_days', halves),
    'frequency': (counted('customers.frequency', 'order'), 'median_frequency', halves),
    'monetary': (money_in_words('customers.monetary') ~ " || ' spent'", 'median_monetary', money_in_words),
} -%}

with

segments as (

    select * from {{ ref('int_customer_segments') }}
    where split = 'serving'

),

customers as (

    select * from {{ ref('int_customers') }}

),

scores as (

    select
        scores.customer_id,
        scores.rfm_group,
        scores.rfm_cell
    from {{ ref('int_customer_scores') }} as scores
    inner join {{ ref('int_as_of') }} as as_of on scores.cutoff_date = as_of.as_of_date

),

shops as (

    select * from {{ ref('stg_shop') }}

),

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

profiles as (

    select
        profiles.*,
        archetypes.segment_name
    from {{ ref('int_segment_profiles') }} as profiles
    left join archetypes on profiles.segment_key = archetypes.segment_key

)

select
    segments.customer_id,
    case
        when segments.segment_source = 'rfm_groups'
            then 'RFM group ' || scores.rfm_group || ' (scores ' || scores.rfm_cell || ')'
        {%- for axis, (figure, median, text) in figures.items() %}
        when segments.reason_axis = '{{ axis }}'
            then {{ figure }} || ' (' || own.segment_name || ': typically ' || {{ text('own.' ~ median) }}
                || coalesce('; ' || runner_up.segment_name || ': ' || {{ text('runner_up.' ~ median) }}, '') || ')'
        {%- endfor %}
    end as segment_reason
from segments
cross join shops
inner join customers on segments.customer_id = customers.customer_id
inner join scores on segments.customer_id = scores.customer_id
inner join profiles as own on segments.segment_key = own.segment_key
left join profiles as runner_up on segments.runner_up_segment_key = runner_up.segment_key
