{#- The eight fields of the raw invoices, in order, as one text; gift_shop/ingestion/files.py has the same in COLUMNS. -#}
{% macro raw_columns() -%}
    invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country
{%- endmacro %}
