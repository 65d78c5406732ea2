{#- The one table that cannot be rebuilt: what was assigned when. Each whole build writes the rows of its own as-of date
    again and touches no other date. It stands behind the build gate, so that a red build writes nothing, and a partial
    one (see macros/builds/build_invocation.sql) adds nothing either. -#}
{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['shop', 'as_of_date'],
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with

segments as (

    select * from {{ ref('int_customer_segments') }}
    where split = 'serving'

),

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

),

models as (

    select * from {{ ref('customer_segment_model') }}

),

shops as (

    select * from {{ ref('stg_shop') }}

),

-- the same parameters have the same key, whenever they were fitted
model_keys as (

    select
        coalesce(min(concat_ws(' ', transform, algorithm, k)) filter (where part = 'centroid'), 'rfm_groups') || ' '
        || left(
            md5(
                {{ joined(
                    "concat_ws(':', part, key, axis, cast(value as decimal(38, 8)))", ';',
                    'part asc nulls last, key asc nulls last, axis asc nulls last'
                ) }}
            ), 8
        ) as model_key
    from models

)

select
    shops.shop,
    segments.cutoff_date as as_of_date,
    segments.customer_id,
    segments.segment_key,
    segments.confidence as segment_confidence,
    snapshots.recency_days,
    snapshots.frequency,
    snapshots.monetary,
    model_keys.model_key
from segments
inner join snapshots
    on
        segments.cutoff_date = snapshots.cutoff_date
        and segments.customer_id = snapshots.customer_id
cross join shops
cross join model_keys
where
    (select builds.refusal from {{ source('quality', 'build_invocation') }} as builds) is null
    -- depends_on: {{ ref('build_gate') }}
