{%- set colours = [
    'beige', 'blue', 'brown', 'denim', 'gold', 'gray', 'green', 'grey', 'khaki', 'lilac', 'olive', 'orange', 'pink',
    'purple', 'red', 'rose', 'tan', 'turquoise', 'yellow',
] -%}

with products as (

    select
        stock_code,
        cast(revenue as double) as revenue,
        cast(median_unit_price as double) as median_price,
        -- a space at either end, so that a plain substring search finds whole words only
        ' ' || coalesce({{ plain_words('description') }}, '') || ' ' as padded_text,
        -- light before a colour is a shade of it, no lamp
        ' ' || coalesce({{ replace_all(plain_words('description'), '\\blight (' ~ colours | join('|') ~ ')\\b', ' ') }}, '')
        || ' ' as matched_text
    from {{ ref('int_products') }}

),

phrases as (

    select
        category_key,
        {{ plain_words('phrase') }} as phrase
    from {{ ref('product_category_words') }}

),

categories as (

    select
        category_key,
        priority
    from {{ ref('product_category_names') }}

),

-- A season (priority 1) goes before any object (priority 2).
phrases_ranked as (

    select
        phrases.category_key,
        phrases.phrase,
        categories.priority,
        length(phrases.phrase) as characters,
        length(phrases.phrase) - length(replace(phrases.phrase, ' ', '')) + 1 as words
    from phrases
    inner join categories on phrases.category_key = categories.category_key
    where phrases.phrase <> ''

),

-- The last word of a phrase may stand in the plural: box takes boxes, bag takes bags.
matches as (

    select
        products.stock_code,
        phrases_ranked.category_key,
        phrases_ranked.phrase,
        row_number() over (
            partition by products.stock_code
            order by
                phrases_ranked.priority asc,
                phrases_ranked.words desc,
                phrases_ranked.characters desc,
                phrases_ranked.category_key asc,
                phrases_ranked.phrase asc
        ) as match_rank
    from products
    inner join phrases_ranked
        on
            products.matched_text like '% ' || phrases_ranked.phrase || ' %'
            or products.matched_text like '% ' || phrases_ranked.phrase || 's %'
            or products.matched_text like '% ' || phrases_ranked.phrase || 'es %'

),

best as (

    select
        stock_code,
        category_key,
        phrase
    from matches
    where match_rank = 1

),

-- What the words would say without the winning phrase: the baseline of the held-out test.
runner_up as (

    select
        stock_code,
        category_key
    from matches
    where match_rank = 2

)

select
    products.stock_code,
    trim(products.padded_text) as plain_text,
    products.revenue,
    products.median_price,
    best.category_key,
    best.phrase,
    runner_up.category_key as runner_up_category_key
from products
left join best on products.stock_code = best.stock_code
left join runner_up on products.stock_code = runner_up.stock_code
