{#- Print the lines of reading_report, each section under its name; a build's screen shows what comes before it only if the
    files are refused. -#}
{% macro print_report(relation) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set found = namespace(section='') -%}
        {%- for row in run_query('select section, message from ' ~ relation ~ ' order by section_no, line_no').rows -%}
            {%- set name = row[0] if row[0] != found.section else '' -%}
            {%- do print('report: ' ~ '%-13s' | format(name) ~ row[1]) -%}
            {%- set found.section = row[0] -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
