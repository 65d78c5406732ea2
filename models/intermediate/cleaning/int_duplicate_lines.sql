{%- set fields = raw_columns().split(', ') -%}

with

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

numbered as (

    select
        line_id,
        first_value(line_id) over same_record as first_line_id
    from candidates
    window same_record as (partition by {{ raw_columns() }} order by line_id)

)

select
    line_id,
    first_line_id
from numbered
where line_id > first_line_id
