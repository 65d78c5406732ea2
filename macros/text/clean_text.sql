{#- Text as people mean it: without the white space around it, null where nothing is left. A plain trim: DuckDB does it
    once for each text of a compressed column; looking at the ends first was done for each line, at four times the cost. -#}
{% macro clean_text(column) -%}
    nullif(trim(both ' ' || chr(9) || chr(10) || chr(13) || chr(160) from {{ column }}), '')
{%- endmacro %}
