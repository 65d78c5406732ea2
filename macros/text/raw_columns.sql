{#- The eight fields of the raw invoices, in order, as one text; gift_shop/ingestion/files.py has the same in COLUMNS. -#}
{% macro raw_columns() -%}
    invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country
{%- endmacro %}

{#- What a line may say beyond the eight, in order; files.py has the same in MORE_FIELDS. -#}
{% macro more_raw_columns() -%}
    line_no, line_total, discount, order_discount, order_subtotal, order_shipping, order_total,
    refunded_quantity, refunded_amount, order_refund, refunded_at, category, product_group, status, left_out_reason,
    is_refunded, currency, may_contact
{%- endmacro %}
