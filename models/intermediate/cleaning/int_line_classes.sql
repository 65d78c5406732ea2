{#- The classes of int_invoice_lines_classified and what they are for. dates_the_file: such a line says when the shop was
    open, so that it may set the as-of date. -#}
{{ config(materialized='view') }}

with

line_classes (line_class, is_rejected, is_product_line, dates_the_file) as (

    values
    ('malformed', true, false, false),
    ('left_out', true, false, false),
    ('invalid', true, false, false),
    ('superseded', true, false, false),
    ('duplicate', true, false, false),
    ('refunded', true, false, true),
    ('non_product', true, false, true),
    ('adjustment', true, false, true),
    ('anonymous_return', false, true, true),
    ('anonymous_sale', false, true, true),
    ('return', false, true, true),
    ('sale', false, true, true)

)

select * from line_classes
