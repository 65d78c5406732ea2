with

faults as (

    select
        'product_category_words' as seed,
        'no words: give a few words or phrases for each category of the shop (columns category_key, phrase)' as fault
    from {{ ref('product_category_words') }}
    having count(*) filter (where {{ text_has('phrase', '[\\p{L}\\p{N}]') }}) = 0

)

{{ seed_faults() }}
