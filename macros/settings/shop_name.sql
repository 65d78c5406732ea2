{#- The shop's name as a text, from env var GIFT_SHOP_NAME; null where it is not set. -#}
{% macro shop_name() -%}
    nullif('{{ env_var("GIFT_SHOP_NAME", "") | replace("'", "''") }}', '')
{%- endmacro %}
