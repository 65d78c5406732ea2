{#- Text as people mean it: without the white space around it, null where nothing is left. A plain trim: DuckDB does it
    once for each text of a compressed column; looking at the ends first was done for each line, at four times the cost. -#}
{% macro clean_text(column) -%}
    nullif(trim({{ column }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')
{%- endmacro %}

{#- True where the whole text fits the pattern (RE2). -#}
{% macro text_fits(column, pattern) -%}
    regexp_full_match({{ column }}, '{{ pattern | replace("'", "''") }}')
{%- endmacro %}

{#- A 64-bit hash of several columns; equal rows have equal hashes, not the other way round. -#}
{% macro row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{#- A hash of a whole table's rows, whatever their order; equal contents, equal text. -#}
{% macro content_hash(table_alias) -%}
    concat(coalesce(bit_xor(hash({{ table_alias }})), 0), '-', coalesce(sum(hash({{ table_alias }})), 0))
{%- endmacro %}

{#- A row with the names of its columns, as text for people. -#}
{% macro row_as_text(table_alias) -%}
    cast({{ table_alias }} as varchar)
{%- endmacro %}

{#- A whole number with thousands separators, as text. -#}
{% macro thousands(number) -%}
    format('{:,}', cast(round({{ number }}) as bigint))
{%- endmacro %}

{#- A number of days or orders as text; the half that a median may end in stays: 1,204, 2.5. -#}
{% macro halves(number) -%}
    regexp_replace(format('{:,.1f}', cast({{ number }} as double)), '\.0$', '')
{%- endmacro %}

{#- A share 0..1 as text in percent: whole percents, but one decimal below ten; 0% and 100% are said of nothing and all
    alone. -#}
{% macro percent(share) -%}
    case
        when {{ share }} > 0 and {{ share }} < 0.0005 then 'less than 0.1%'
        when {{ share }} >= 0.995 and {{ share }} < 1 then 'more than 99%'
        when {{ share }} > 0 and {{ share }} < 0.0995 then format('{:.1f}%', cast(100 * ({{ share }}) as double))
        else format('{:.0f}%', cast(100 * ({{ share }}) as double))
    end
{%- endmacro %}

{#- The chance of something to come, 0..1, as text in whole percents: never none, never certain. -#}
{% macro chance(probability) -%}
    case
        when {{ probability }} < 0.01 then 'less than 1%'
        when {{ probability }} > 0.99 then 'more than 99%'
        else format('{:.0f}%', cast(100 * ({{ probability }}) as double))
    end
{%- endmacro %}

{#- A number from 0 to buckets - 1 that depends on the text alone: the same customer, the same bucket, in every build. -#}
{% macro hash_bucket(column, buckets) -%}
    (cast('0x' || left(md5({{ column }}), 8) as bigint) % {{ buckets }})
{%- endmacro %}
