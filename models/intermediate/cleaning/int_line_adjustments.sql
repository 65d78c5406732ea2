{#- Net of a line = amount - discount - refunds. Each sign of a discount or a refund means the same: money off, money paid
    back. What a file says of a whole order is what its lines say and a rest, which is spread over them. -#}
with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}

),

-- the line that says it may be one that does not count
said_of_orders as (

    select
        invoice_no,
        max(abs(order_discount)) as order_discount,
        max(order_subtotal) as order_subtotal,
        max(order_total) as order_total,
        max(abs(order_refund)) as order_refund,
        sum(abs(coalesce(order_refund, 0)) + abs(coalesce(refunded_amount, 0)) + abs(coalesce(refunded_quantity, 0))) > 0
            as says_what_was_refunded
    from lines
    where
        line_class not in ('malformed', 'superseded')
        and (
            order_discount is not null
            or order_subtotal is not null
            or order_refund is not null
            or refunded_quantity is not null
            or refunded_amount is not null
            or is_refunded
        )
    group by invoice_no

),

-- shipping has its part in a refund as in the order
orders as (

    select
        *,
        case
            when order_refund is not null and order_subtotal >= 0 and order_total > 0
                then least(order_subtotal, {{ pennies_of('order_refund', 'order_subtotal', 'order_total') | indent(16) }})
            else order_refund
        end as product_refund
    from said_of_orders

),

-- fees and postage are part of what an order cost, so they take their share
touched as (

    select
        lines.line_id,
        lines.invoice_no,
        lines.invoiced_at,
        lines.quantity,
        lines.unit_price,
        lines.amount,
        lines.amount > 0 as is_bought,
        least(abs(coalesce(lines.discount, 0)), abs(lines.amount)) as own_discount,
        abs(lines.discount) > abs(lines.amount) as is_discount_too_large,
        abs(lines.refunded_quantity) as refunded_quantity,
        nullif(abs(lines.refunded_amount), 0) as refunded_amount,
        lines.refunded_at,
        lines.is_refunded and not orders.says_what_was_refunded as is_refunded_in_full
    from lines
    left join orders on lines.invoice_no = orders.invoice_no
    where
        lines.line_class in ('sale', 'anonymous_sale', 'return', 'anonymous_return', 'non_product')
        and (orders.invoice_no is not null or lines.discount is not null)

),

order_discounts as (

    select
        worths.*,
        greatest(0, least(worths.order_discount, worths.worth)) as to_spread
    from (
        select
            touched.invoice_no,
            min(touched.line_id) as first_line_id,
            sum(touched.amount - touched.own_discount) as worth,
            coalesce(
                sum(touched.amount - touched.own_discount) - max(orders.order_subtotal), max(orders.order_discount), 0
            ) as order_discount
        from touched
        left join orders on touched.invoice_no = orders.invoice_no
        where touched.is_bought
        group by touched.invoice_no
    ) as worths

),

discounts_to_spread as (

    select
        touched.line_id,
        touched.invoice_no,
        touched.amount - touched.own_discount as amount,
        order_discounts.to_spread
    from touched
    inner join order_discounts on touched.invoice_no = order_discounts.invoice_no
    where touched.is_bought and touched.amount > touched.own_discount and order_discounts.to_spread > 0

),

discount_shares as (

    {{ spread_over_lines('discounts_to_spread') | indent(4) }}

),

discounted as (

    select
        touched.*,
        touched.own_discount + coalesce(discount_shares.share, 0) as discount,
        cast(abs(touched.amount) - touched.own_discount - coalesce(discount_shares.share, 0) as decimal(38, 4)) as worth,
        case
            when not touched.is_bought then 0
            when touched.is_refunded_in_full then touched.quantity
            else least(coalesce(touched.refunded_quantity, 0), touched.quantity)
        end as refunded_units
    from touched
    left join discount_shares on touched.line_id = discount_shares.line_id

),

line_refunds as (

    select
        *,
        case
            when not is_bought then 0
            when refunded_amount is null then worth_of_units
            else least(refunded_amount, worth)
        end as line_refund
    from (
        select
            *,
            case
                when refunded_units > 0 then {{ worth_of_units('refunded_units', 'quantity', 'unit_price', 'worth') }}
                else 0
            end as worth_of_units
        from discounted
    ) as with_units

),

-- the part of the money that was paid back for products: the order's, less what its lines say already
order_refunds as (

    select
        worths.*,
        greatest(0, least(worths.product_refund - worths.line_refunds, worths.worth)) as to_spread
    from (
        select
            line_refunds.invoice_no,
            min(line_refunds.line_id) as first_line_id,
            sum(line_refunds.worth - line_refunds.line_refund) as worth,
            sum(line_refunds.line_refund) as line_refunds,
            coalesce(sum(line_refunds.refunded_amount - line_refunds.worth) filter (
                where line_refunds.refunded_amount > line_refunds.worth
            ), 0) as beyond_lines,
            coalesce(max(orders.order_refund), 0) as order_refund,
            coalesce(max(orders.product_refund), 0) as product_refund
        from line_refunds
        left join orders on line_refunds.invoice_no = orders.invoice_no
        where line_refunds.is_bought
        group by line_refunds.invoice_no
    ) as worths

),

refunds_to_spread as (

    select
        line_refunds.line_id,
        line_refunds.invoice_no,
        line_refunds.worth - line_refunds.line_refund as amount,
        order_refunds.to_spread
    from line_refunds
    inner join order_refunds on line_refunds.invoice_no = order_refunds.invoice_no
    where line_refunds.is_bought and line_refunds.worth > line_refunds.line_refund and order_refunds.to_spread > 0

),

refund_shares as (

    {{ spread_over_lines('refunds_to_spread') | indent(4) }}

),

adjusted as (

    select
        line_refunds.line_id,
        cast(sign(line_refunds.amount) * line_refunds.discount as decimal(38, 4)) as discount_amount,
        cast(line_refunds.refunded_units as decimal(18, 3)) as refunded_units,
        cast(line_refunds.line_refund + coalesce(refund_shares.share, 0) as decimal(38, 4)) as refunded_amount,
        cast(line_refunds.line_refund + coalesce(refund_shares.share, 0) - line_refunds.worth_of_units as decimal(38, 4))
            as refunded_by_amount,
        cast(
            case
                when order_refunds.order_refund > 0
                    then greatest(0, order_refunds.order_refund - order_refunds.line_refunds - order_refunds.to_spread)
                else coalesce(order_refunds.beyond_lines, 0)
            end as decimal(38, 4)
        ) as shipping_refunded_amount,
        greatest(coalesce(line_refunds.refunded_at, line_refunds.invoiced_at), line_refunds.invoiced_at) as refunded_at,
        line_refunds.refunded_at is not null as has_refund_day,
        case
            when line_refunds.is_discount_too_large then 'a discount larger than its line'
            when line_refunds.is_bought and line_refunds.refunded_quantity > line_refunds.quantity
                then 'more units refunded than bought'
            when order_discounts.order_discount < 0 then 'a subtotal larger than what its lines cost'
            when order_discounts.order_discount > order_discounts.worth then 'a discount larger than the order'
        end as fault
    from line_refunds
    left join refund_shares on line_refunds.line_id = refund_shares.line_id
    left join order_refunds on line_refunds.line_id = order_refunds.first_line_id
    left join order_discounts on line_refunds.line_id = order_discounts.first_line_id

)

select *
from adjusted
where
    discount_amount <> 0
    or refunded_units <> 0
    or refunded_amount <> 0
    or shipping_refunded_amount <> 0
    or fault is not null
