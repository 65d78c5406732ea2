-- Step by step, for the lines of customers and of nobody in particular: what the file says, less discounts, is what sales and
-- returns hold; refunds of sales stand among the returns.
with

ledger as (

    select
        case line_class when 'return' then 'sale' when 'anonymous_return' then 'anonymous_sale' else line_class end as sold,
        line_class in ('return', 'anonymous_return') as is_return,
        *
    from {{ ref('cleaning_ledger') }}
    where before_as_of and line_class in ('sale', 'return', 'anonymous_sale', 'anonymous_return')

),

expected as (

    select
        sold,
        coalesce(sum(units) filter (where not is_return), 0) as units,
        coalesce(sum(amount - discount_amount) filter (where not is_return), 0) as amount,
        coalesce(sum(-units) filter (where is_return), 0) + sum(refunded_units) as returned_units,
        coalesce(sum(discount_amount - amount) filter (where is_return), 0) + sum(refunded_amount) as returned_amount,
        sum(net_amount) as net_amount
    from ledger
    group by sold

),

found as (

    select
        case line_class when 'return' then 'sale' when 'anonymous_return' then 'anonymous_sale' else line_class end as sold,
        coalesce(sum(quantity) filter (where line_class in ('sale', 'anonymous_sale')), 0) as units,
        coalesce(sum(amount) filter (where line_class in ('sale', 'anonymous_sale')), 0) as amount,
        coalesce(sum(-quantity) filter (where line_class in ('return', 'anonymous_return')), 0) as returned_units,
        coalesce(sum(-amount) filter (where line_class in ('return', 'anonymous_return')), 0) as returned_amount,
        sum(amount) as net_amount
    from {{ ref('int_product_lines') }}
    group by 1

),

wrong as (

    select
        expected.*,
        found.amount as found_amount,
        found.returned_amount as found_returned_amount
    from expected
    full join found on expected.sold = found.sold
    where
        expected.units is distinct from found.units
        or expected.amount is distinct from found.amount
        or expected.returned_units is distinct from found.returned_units
        or expected.returned_amount is distinct from found.returned_amount
        or expected.net_amount is distinct from found.net_amount

)

{{ none_in('wrong') }}
