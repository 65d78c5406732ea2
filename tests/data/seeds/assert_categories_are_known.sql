{% set naming = ['product_category_words', 'product_category_overrides'] -%}

with

names as (

    select category_key from {{ ref('product_category_names') }}

),

faults as (

    {% for seed in naming -%}
    select distinct
        '{{ seed }}' as seed,
        'category ' || category_key || ' is not in product_category_names' as fault
    from {{ ref(seed) }}
    where category_key not in (select names.category_key from names)
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

{{ seed_faults() }}
