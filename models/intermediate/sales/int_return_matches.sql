-- Last in, first out without a loop over rows. Think of the units a customer holds of a product as a
-- stack: a purchase raises its level, a return lowers it, never below zero. Cut the stack at every
-- level where it ever stood: within one such band purchases and returns take turns, so what a return
-- takes back is the purchase just before it in the band. The refund that a purchase's own line speaks of has its line_id
-- below zero and comes just after it, where it has no later day.
{%- set in_order = 'partition by customer_id, stock_code order by invoiced_at, abs(line_id), -line_id' %}
{%- set by_purchase = 'partition by purchase_line_id order by returned_at, abs(return_line_id), return_line_id' %}
{%- set by_return = 'partition by return_line_id order by purchase_line_id' %}

with

product_lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'return')

),

-- a refund in money takes back no units
refunds_by_amount as (

    select
        -line_id as return_line_id,
        line_id as purchase_line_id,
        refunded_by_amount as by_amount
    from {{ ref('int_line_adjustments') }}
    where refunded_by_amount <> 0

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
        product_lines.amount,
        sum(product_lines.quantity) over (
            partition by product_lines.customer_id, product_lines.stock_code
            order by product_lines.invoiced_at, abs(product_lines.line_id), -product_lines.line_id
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
        moves.line_class,
        bands.band_to - bands.band_from as units,
        lag(moves.line_id) over in_band as previous_line_id
    from moves
    inner join bands
        on
            moves.customer_id = bands.customer_id
            and moves.stock_code = bands.stock_code
            and moves.lowest_level <= bands.band_from
            and moves.highest_level >= bands.band_to
    window in_band as (
        partition by moves.customer_id, moves.stock_code, bands.band_from
        order by moves.invoiced_at, abs(moves.line_id), -moves.line_id
    )

),

matches as (

    select
        return_line_id,
        purchase_line_id,
        sum(units) as units,
        sum(by_amount) as by_amount
    from (
        select
            line_id as return_line_id,
            previous_line_id as purchase_line_id,
            units,
            0 as by_amount
        from moves_by_band
        where line_class = 'return'
        union all
        select
            return_line_id,
            purchase_line_id,
            0 as units,
            by_amount
        from refunds_by_amount
    ) as both_kinds
    group by
        return_line_id,
        purchase_line_id

),

-- what went back of the purchase, and what was paid back by the return, up to and with this match
so_far as (

    select
        matches.return_line_id,
        matches.purchase_line_id,
        matches.units,
        purchases.customer_id,
        purchases.stock_code,
        purchases.invoiced_at as purchased_at,
        purchases.quantity as bought_units,
        purchases.unit_price as bought_price,
        purchases.amount as bought_amount,
        returns.invoiced_at as returned_at,
        -returns.quantity as handed_back_units,
        returns.unit_price as handed_back_price,
        -returns.amount - coalesce(refunds_by_amount.by_amount, 0) as handed_back_amount,
        sum(matches.units) over of_purchase as units_of_purchase,
        sum(matches.by_amount) over of_purchase as by_amount_of_purchase,
        sum(matches.units) over of_return as units_of_return,
        sum(matches.by_amount) over of_return as by_amount_of_return
    from matches
    inner join events as purchases on matches.purchase_line_id = purchases.line_id
    inner join events as returns on matches.return_line_id = returns.line_id
    left join refunds_by_amount on matches.return_line_id = refunds_by_amount.return_line_id
    window
        of_purchase as (
            partition by matches.purchase_line_id
            order by returns.invoiced_at, abs(matches.return_line_id), matches.return_line_id
        ),
        of_return as (partition by matches.return_line_id order by matches.purchase_line_id)

),

worths as (

    select
        *,
        greatest(0, least(
            bought_amount,
            by_amount_of_purchase
            + {{ worth_of_units('units_of_purchase', 'bought_units', 'bought_price', 'bought_amount') | indent(12) }}
        )) as taken_back,
        by_amount_of_return
        + case
            when units_of_return = 0 then 0
            else {{ worth_of_units(
                'units_of_return', 'handed_back_units', 'handed_back_price', 'handed_back_amount'
            ) | indent(12) }}
        end as paid_back
    from so_far

)

select
    return_line_id,
    purchase_line_id,
    customer_id,
    stock_code,
    cast(units as decimal(18, 3)) as units,
    cast(taken_back - lag(taken_back, 1, 0) over ({{ by_purchase }}) as decimal(38, 4)) as amount,
    cast(paid_back - lag(paid_back, 1, 0) over ({{ by_return }}) as decimal(38, 4)) as refunded_amount,
    purchased_at,
    returned_at
from worths
