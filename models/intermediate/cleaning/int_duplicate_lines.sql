{#- Two kinds of lines that are there already. Equal lines: all eight fields as read are those of an earlier line, unless the
    setting says that each of them is a sale. Repeated invoices, whatever the setting: a run of lines of one invoice that
    stands again as a whole after lines of another invoice, or in another file. -#}
{%- set fields = raw_columns().split(', ') -%}

with

settings as (

    select * from {{ ref('stg_ingestion_settings') }}

),

-- grouping by one number instead of eight texts keeps a large file in memory; the hash only
-- nominates, equality of the fields decides. The table is read twice, since a CTE of all its fields
-- that two queries share is copied.
repeated_hashes as (

    select {{ row_hash(fields) }} as record_hash
    from {{ ref('raw_invoice_lines') }}
    where raw_text is null
    group by 1
    having count(*) > 1

),

candidates as (

    select *
    from {{ ref('raw_invoice_lines') }}
    where
        raw_text is null
        and {{ row_hash(fields) }} in (select repeated_hashes.record_hash from repeated_hashes)

),

equal_lines as (

    select
        line_id,
        first_value(line_id) over same_record as first_line_id
    from candidates
    window same_record as (partition by {{ raw_columns() }} order by line_id)

),

-- an invoice without an equal line cannot stand again
lines as (

    select
        line_id,
        source_file,
        invoice_no,
        {{ row_hash(fields) }} as record_hash,
        line_id - row_number() over (partition by source_file, invoice_no order by line_id) as run_no
    from {{ ref('raw_invoice_lines') }}
    where raw_text is null and invoice_no in (select candidates.invoice_no from candidates)

),

runs as (

    select
        source_file,
        invoice_no,
        run_no,
        min(line_id) as first_line_id,
        max(line_id) as last_line_id,
        {{ content_hash('record_hash') }} as content
    from lines
    group by source_file, invoice_no, run_no

),

repeated_runs as (

    select
        first_line_id,
        last_line_id,
        row_number() over (partition by invoice_no, content order by first_line_id) > 1 as is_repeated
    from runs

),

repeated_invoices as (

    select
        equal_lines.line_id,
        equal_lines.first_line_id
    from equal_lines
    inner join repeated_runs
        on
            equal_lines.line_id between repeated_runs.first_line_id and repeated_runs.last_line_id
            and repeated_runs.is_repeated

)

select
    equal_lines.line_id,
    equal_lines.first_line_id,
    repeated_invoices.line_id is not null as is_repeated_invoice
from equal_lines
cross join settings
left join repeated_invoices on equal_lines.line_id = repeated_invoices.line_id
where
    equal_lines.line_id > equal_lines.first_line_id
    and (repeated_invoices.line_id is not null or settings.repeated_lines = 'duplicate')
