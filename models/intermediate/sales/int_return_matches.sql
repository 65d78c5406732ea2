-- Last in, first out without a loop over rows. Think of the units a customer holds of a product as a
-- stack: a purchase raises its level, a return lowers it, never below zero. Cut the stack at every
-- level where it ever stood: within one such band purchases and returns take turns, so what a return
-- takes back is the purchase just before it in the band.
{%- set in_order = 'partition by customer_id, stock_code order by invoiced_at, line_id' %}

with

product_lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'return')

),

-- most purchases never meet a return and need no stack
keys_with_returns as (

    select distinct
        customer_id,
        stock_code
    from product_lines
    where line_class = 'return'

),

events as (

    select
        product_lines.line_id,
        product_lines.customer_id,
        product_lines.stock_code,
        product_lines.invoiced_at,
        product_lines.line_class,
        product_lines.quantity,
        product_lines.unit_price,
        sum(product_lines.quantity) over (
            partition by product_lines.customer_id, product_lines.stock_code
            order by product_lines.invoiced_at, product_lines.line_id
            rows between unbounded preceding and current row
        ) as balance
    from product_lines
    inner join keys_with_returns
        on
            product_lines.customer_id = keys_with_returns.customer_id
            and product_lines.stock_code = keys_with_returns.stock_code

),

-- returned units that were never bought here leave the level at zero: the lowest balance so far is
-- the number of them
levels as (

    select
        *,
        balance - least(
            0, min(balance) over ({{ in_order }} rows between unbounded preceding and current row)
        ) as level_after
    from events

),

moves as (

    select
        *,
        least(level_after, level_before) as lowest_level,
        greatest(level_after, level_before) as highest_level
    from (
        select
            *,
            lag(level_after, 1, 0) over ({{ in_order }}) as level_before
        from levels
    ) as moved

),

-- levels start at zero, so zero is always a boundary
boundaries as (

    select distinct
        customer_id,
        stock_code,
        level_after as level
    from levels
    union
    select
        customer_id,
        stock_code,
        0 as level
    from keys_with_returns

),

bands as (

    select
        customer_id,
        stock_code,
        level as band_from,
        lead(level) over (partition by customer_id, stock_code order by level) as band_to
    from boundaries

),

moves_by_band as (

    select
        moves.line_id,
        moves.customer_id,
        moves.stock_code,
        moves.invoiced_at,
        moves.line_class,
        moves.unit_price,
        bands.band_to - bands.band_from as units,
        lag(moves.line_id) over in_band as previous_line_id,
        lag(moves.invoiced_at) over in_band as previous_invoiced_at,
        lag(moves.unit_price) over in_band as previous_unit_price
    from moves
    inner join bands
        on
            moves.customer_id = bands.customer_id
            and moves.stock_code = bands.stock_code
            and moves.lowest_level <= bands.band_from
            and moves.highest_level >= bands.band_to
    window in_band as (
        partition by moves.customer_id, moves.stock_code, bands.band_from
        order by moves.invoiced_at, moves.line_id
    )

)

select
    line_id as return_line_id,
    previous_line_id as purchase_line_id,
    customer_id,
    stock_code,
    cast(sum(units) as bigint) as units,
    cast(sum(units * previous_unit_price) as decimal(38, 4)) as amount,
    cast(sum(units * unit_price) as decimal(38, 4)) as refunded_amount,
    previous_invoiced_at as purchased_at,
    invoiced_at as returned_at
from moves_by_band
where line_class = 'return'
group by all
