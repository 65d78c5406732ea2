{#- The seed that var segment_strategies names. -#}
{% macro strategies_seed() -%}
    {%- set seeds = {
        'neutral': ref('segment_strategies'),
        'gift_shop': ref('segment_strategies_gift_shop'),
    } -%}
    {{ seeds[var('segment_strategies')] }}
{%- endmacro %}
