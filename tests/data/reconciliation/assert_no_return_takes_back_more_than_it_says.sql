-- Nor from later than itself, from another customer or product.
with

matches as (

    select * from {{ ref('int_return_matches') }}

),

lines as (

    select * from {{ ref('int_product_lines') }}

),

wrong as (

    select
        return_lines.line_id,
        return_lines.quantity,
        sum(matches.units) as matched_units
    from matches
    inner join lines as return_lines on matches.return_line_id = return_lines.line_id
    inner join lines as purchase_lines on matches.purchase_line_id = purchase_lines.line_id
    group by
        return_lines.line_id,
        return_lines.quantity
    having
        sum(matches.units) > -return_lines.quantity
        or bool_or(
            (purchase_lines.invoiced_at, purchase_lines.line_id, -purchase_lines.line_id)
            >= (return_lines.invoiced_at, abs(return_lines.line_id), -return_lines.line_id)
            or purchase_lines.customer_id <> return_lines.customer_id
            or purchase_lines.stock_code <> return_lines.stock_code
            or purchase_lines.line_class <> 'sale'
            or return_lines.line_class <> 'return'
        )

)

{{ none_in('wrong') }}
