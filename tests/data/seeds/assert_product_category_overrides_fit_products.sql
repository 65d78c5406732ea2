-- A warning, since a pin may wait for its product: an export of other months may lack it. The codes stand in
-- quality.product_category_review too; fix or remove them in seeds/product_category_overrides.csv.
{{ config(severity='warn') }}

select
    stock_code,
    doubt
from {{ ref('product_category_review') }}
where category_source = 'override'
