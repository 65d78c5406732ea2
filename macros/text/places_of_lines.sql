{#- Where an editor shows the lines of a relation: "orders.csv, line 7", for their line_id. A record that holds a line break
    moves those after it. -#}
{% macro places_of_lines(relation) -%}
select
    starts.line_id,
    raw_files.file_name || case
        when raw_files.sheets > 1 then ', record ' || (starts.line_id - starts.first_line_id + 1) || ' of its sheets together'
        else ', line ' || (starts.line_id - starts.first_line_id + 1 + raw_files.header_line)
    end as place
from (
    select
        {{ relation }}.line_id,
        max(files.first_line_id) as first_line_id
    from {{ relation }}
    inner join {{ ref('raw_files') }} as files on {{ relation }}.line_id >= files.first_line_id
    group by 1
) as starts
inner join {{ ref('raw_files') }} as raw_files on starts.first_line_id = raw_files.first_line_id
{%- endmacro %}
