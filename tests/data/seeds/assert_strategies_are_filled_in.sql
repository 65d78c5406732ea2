-- Wholesale cells may stay empty: the general ones stand in for them.
{% set cells = ['goal', 'action', 'channel', 'contact_by', 'offer', 'timing', 'kpi', 'avoid'] -%}
{% set contacts = "('email', 'phone', 'post', 'none')" -%}

with

strategies as (

    select * from {{ ref('segment_strategies') }}

),

faults as (

    {{ blank_cells('segment_strategies', 'segment_key', cells) | indent(4) }}
    union all
    {% for cell in ['contact_by', 'wholesale_contact_by'] -%}
    select
        'segment_strategies' as seed,
        segment_key || ' has {{ cell }} ' || {{ cell }} || ', not one of email, phone, post, none' as fault
    from strategies
    where {{ clean_text(cell) }} not in {{ contacts }}
    union all
    {% endfor -%}
    select
        'segment_strategies' as seed,
        segment_key || ' has one of wholesale_channel and wholesale_contact_by, not the other' as fault
    from strategies
    where ({{ clean_text('wholesale_channel') }} is null) <> ({{ clean_text('wholesale_contact_by') }} is null)

)

{{ seed_faults() }}
