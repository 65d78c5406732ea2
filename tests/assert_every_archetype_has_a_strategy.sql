select
    archetypes.segment_key,
    strategies.segment_key as strategy_key
from {{ ref('segment_archetypes') }} as archetypes
full outer join {{ ref('segment_strategies') }} as strategies on archetypes.segment_key = strategies.segment_key
where archetypes.segment_key is null or strategies.segment_key is null
union all
select
    segment_key,
    null as strategy_key
from {{ ref('rfm_groups') }}
where segment_key not in (select archetypes.segment_key from {{ ref('segment_archetypes') }} as archetypes)
