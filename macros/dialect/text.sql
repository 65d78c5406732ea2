{#- A regular expression as a text of SQL. -#}
{% macro pattern_text(pattern) -%}
    {{ return(adapter.dispatch('pattern_text', 'gift_shop')(pattern)) }}
{%- endmacro %}

{% macro duckdb__pattern_text(pattern) -%}
    '{{ pattern | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__pattern_text(pattern) -%}
    '{{ pattern | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro %}

{#- True where the whole text fits the pattern, an expression of SQL. One of a table is compiled for each row, 6 s a
    million: ask it of distinct values. -#}
{% macro text_fits(column, pattern) -%}
    {{ return(adapter.dispatch('text_fits', 'gift_shop')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__text_fits(column, pattern) -%}
    regexp_full_match({{ column }}, {{ pattern }})
{%- endmacro %}

{% macro spark__text_fits(column, pattern) -%}
    regexp_like({{ column }}, concat('\\A(?:', {{ pattern }}, ')\\z'))
{%- endmacro %}

{#- True where some part of the text fits the pattern. -#}
{% macro text_has(column, pattern) -%}
    {{ return(adapter.dispatch('text_has', 'gift_shop')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__text_has(column, pattern) -%}
    regexp_matches({{ column }}, {{ pattern_text(pattern) }})
{%- endmacro %}

{% macro spark__text_has(column, pattern) -%}
    regexp_like({{ column }}, {{ pattern_text(pattern) }})
{%- endmacro %}

{#- The text with each part that fits the pattern replaced. -#}
{% macro replace_all(column, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all', 'gift_shop')(column, pattern, replacement)) }}
{%- endmacro %}

{% macro duckdb__replace_all(column, pattern, replacement) -%}
    regexp_replace({{ column }}, {{ pattern_text(pattern) }}, '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_all(column, pattern, replacement) -%}
    regexp_replace({{ column }}, {{ pattern_text(pattern) }}, '{{ replacement }}')
{%- endmacro %}

{#- An aggregate: the texts of a group as one, in order; `where` counts in some of its rows only. -#}
{% macro joined(value, separator, order_by, where=none, distinct=false) -%}
    {{ return(adapter.dispatch('joined', 'gift_shop')(value, separator, order_by, where, distinct)) }}
{%- endmacro %}

{% macro duckdb__joined(value, separator, order_by, where=none, distinct=false) -%}
    string_agg({{ 'distinct ' if distinct }}{{ value }}, '{{ separator }}' order by {{ order_by }})
    {%- if where %} filter (where {{ where }}){% endif %}
{%- endmacro %}

{% macro spark__joined(value, separator, order_by, where=none, distinct=false) -%}
    listagg({{ 'distinct ' if distinct }}{{ value }}, '{{ separator }}') within group (order by {{ order_by }})
    {%- if where %} filter (where {{ where }}){% endif %}
{%- endmacro %}

{#- A number as text: so many decimals, thousands separated. -#}
{% macro number_text(number, decimals) -%}
    {{ return(adapter.dispatch('number_text', 'gift_shop')(number, decimals)) }}
{%- endmacro %}

{% macro duckdb__number_text(number, decimals) -%}
    format('{:,.{{ decimals }}f}', cast({{ number }} as double))
{%- endmacro %}

{% macro spark__number_text(number, decimals) -%}
    format_number(cast({{ number }} as double), {{ decimals }})
{%- endmacro %}

{#- A row with the names of its columns, as text for people. -#}
{% macro row_as_text(table_alias) -%}
    {{ return(adapter.dispatch('row_as_text', 'gift_shop')(table_alias)) }}
{%- endmacro %}

{% macro duckdb__row_as_text(table_alias) -%}
    cast({{ table_alias }} as varchar)
{%- endmacro %}

{% macro spark__row_as_text(table_alias) -%}
    to_json(struct({{ table_alias }}.*))
{%- endmacro %}

{#- The parts of a text between commas, trimmed, a row for each: an expression of a select list. -#}
{% macro each_part(column) -%}
    {{ return(adapter.dispatch('each_part', 'gift_shop')(column)) }}
{%- endmacro %}

{% macro duckdb__each_part(column) -%}
    unnest(regexp_split_to_array(trim({{ column }}), ' *, *'))
{%- endmacro %}

{% macro spark__each_part(column) -%}
    explode(split(trim({{ column }}), ' *, *'))
{%- endmacro %}
