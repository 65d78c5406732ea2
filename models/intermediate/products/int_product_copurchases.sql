-- Bounded whatever the size of the file: baskets of 2 to 80 products (a basket of n products makes
-- n * (n - 1) / 2 pairs, and a wholesaler's order of everything says little about any of it), at
-- most 20,000 of them, drawn by hash, so that the draw neither moves from run to run nor follows
-- the calendar; at most 20,000 x 3,160 pairs before they are counted, 30 rows a product after.
-- Baskets and products are numbers here, products in the order of their codes: pairs of texts took
-- twice as long to join and count.
with sale_lines as (

    select distinct
        invoice_no,
        stock_code
    from {{ ref('int_sales') }}
    where units > returned_units

),

baskets as (

    select
        invoice_no,
        cast(row_number() over (order by md5(invoice_no) asc, invoice_no asc) as integer) as basket_no
    from sale_lines
    group by invoice_no
    having count(*) between 2 and 80

),

products as (

    select
        stock_code,
        cast(row_number() over (order by stock_code) as integer) as product_no
    from sale_lines
    group by stock_code

),

basket_lines as (

    select
        baskets.basket_no,
        products.product_no
    from sale_lines
    inner join baskets on sale_lines.invoice_no = baskets.invoice_no
    inner join products on sale_lines.stock_code = products.stock_code
    where baskets.basket_no <= 20000

),

product_baskets as (

    select
        product_no,
        count(*) as baskets
    from basket_lines
    group by product_no

),

-- One basket in common may be chance.
pairs as (

    select
        one.product_no as product_a,
        other.product_no as product_b,
        count(*) as baskets
    from basket_lines as one
    inner join basket_lines as other
        on
            one.basket_no = other.basket_no
            and one.product_no < other.product_no
    group by one.product_no, other.product_no
    having count(*) >= 2

),

-- Cosine of the two products' baskets: 1 where every basket with one holds the other. Rounded, so
-- that the last bit of a square root does not decide who is the thirtieth neighbour.
scored as (

    select
        pairs.product_a,
        pairs.product_b,
        pairs.baskets,
        round(
            pairs.baskets
            / sqrt(cast(baskets_a.baskets as double) * cast(baskets_b.baskets as double)), 9
        ) as cosine
    from pairs
    inner join product_baskets as baskets_a on pairs.product_a = baskets_a.product_no
    inner join product_baskets as baskets_b on pairs.product_b = baskets_b.product_no

),

both_ways as (

    select
        product_a,
        product_b,
        baskets,
        cosine
    from scored
    union all
    select
        product_b,
        product_a,
        baskets,
        cosine
    from scored

),

ranked as (

    select
        product_a,
        product_b,
        baskets,
        cosine,
        row_number() over (
            partition by product_a order by cosine desc, product_b asc
        ) as neighbour_rank
    from both_ways

)

select
    products_a.stock_code as stock_code_a,
    products_b.stock_code as stock_code_b,
    ranked.baskets,
    ranked.cosine
from ranked
inner join products as products_a on ranked.product_a = products_a.product_no
inner join products as products_b on ranked.product_b = products_b.product_no
where ranked.neighbour_rank <= 30
