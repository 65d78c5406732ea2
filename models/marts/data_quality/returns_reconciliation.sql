with

returns as (

    select
        coalesce(sum(-quantity), 0) as units,
        coalesce(sum(-amount), 0) as amount
    from {{ ref('int_product_lines') }}
    where line_class = 'return'

),

matched as (

    select
        coalesce(sum(units), 0) as units,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(refunded_amount), 0) as refunded_amount
    from {{ ref('int_return_matches') }}

)

select
    cast(returns.units as decimal(18, 3)) as returned_units,
    cast(matched.units as decimal(18, 3)) as matched_units,
    cast(returns.units - matched.units as decimal(18, 3)) as unmatched_units,
    cast(returns.amount as decimal(38, 4)) as returned_amount,
    cast(matched.amount as decimal(38, 4)) as matched_amount,
    cast(matched.refunded_amount as decimal(38, 4)) as refunded_amount,
    cast(returns.amount - matched.refunded_amount as decimal(38, 4)) as unmatched_amount,
    cast(matched.amount - matched.refunded_amount as decimal(38, 4)) as price_difference
from returns
cross join matched
