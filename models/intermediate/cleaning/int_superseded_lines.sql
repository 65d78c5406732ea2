{#- Of monthly exports that overlap, the last one knows most of an order. -#}
with

settings as (

    select * from {{ ref('stg_line_settings') }}

),

lines as (

    select
        raw_lines.line_id,
        raw_lines.source_file,
        {{ code_key('raw_lines.invoice_no') }} as invoice_no
    from {{ ref('raw_invoice_lines') }} as raw_lines
    inner join settings on settings.later_file_wins
    where raw_lines.raw_text is null

),

last_files as (

    select
        invoice_no,
        max_by(source_file, line_id) as source_file
    from lines
    where invoice_no is not null
    group by invoice_no
    having min(source_file) < max(source_file)

)

select
    lines.line_id,
    last_files.source_file as later_file
from lines
inner join last_files on lines.invoice_no = last_files.invoice_no and lines.source_file <> last_files.source_file
