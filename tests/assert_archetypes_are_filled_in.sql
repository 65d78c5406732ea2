{% set cells = ['segment_name', 'recency_percentile', 'frequency_percentile', 'monetary_percentile', 'meaning'] -%}

with

faults as (

    {% for cell in cells -%}
    select
        'segment_archetypes' as seed,
        segment_key || ' has no {{ cell }}' as fault
    from {{ ref('segment_archetypes') }}
    where {{ clean_text('cast(' ~ cell ~ ' as varchar)') }} is null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
)

{{ seed_faults() }}
