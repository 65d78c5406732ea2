with

faults as (

    {% for cell in ['category_name', 'priority'] -%}
    select
        'product_category_names' as seed,
        category_key || ' has no {{ cell }}' as fault
    from {{ ref('product_category_names') }}
    where {{ clean_text('cast(' ~ cell ~ ' as varchar)') }} is null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
)

{{ seed_faults() }}
