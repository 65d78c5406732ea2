with

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

faults as (

    {% for seed in ['segment_strategies', 'segment_strategies_gift_shop'] -%}
    select
        '{{ seed }}' as seed,
        'no row for archetype ' || segment_key || ' of segment_archetypes' as fault
    from archetypes
    where segment_key not in (select strategies.segment_key from {{ ref(seed) }} as strategies)
    union all
    select
        '{{ seed }}' as seed,
        'a row for ' || segment_key || ', which segment_archetypes does not have' as fault
    from {{ ref(seed) }}
    where segment_key not in (select archetypes.segment_key from archetypes)
    union all
    {% endfor -%}
    select distinct
        'rfm_groups' as seed,
        'group ' || rfm_group || ' stands for ' || segment_key || ', which segment_archetypes does not have' as fault
    from {{ ref('rfm_groups') }}
    where segment_key not in (select archetypes.segment_key from archetypes)

)

{{ seed_faults() }}
