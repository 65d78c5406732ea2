{% set cells = ['segment_name', 'claims', 'recency_percentile', 'frequency_percentile', 'monetary_percentile', 'meaning'] -%}

with

faults as (

    {{ blank_cells('segment_archetypes', 'segment_key', cells) | indent(4) }}

)

{{ seed_faults() }}
