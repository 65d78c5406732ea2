{%- set no_category = 'other' -%}

-- depends_on: {{ ref('int_product_category_names') }} (which the tests of what reads this model look up)

with

words as (

    select * from {{ ref('int_product_category_words') }}

),

models as (

    select * from {{ ref('product_category_model') }}
    where part = 'product'

),

choice as (

    select * from {{ ref('int_product_category_choice') }}

),

own as (

    select * from {{ ref('int_own_categories') }}

),

overrides as (

    select
        {{ code_key('stock_code') }} as stock_code,
        category_key
    from {{ ref('product_category_overrides') }}

),

-- what a person has pinned goes before the file's own column, this before the words, the words before the model
decided as (

    select
        words.stock_code,
        words.phrase,
        words.category_key as words_category_key,
        models.category_key as model_category_key,
        models.probability as model_probability,
        coalesce(
            nullif(models.note, ''),
            case
                when
                    overrides.category_key is null and own.category_key is null and not choice.is_words_used
                    then 'the words of the seed name too little of what this shop sells'
                when words.category_key is null and not choice.is_model_used
                    then 'the model is no better than the words'
            end
        ) as note,
        case
            when overrides.category_key is not null then 'override'
            when own.category_key is not null then 'column'
            when words.category_key is not null and choice.is_words_used then 'words'
            when choice.is_model_used and models.category_key <> '{{ no_category }}' then 'model'
            else 'none'
        end as category_source,
        overrides.category_key as override_category_key,
        own.category_key as own_category_key,
        own.own_name as own_category_name
    from words
    cross join choice
    left join models on words.stock_code = models.stock_code
    left join own on words.stock_code = own.stock_code
    left join overrides on words.stock_code = overrides.stock_code

)

select
    stock_code,
    case category_source
        when 'override' then override_category_key
        when 'column' then own_category_key
        when 'words' then words_category_key
        when 'model' then model_category_key
        else '{{ no_category }}'
    end as category_key,
    category_source,
    case category_source
        when 'model' then model_probability
        when 'none' then 0.0
        else 1.0
    end as category_confidence,
    phrase,
    own_category_name,
    words_category_key,
    model_category_key,
    model_probability,
    category_source in ('override', 'column', 'words') as is_named_by_people,
    note
from decided
