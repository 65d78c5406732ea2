with

faults as (

    {{ blank_cells('product_category_names', 'category_key', ['category_name', 'priority']) | indent(4) }}

)

{{ seed_faults() }}
