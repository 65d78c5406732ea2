{#- What the shop itself calls the category of a product, where its file says so. A category is its words: spellings that
    differ in case or punctuation are one, by the name that stands most often. The largest by revenue stand for
    themselves, as many as a page and a customer's profile can hold; the rest are `other`. -#}
with

named_lines as (

    select
        stock_code,
        category as category_name,
        {{ plain_words('category') }} as plain_category
    from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'anonymous_sale')

),

-- what shop systems write where nobody has chosen a category
names as (

    select
        stock_code,
        category_name,
        plain_category,
        count(*) as lines
    from named_lines
    where plain_category not in ('', 'uncategorized', 'uncategorised', 'none', 'null', 'n a')
    group by 1, 2, 3

),

seed_names as (

    select
        {{ plain_words('category_name') }} as plain_category,
        min(category_key) as category_key,
        min(category_name) as seed_name
    from {{ ref('product_category_names') }}
    group by 1

),

spellings as (

    select
        plain_category,
        category_name
    from (
        select
            plain_category,
            category_name,
            row_number() over (partition by plain_category order by sum(lines) desc, category_name asc) as place
        from names
        group by 1, 2
    ) as ranked
    where place = 1

),

products as (

    select
        stock_code,
        plain_category
    from (
        select
            stock_code,
            plain_category,
            row_number() over (partition by stock_code order by sum(lines) desc, plain_category asc) as place
        from names
        group by 1, 2
    ) as ranked
    where place = 1

),

categories as (

    select
        products.plain_category,
        row_number() over (
            order by
                sum(totals.revenue + totals.anonymous_gross_amount - totals.anonymous_returned_amount) desc,
                products.plain_category asc
        ) as place
    from products
    inner join {{ ref('int_products') }} as totals on products.stock_code = totals.stock_code
    where products.plain_category <> 'other'
    group by 1

)

-- a category that the seed knows by this name is the seed's; own_ keeps the keys of all others apart from the seed's
select
    products.stock_code,
    case
        when categories.place <= {{ var('own_categories') | int }}
            then coalesce(seed_names.category_key, 'own_' || replace(products.plain_category, ' ', '_'))
        else 'other'
    end as category_key,
    case
        when categories.place <= {{ var('own_categories') | int }}
            then coalesce(seed_names.seed_name, spellings.category_name)
        else 'Other'
    end as category_name,
    spellings.category_name as own_name
from products
inner join spellings on products.plain_category = spellings.plain_category
left join categories on products.plain_category = categories.plain_category
left join seed_names on products.plain_category = seed_names.plain_category
