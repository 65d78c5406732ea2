with

-- the files are of one format, so that what it says of their lines is the same for all
format as (

    select
        max(format) as format,
        max(cancellation_prefix) as cancellation_prefix,
        max(repeated_lines) as repeated_lines,
        max(later_file_wins) as later_file_wins,
        max(zero_quantity) as zero_quantity
    from {{ ref('raw_files') }}

)

-- a var that is set comes before the format's
select
    format,
    coalesce({{ code_key(text_var('cancellation_prefix')) }}, nullif(cancellation_prefix, '')) as cancellation_prefix,
    coalesce({{ clean_text(text_var('repeated_lines')) }}, repeated_lines) as repeated_lines,
    coalesce(cast(nullif({{ text_var('later_file_wins') }}, '') as boolean), later_file_wins) as later_file_wins,
    coalesce({{ clean_text(text_var('zero_quantity')) }}, nullif(zero_quantity, '')) as zero_quantity
from format
