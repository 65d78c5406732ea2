{#- Who stood on which list: like segment_log, it cannot be rebuilt, and a whole build writes the rows of its own as-of date
    again and touches no other date. -#}
{{ config(
    schema='quality',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['shop', 'listed_on'],
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with

actions as (

    select * from {{ ref('customer_actions') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of') }}

),

shops as (

    select * from {{ ref('stg_shop') }}

)

select
    shops.shop,
    as_of.as_of_date as listed_on,
    actions.contact_by as campaign,
    actions.customer_id,
    actions.segment_key,
    actions.is_control
from actions
cross join as_of
cross join shops
where
    actions.is_due
    and (select builds.refusal from {{ source('quality', 'build_invocation') }} as builds) is null
    -- depends_on: {{ ref('build_gate') }}
