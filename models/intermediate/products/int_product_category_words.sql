with products as (

    select
        stock_code,
        description
    from {{ ref('int_products') }}

),

phrases as (

    select
        category_key,
        phrase
    from {{ ref('product_category_words') }}

),

categories as (

    select
        category_key,
        priority
    from {{ ref('product_category_names') }}

),

-- Both sides are brought to the same form: letters and digits in lower case, one space between
-- words and one at either end, so that a plain substring search finds whole words only.
-- Apostrophes vanish first: CHILD'S is one word, as CHILDS is.
product_text as (

    select
        stock_code,
        description,
        ' ' || trim({{ replace_all("replace(lower(description), '''', '')", '[^\\p{L}\\p{N}]+', ' ') }}) || ' ' as padded_text
    from products

),

phrase_text as (

    select
        category_key,
        trim({{ replace_all("replace(lower(phrase), '''', '')", '[^\\p{L}\\p{N}]+', ' ') }}) as phrase
    from phrases

),

-- A season (priority 1) goes before any object (priority 2).
phrases_ranked as (

    select
        phrase_text.category_key,
        phrase_text.phrase,
        categories.priority,
        length(phrase_text.phrase) as characters,
        length(phrase_text.phrase) - length(replace(phrase_text.phrase, ' ', '')) + 1 as words
    from phrase_text
    inner join categories on phrase_text.category_key = categories.category_key
    where phrase_text.phrase <> ''

),

-- The last word of a phrase may stand in the plural: box takes boxes, bag takes bags.
matches as (

    select
        product_text.stock_code,
        phrases_ranked.category_key,
        phrases_ranked.phrase,
        row_number() over (
            partition by product_text.stock_code
            order by
                phrases_ranked.priority asc,
                phrases_ranked.words desc,
                phrases_ranked.characters desc,
                phrases_ranked.category_key asc,
                phrases_ranked.phrase asc
        ) as match_rank
    from product_text
    inner join phrases_ranked
        on
            product_text.padded_text like '% ' || phrases_ranked.phrase || ' %'
            or product_text.padded_text like '% ' || phrases_ranked.phrase || 's %'
            or product_text.padded_text like '% ' || phrases_ranked.phrase || 'es %'

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
    product_text.stock_code,
    product_text.description,
    best.category_key,
    best.phrase,
    runner_up.category_key as runner_up_category_key
from product_text
left join best on product_text.stock_code = best.stock_code
left join runner_up on product_text.stock_code = runner_up.stock_code
