{#- The words and the model fill what the shop's own column leaves. The words do where they name enough of that revenue:
    a list written for another trade meets some of any shop's words, in another sense. The model does where column, pins
    and words name half of all revenue and, one phrase of the seed left out at a time, its interval lies above both what
    the words' other phrases say and what the largest category alone would. -#}
with

output as (

    select * from {{ ref('product_category_model') }}

),

metrics as (

    select
        candidates.role,
        output.value,
        output.ci_low
    from output
    inner join output as candidates on output.candidate = candidates.candidate
    where
        output.part = 'metric'
        and output.metric = 'accuracy'
        and candidates.part = 'candidates'

),

compared as (

    select
        max(value) filter (where role = 'reference') as words_accuracy,
        max(value) filter (where role = 'contender') as model_accuracy,
        max(ci_low) filter (where role = 'contender') as model_accuracy_low
    from metrics

),

pins as (

    select distinct {{ code_key('stock_code') }} as stock_code from {{ ref('product_category_overrides') }}

),

products as (

    select
        words.category_key is not null as has_words,
        own.category_key is not null as has_column,
        words.category_key is not null or own.category_key is not null or pins.stock_code is not null as is_named,
        -- returns of a product may outweigh its sales
        greatest(totals.revenue + totals.anonymous_gross_amount - totals.anonymous_returned_amount, 0) as revenue
    from {{ ref('int_product_category_words') }} as words
    inner join {{ ref('int_products') }} as totals on words.stock_code = totals.stock_code
    left join {{ ref('int_own_categories') }} as own on words.stock_code = own.stock_code
    left join pins on words.stock_code = pins.stock_code

),

shares as (

    select
        cast(sum(revenue) filter (where has_words and not has_column) as double)
        / nullif(cast(sum(revenue) filter (where not has_column) as double), 0) as words_share,
        cast(sum(revenue) filter (where is_named) as double) / nullif(cast(sum(revenue) as double), 0) as named_share
    from products

),

largest as (

    select cast(max(products) as double) / sum(products) as share
    from (
        select count(*) as products from {{ ref('int_product_category_words') }}
        where category_key is not null
        group by category_key
    ) as counted

)

select
    {{ figure('coalesce(shares.words_share, 0)') }} as words_share,
    {{ figure('coalesce(shares.named_share, 0)') }} as named_share,
    compared.words_accuracy,
    compared.model_accuracy,
    {{ figure('largest.share') }} as largest_category_share,
    coalesce(shares.words_share >= {{ var('min_words_share') | float }}, false) as is_words_used,
    coalesce(
        shares.words_share >= {{ var('min_words_share') | float }}
        and shares.named_share >= 0.5
        and compared.model_accuracy_low > greatest(compared.words_accuracy, largest.share), false
    ) as is_model_used
from compared
cross join shares
cross join largest
