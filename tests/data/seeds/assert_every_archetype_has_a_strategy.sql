with

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

strategies as (

    select * from {{ ref('segment_strategies') }}

),

faults as (

    select
        'segment_strategies' as seed,
        'no row for archetype ' || segment_key || ' of segment_archetypes' as fault
    from archetypes
    where segment_key not in (select strategies.segment_key from strategies)
    union all
    select
        'segment_strategies' as seed,
        'a row for ' || segment_key || ', which segment_archetypes does not have' as fault
    from strategies
    where segment_key not in (select archetypes.segment_key from archetypes)
    union all
    select distinct
        'rfm_groups' as seed,
        'group ' || rfm_group || ' stands for ' || segment_key || ', which segment_archetypes does not have' as fault
    from {{ ref('rfm_groups') }}
    where segment_key not in (select archetypes.segment_key from archetypes)

)

{{ seed_faults() }}
