-- Bounded whatever the size of the file: baskets of 2 to 80 products (a basket of n products makes
-- n * (n - 1) / 2 pairs, and a wholesaler's order of everything says little about any of it), at
-- most 20,000 of them, drawn by hash, so that the draw neither moves from run to run nor follows
-- the calendar; at most 20,000 x 3,160 pairs before they are counted, 30 rows a product after.
with sale_lines as (

    select distinct
        invoice_no,
        stock_code
    from {{ ref('int_sales') }}
    where units > returned_units

),

basket_sizes as (

    select
        invoice_no,
        count(*) as products
    from sale_lines
    group by invoice_no
    having count(*) between 2 and 80

),

baskets_ranked as (

    select
        invoice_no,
        row_number() over (order by md5(invoice_no) asc, invoice_no asc) as draw
    from basket_sizes

),

basket_lines as (

    select
        sale_lines.invoice_no,
        sale_lines.stock_code
    from sale_lines
    inner join baskets_ranked on sale_lines.invoice_no = baskets_ranked.invoice_no
    where baskets_ranked.draw <= 20000

),

product_baskets as (

    select
        stock_code,
        count(*) as baskets
    from basket_lines
    group by stock_code

),

-- One basket in common may be chance.
pairs as (

    select
        one.stock_code as stock_code_a,
        other.stock_code as stock_code_b,
        count(*) as baskets
    from basket_lines as one
    inner join basket_lines as other
        on
            one.invoice_no = other.invoice_no
            and one.stock_code < other.stock_code
    group by one.stock_code, other.stock_code
    having count(*) >= 2

),

both_ways as (

    select
        stock_code_a,
        stock_code_b,
        baskets
    from pairs
    union all
    select
        stock_code_b,
        stock_code_a,
        baskets
    from pairs

),

-- Cosine of the two products' baskets: 1 where every basket with one holds the other. Rounded, so
-- that the last bit of a square root does not decide who is the thirtieth neighbour.
scored as (

    select
        both_ways.stock_code_a,
        both_ways.stock_code_b,
        both_ways.baskets,
        round(
            both_ways.baskets
            / sqrt(cast(product_a.baskets as double) * cast(product_b.baskets as double)), 9
        ) as cosine
    from both_ways
    inner join product_baskets as product_a on both_ways.stock_code_a = product_a.stock_code
    inner join product_baskets as product_b on both_ways.stock_code_b = product_b.stock_code

),

ranked as (

    select
        stock_code_a,
        stock_code_b,
        baskets,
        cosine,
        row_number() over (
            partition by stock_code_a order by cosine desc, stock_code_b asc
        ) as neighbour_rank
    from scored

)

select
    stock_code_a,
    stock_code_b,
    baskets,
    cosine,
    neighbour_rank
from ranked
where neighbour_rank <= 30
