{#- A 64-bit hash of several columns; equal rows have equal hashes, not the other way round. -#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'gift_shop')(columns)) }}
{%- endmacro %}

{% macro duckdb__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({% for column in columns %}{{ column }} is null, {{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- A hash of a whole table's rows, whatever their order; equal contents, equal text. -#}
{% macro content_hash(table_alias) -%}
    {{ return(adapter.dispatch('content_hash', 'gift_shop')(table_alias)) }}
{%- endmacro %}

{% macro duckdb__content_hash(table_alias) -%}
    concat(coalesce(bit_xor(hash({{ table_alias }})), 0), '-', coalesce(sum(hash({{ table_alias }})), 0))
{%- endmacro %}

{% macro spark__content_hash(table_alias) -%}
    {#- as JSON: a hash of the columns would not tell which of them is null -#}
    {%- set row = 'xxhash64(to_json(struct(' ~ table_alias ~ '.*)))' -%}
    concat(coalesce(bit_xor({{ row }}), 0), '-', coalesce(sum(cast({{ row }} as decimal(38, 0))), 0))
{%- endmacro %}

{#- A number from 0 to buckets - 1 that depends on the text alone: the same customer, the same bucket, in every build. -#}
{% macro hash_bucket(column, buckets) -%}
    {{ return(adapter.dispatch('hash_bucket', 'gift_shop')(column, buckets)) }}
{%- endmacro %}

{% macro duckdb__hash_bucket(column, buckets) -%}
    (cast('0x' || left(md5({{ column }}), 8) as bigint) % {{ buckets }})
{%- endmacro %}

{% macro spark__hash_bucket(column, buckets) -%}
    (cast(conv(left(md5({{ column }}), 8), 16, 10) as bigint) % {{ buckets }})
{%- endmacro %}
