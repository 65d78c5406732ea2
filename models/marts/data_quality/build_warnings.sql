{#- What may be wrong with the files and cannot be known from them: nothing stops, but each is said where people look. A
    further warning is another `select` in `warnings`. Files of which the same is to be said share a sentence. -#}
{%- set files -%}
min(raw_files.file_name)
        || case when count(*) = 1 then '' else ' and ' || {{ counted('(count(*) - 1)', 'other file') }} end
{%- endset -%}

with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

raw_files as (

    select * from {{ ref('raw_files') }}

),

lines as (

    select * from {{ ref('int_cleaning_stops') }}

),

early_days as (

    select
        min(invoiced_on) as first_on,
        max(invoiced_on) as last_on,
        cast(sum(lines) as bigint) as lines
    from {{ ref('int_invoice_days') }}
    where is_isolated_early

),

orders as (

    select
        customer_id,
        frequency,
        lead(frequency) over (order by frequency desc, customer_id asc) as next_frequency,
        row_number() over (order by frequency desc, customer_id asc) as place,
        sum(frequency) over () as all_orders
    from {{ ref('int_customers') }}

),

customers as (

    select
        customer_id,
        {{ loose_key('customer_id') }} as loose_id
    from {{ ref('int_customers') }}

),

objectors as (

    select distinct {{ customer_key('customer_id') }} as customer_id from {{ ref('do_not_contact') }}

),

unmatched as (

    select
        objectors.customer_id,
        min(likely.customer_id) as likely_id
    from objectors
    left join customers on objectors.customer_id = customers.customer_id
    left join customers as likely on {{ loose_key('objectors.customer_id') }} = likely.loose_id
    where customers.customer_id is null
    group by 1

),

adjustments as (

    select * from {{ ref('int_line_adjustments') }}

),

faults as (

    select
        fault,
        min(line_id) as line_id,
        count(*) as lines
    from adjustments
    where fault is not null
    group by fault

),

places as (

    {{ places_of_lines('faults') | indent(4) }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

refunds as (

    select
        count(*) filter (where not adjustments.has_refund_day) as undated,
        sum(adjustments.refunded_amount) filter (where not adjustments.has_refund_day) as undated_amount,
        count(*) filter (where adjustments.refunded_at >= as_of.as_of_date) as late,
        sum(adjustments.refunded_amount) filter (where adjustments.refunded_at >= as_of.as_of_date) as late_amount
    from adjustments
    cross join as_of
    where adjustments.refunded_amount <> 0

),

words (word) as (

    values ('status'), ('refund'), ('discount'), ('currency'), ('tax'), ('category')

),

warnings as (

    select
        'date_order' as warning,
        min(raw_files.file_name) as subject,
        'Every date of ' || {{ files }} || ' reads both ways; it was read as ' || raw_files.date_format
        || ' (' || raw_files.date_evidence || '). If that is wrong, set date_format.' as message
    from raw_files
    where raw_files.date_evidence <> ''
    group by raw_files.date_format, raw_files.date_evidence
    union all
    select
        'file' as warning,
        file_name as subject,
        file_name || ': ' || notes || '.' as message
    from raw_files
    where notes <> ''
    group by file_name, notes
    union all
    select
        'isolated_lines' as warning,
        cast(early_days.last_on as string) as subject,
        {{ counted('early_days.lines', 'line') }} || ' from ' || early_days.first_on || ' to ' || early_days.last_on
        || ' came more than ' || settings.max_gap_days || ' days before all others and '
        || case when early_days.lines = 1 then 'was' else 'were' end
        || ' left out as mistyped. If they are right, raise max_gap_days.' as message
    from early_days
    cross join settings
    where early_days.lines > 0
    union all
    select
        'free_lines' as warning,
        'price' as subject,
        {{ thousands('lines.free_lines') }} || ' of ' || {{ thousands('lines.lines') }} || ' lines ('
        || {{ percent('lines.free_lines / cast(lines.lines as double)') }}
        || ') have a price of 0 and count as adjustments: right for free gifts, wrong if prices are missing.' as message
    from lines
    cross join settings
    where lines.free_lines > settings.max_adjustment_share * lines.lines
    union all
    select
        'one_customer' as warning,
        customer_id as subject,
        'Customer ' || customer_id || ' has ' || {{ thousands('frequency') }} || ' of '
        || {{ counted('all_orders', 'order') }} || ' (' || {{ percent('frequency / cast(all_orders as double)') }}
        || '), the next one ' || {{ thousands('next_frequency') }}
        || ': if the id stands for guests or a till, add it to seeds/nobody_ids.csv.' as message
    from orders
    where place = 1 and frequency > 0.05 * all_orders and frequency >= 10 * next_frequency
    union all
    select
        'unused_column' as warning,
        min(raw_files.file_name) || ': ' || words.word as subject,
        'A column of ' || {{ files }} || ' that speaks of ' || words.word || ' is not read (not read are '
        || raw_files.unused_columns || '): if it says what a line is worth, correct the lines by it.' as message
    from raw_files
    inner join words on lower(raw_files.unused_columns) like '%' || words.word || '%'
    group by words.word, raw_files.unused_columns
    union all
    select
        'money' as warning,
        faults.fault as subject,
        {{ counted('faults.lines', 'line or order', 'lines or orders') }} || ' with ' || faults.fault || ', the first in '
        || places.place || ': '
        || case faults.fault
            when 'a discount larger than its line' then 'only what the line costs is taken off.'
            when 'a discount larger than the order' then 'only what the order costs is taken off.'
            when 'more units refunded than bought' then 'only the units bought are refunded.'
            else 'no discount is taken off. Are prices without a tax that the subtotal has, or is a line missing?'
        end as message
    from faults
    inner join places on faults.line_id = places.line_id
    union all
    select
        'refund_day' as warning,
        'refunded_at' as subject,
        {{ counted('undated', 'refund') }} || ' of ' || {{ amount_in_words('undated_amount') }}
        || ' in all have no day in the file and count on the day of their order: held-out figures of the models know of'
        || ' later refunds.' as message
    from refunds
    where undated > 0
    union all
    select
        'late_refund' as warning,
        'refunded_at' as subject,
        {{ counted('refunds.late', 'refund') }} || ' of ' || {{ amount_in_words('refunds.late_amount') }}
        || ' in all came on or after the as-of date ' || as_of.as_of_date || ' and do not count. If their days are right, set'
        || ' as_of_date.' as message
    from refunds
    cross join as_of
    where refunds.late > 0
    union all
    select
        'objector' as warning,
        customer_id as subject,
        'Id ' || customer_id || ' of seeds/do_not_contact.csv fits no customer'
        || coalesce(', most likely it is ' || likely_id || ': correct it, as that customer may be contacted now', '')
        || '.' as message
    from unmatched

)

select
    warning,
    subject,
    message
from warnings
