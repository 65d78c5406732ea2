-- Wholesale cells may stay empty: the general ones stand in for them.
{% set cells = ['goal', 'action', 'channel', 'contact_by', 'offer', 'timing', 'kpi', 'avoid'] -%}
{% set contacts = "('email', 'phone', 'post', 'none')" -%}

with

faults as (

    {% for seed in ['segment_strategies', 'segment_strategies_gift_shop'] -%}
    {{ blank_cells(seed, 'segment_key', cells) | indent(4) }}
    union all
    {% for cell in ['contact_by', 'wholesale_contact_by'] -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has {{ cell }} ' || {{ cell }} || ', not one of email, phone, post, none' as fault
    from {{ ref(seed) }}
    where {{ clean_text(cell) }} not in {{ contacts }}
    union all
    {% endfor -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has one of wholesale_channel and wholesale_contact_by, not the other' as fault
    from {{ ref(seed) }}
    where ({{ clean_text('wholesale_channel') }} is null) <> ({{ clean_text('wholesale_contact_by') }} is null)
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

)

{{ seed_faults() }}
