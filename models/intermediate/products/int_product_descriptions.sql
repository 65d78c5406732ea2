with

product_lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'anonymous_sale')

),

descriptions as (

    select
        stock_code,
        description,
        count(*) as lines
    from product_lines
    group by
        stock_code,
        description

),

-- notes of the warehouse such as '?' are no description: two letters in a row make one
usable_descriptions as (

    select
        stock_code,
        {{ replace_all('description', '\\s+', ' ') }} as description,
        sum(lines) as lines
    from descriptions
    where {{ text_has('description', '\\p{L}\\p{L}') }}
    group by 1, 2

),

best_descriptions as (

    select
        stock_code,
        description
    from (
        select
            stock_code,
            description,
            row_number() over (partition by stock_code order by lines desc, description asc) as place
        from usable_descriptions
    ) as ranked
    where place = 1

)

select
    products.stock_code,
    best_descriptions.description
from (select distinct product_lines.stock_code from product_lines) as products
left join best_descriptions on products.stock_code = best_descriptions.stock_code
