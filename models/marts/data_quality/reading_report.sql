{#- What a person checks before believing a build: `make check` and `make build` print it. -#}
{{ config(post_hook="{% do print_report(this) %}") }}
{%- set lines_shown = 5 %}

with

raw_files as (

    select * from {{ ref('raw_files') }}

),

raw_lines as (

    select * from {{ ref('raw_invoice_lines') }}

),

fields as (

    select * from {{ ref('raw_fields') }}

),

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}

),

-- nothing is reported of files that are refused
as_of as (

    select * from {{ ref('int_as_of') }}

),

ledger as (

    select
        line_class,
        sum(lines) as lines,
        sum(amount) as amount
    from {{ ref('cleaning_ledger') }}
    group by line_class

),

files_in_words as (

    select
        'format' as section,
        min(file_no) as position,
        min(file_name) || case when count(*) = 1 then '' else ' and ' || {{ counted('(count(*) - 1)', 'other file') }} end
        || {{ "' of the format ' || format || ' (' || mapping || ')'" }} as message
    from raw_files
    group by format, mapping

),

fields_in_words as (

    select
        'fields' as section,
        field_no as position,
        rpad(field, 18, ' ') || taken_from as message
    from fields
    where taken_from is not null
    union all
    select
        'fields' as section,
        1000 as position,
        'not in the file: ' || {{ joined('field', ', ', 'field_no') }} as message
    from fields
    where taken_from is null
    having count(*) > 0
    union all
    select
        'fields' as section,
        2000 as position,
        'not read: ' || unused_columns as message
    from (select max(unused_columns) as unused_columns from raw_files) as unused
    where unused_columns <> ''

),

first_lines as (

    select *
    from lines
    where line_class not in ('malformed', 'left_out')
    order by line_id
    limit {{ lines_shown }}

),

lines_in_words as (

    select
        'first lines' as section,
        line_id as position,
        'order ' || coalesce(invoice_no, 'missing') || ', ' || coalesce(cast(invoiced_at as string), 'no date') || ', '
        || coalesce(stock_code, 'no code') || coalesce(' ' || description, '') || ', '
        || coalesce({{ units_in_words('quantity') }}, 'unreadable') || ' x '
        || coalesce({{ units_in_words('unit_price') }}, 'unreadable') || ', '
        -- dbt logs what is printed, and a log names no customer
        || case when customer_id is null then 'no customer' else 'a customer' end || coalesce(', ' || country, '')
        || ': ' || line_class as message
    from first_lines

),

-- what an order cost says whether tax is inside its products' amounts or came on top
orders as (

    select
        invoice_no,
        max(order_total) = max(order_subtotal) + max(order_shipping) as has_tax_inside
    from {{ ref('stg_invoice_lines') }}
    where order_total is not null and order_shipping is not null and order_subtotal is not null
    group by invoice_no

),

tax_shares as (

    select
        count(*) as orders,
        count(*) filter (where has_tax_inside) as inside
    from orders

),

money_in_words as (

    select
        'tax' as section,
        1 as position,
        case
            when max(tax_shares.orders) > 0
                then 'in ' || {{ thousands('max(tax_shares.inside)') }} || ' of '
                    || {{ counted('max(tax_shares.orders)', 'order') }}
                    || ' the total is subtotal and shipping: '
                    || case
                        when max(tax_shares.inside) >= 0.95 * max(tax_shares.orders) then 'amounts include tax, or there is none'
                        when max(tax_shares.inside) <= 0.05 * max(tax_shares.orders) then 'amounts are without tax'
                        else 'some amounts include tax and some do not, so that orders do not compare'
                    end
            else coalesce(nullif(max(raw_files.tax), ''), 'The file does not say whether its amounts include tax.')
        end as message
    from raw_files
    cross join tax_shares

),

classes_in_words as (

    select
        'lines' as section,
        row_number() over (order by lines desc, line_class asc) as position,
        rpad(line_class, 18, ' ')
        || lpad({{ thousands('lines') }}, 12, ' ') || case when lines = 1 then ' line ' else ' lines' end
        || lpad({{ number_text('amount', 2) }}, 20, ' ') as message
    from ledger

),

statuses as (

    select
        raw_lines.status,
        lines.line_class = 'left_out' as is_left_out,
        count(distinct raw_lines.invoice_no) as orders,
        sum(lines.amount) as amount
    from raw_lines
    inner join lines on raw_lines.line_id = lines.line_id
    where
        raw_lines.status is not null
        and lines.line_class <> 'superseded'
    group by 1, 2

),

statuses_in_words as (

    select
        'order status' as section,
        row_number() over (order by orders desc, status asc, is_left_out asc) as position,
        rpad(status, 18, ' ')
        || lpad({{ thousands('orders') }}, 12, ' ') || case when orders = 1 then ' order ' else ' orders' end
        || lpad({{ number_text('amount', 2) }}, 19, ' ')
        || case when is_left_out then ', left out' else '' end as message
    from statuses

),

days_in_words as (

    select
        'days' as section,
        1 as position,
        first_line_on || ' to ' || last_line_on || ', looked at on ' || as_of_date as message
    from as_of

),

sections (section_no, section) as (

    values
    (1, 'format'),
    (2, 'fields'),
    (3, 'first lines'),
    (4, 'tax'),
    (5, 'days'),
    (6, 'lines'),
    (7, 'order status')

),

messages as (

    select * from files_in_words
    union all
    select * from fields_in_words
    union all
    select * from lines_in_words
    union all
    select * from money_in_words
    union all
    select * from days_in_words
    union all
    select * from classes_in_words
    union all
    select * from statuses_in_words

)

select
    sections.section_no,
    sections.section,
    row_number() over (partition by sections.section_no order by messages.position, messages.message) as line_no,
    messages.message
from messages
inner join sections on messages.section = sections.section
