-- Wholesale and personal cells may stay empty: the general ones stand in for them.
{% set cells = ['goal', 'action', 'channel', 'contact_by', 'offer', 'kpi', 'avoid'] -%}
{% set contacts = "('email', 'phone', 'post', 'none')" -%}
{% set day = '((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9])|(0[13-9]|1[0-2])-30|(01|03|05|07|08|10|12)-31)' -%}

with

faults as (

    {% for seed in ['segment_strategies', 'segment_strategies_gift_shop'] -%}
    {{ blank_cells(seed, 'segment_key', cells) | indent(4) }}
    union all
    {% for cell in ['contact_by', 'wholesale_contact_by', 'personal_contact_by'] -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has {{ cell }} ' || {{ cell }} || ', not one of email, phone, post, none' as fault
    from {{ ref(seed) }}
    where {{ clean_text(cell) }} not in {{ contacts }}
    union all
    {% endfor -%}
    {% for who in ['wholesale', 'personal'] -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has one of {{ who }}_channel and {{ who }}_contact_by, not the other' as fault
    from {{ ref(seed) }}
    where ({{ clean_text(who ~ '_channel') }} is null) <> ({{ clean_text(who ~ '_contact_by') }} is null)
    union all
    {% endfor -%}
    {% for cell, part, meant in [
        ('due_days', '[0-9]{1,4}', 'whole numbers such as 3, 14'), ('due_dates', day, 'days such as 01-15, 11-27'),
    ] -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has {{ cell }} ' || {{ cell }} || ': write {{ meant }}' as fault
    from {{ ref(seed) }}
    where not {{ text_fits('trim(' ~ cell ~ ')', pattern_text(part ~ '( *, *' ~ part ~ ')*')) }}
    union all
    {% endfor -%}
    {% for cell in ['due_gaps', 'due_orders', 'due_for_days'] -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has {{ cell }} ' || {{ cell }} || ': write a number above 0' as fault
    from {{ ref(seed) }}
    where {{ cell }} <= 0
    union all
    {% endfor -%}
    select
        '{{ seed }}' as seed,
        segment_key || ' has due_anniversary ' || due_anniversary || ': write 0 to 364 days' as fault
    from {{ ref(seed) }}
    where due_anniversary not between 0 and 364
    union all
    select
        '{{ seed }}' as seed,
        segment_key || ' has a rule of when, but no due_for_days' as fault
    from {{ ref(seed) }}
    where
        due_for_days is null
        and coalesce(
            {{ clean_text('due_days') }}, {{ clean_text('due_dates') }},
            cast(coalesce(due_gaps, due_anniversary, due_orders) as string)
        ) is not null
    union all
    select
        '{{ seed }}' as seed,
        segment_key || ' has not_new_key ' || not_new_key || ', which has no row' as fault
    from {{ ref(seed) }}
    where {{ clean_text('not_new_key') }} not in (select strategies.segment_key from {{ ref(seed) }} as strategies)
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

)

{{ seed_faults() }}
