{#- A 64-bit hash of several columns; equal rows have equal hashes, not the other way round. -#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'gift_shop')(columns)) }}
{%- endmacro %}

{% macro duckdb__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{#- A hash of a whole table's rows, whatever their order; equal contents, equal text. -#}
{% macro content_hash(table_alias) -%}
    {{ return(adapter.dispatch('content_hash', 'gift_shop')(table_alias)) }}
{%- endmacro %}

{% macro duckdb__content_hash(table_alias) -%}
    concat(coalesce(bit_xor(hash({{ table_alias }})), 0), '-', coalesce(sum(hash({{ table_alias }})), 0))
{%- endmacro %}

{#- A number from 0 to buckets - 1 that depends on the text alone: the same customer, the same bucket, in every build. -#}
{% macro hash_bucket(column, buckets) -%}
    {{ return(adapter.dispatch('hash_bucket', 'gift_shop')(column, buckets)) }}
{%- endmacro %}

{% macro duckdb__hash_bucket(column, buckets) -%}
    (cast('0x' || left(md5({{ column }}), 8) as bigint) % {{ buckets }})
{%- endmacro %}
