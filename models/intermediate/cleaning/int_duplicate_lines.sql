{#- Two kinds of lines that are there already. Equal lines: all fields as read are those of an earlier line, unless the
    setting says that each of them is a sale. Repeated invoices, whatever the setting: the lines of an invoice that stand
    together, its runs, stand again in another file, or all of them several times in one. -#}
{%- set all_columns = raw_columns() ~ ', ' ~ more_raw_columns() -%}
{%- set fields = all_columns.split(',') | map('trim') | list -%}

with

settings as (

    select * from {{ ref('stg_line_settings') }}

),

superseded as (

    select line_id from {{ ref('int_superseded_lines') }}

),

-- grouping by one number instead of eight texts keeps a large file in memory; the hash only
-- nominates, equality of the fields decides. The table is read twice, since a CTE of all its fields
-- that two queries share is copied.
repeated_hashes as (

    select {{ row_hash(fields) }} as record_hash
    from {{ ref('raw_invoice_lines') }}
    where
        raw_text is null
        and line_id not in (select superseded.line_id from superseded)
    group by 1
    having count(*) > 1

),

candidates as (

    select *
    from {{ ref('raw_invoice_lines') }}
    where
        raw_text is null
        and line_id not in (select superseded.line_id from superseded)
        and {{ row_hash(fields) }} in (select repeated_hashes.record_hash from repeated_hashes)

),

equal_lines as (

    select
        line_id,
        source_file,
        invoice_no,
        first_value(line_id) over same_record as first_line_id
    from candidates
    window same_record as (partition by {{ all_columns }} order by line_id)

),

-- a record of several lines has the line_id of its first
placed as (

    select
        line_id,
        row_number() over (order by line_id) as place
    from {{ ref('raw_invoice_lines') }}

),

-- lines of an invoice that stand in a row have the same distance of their place from their number
numbered as (

    select
        equal_lines.*,
        placed.place
        - row_number() over (partition by equal_lines.source_file, equal_lines.invoice_no order by equal_lines.line_id)
            as run_no
    from equal_lines
    inner join placed on equal_lines.line_id = placed.line_id
    where equal_lines.invoice_no is not null

),

runs as (

    select
        source_file,
        invoice_no,
        run_no,
        min(line_id) as run_line_id,
        count(*) as lines,
        -- equal where the lines are, in whatever order
        sum(cast({{ row_hash(['first_line_id']) }} as decimal(38, 0))) as content
    from numbered
    group by source_file, invoice_no, run_no

),

copies as (

    select
        *,
        first_value(source_file) over anywhere as first_source_file,
        row_number() over in_file as copy_no,
        count(*) over (partition by source_file, invoice_no, lines, content) as copies
    from runs
    window
        anywhere as (partition by invoice_no, lines, content order by run_line_id),
        in_file as (partition by source_file, invoice_no, lines, content order by run_line_id)

),

invoices as (

    select
        source_file,
        invoice_no,
        count(*) as lines
    from {{ ref('raw_invoice_lines') }}
    where
        raw_text is null
        and line_id not in (select superseded.line_id from superseded)
        and invoice_no in (select runs.invoice_no from runs)
    group by source_file, invoice_no

),

-- how often a file may hold its invoices
times (n) as (

    values (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)

),

fitting as (

    select
        copies.source_file,
        copies.invoice_no,
        times.n
    from copies
    inner join invoices on copies.source_file = invoices.source_file and copies.invoice_no = invoices.invoice_no
    cross join times
    group by copies.source_file, copies.invoice_no, invoices.lines, times.n
    having max(copies.copies % times.n) = 0 and sum(copies.lines) = invoices.lines

),

-- an invoice stands n times in a file where each of its runs does: a till may write some lines of an invoice, another's, and
-- more of the same, which is no repeat
multiple_invoices as (

    select
        source_file,
        invoice_no,
        max(n) as n
    from fitting
    group by source_file, invoice_no

),

repeated_lines as (

    select numbered.line_id
    from numbered
    inner join copies
        on
            numbered.source_file = copies.source_file
            and numbered.invoice_no = copies.invoice_no
            and numbered.run_no = copies.run_no
    left join multiple_invoices
        on copies.source_file = multiple_invoices.source_file and copies.invoice_no = multiple_invoices.invoice_no
    where
        copies.source_file <> copies.first_source_file
        or copies.copy_no * multiple_invoices.n > copies.copies

)

select
    equal_lines.line_id,
    equal_lines.first_line_id,
    repeated_lines.line_id is not null as is_repeated_invoice
from equal_lines
cross join settings
left join repeated_lines on equal_lines.line_id = repeated_lines.line_id
where
    repeated_lines.line_id is not null
    or (settings.repeated_lines = 'duplicate' and equal_lines.line_id > equal_lines.first_line_id)
