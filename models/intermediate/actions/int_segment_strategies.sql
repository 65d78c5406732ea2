{%- set seeds = {
    'neutral': ref('segment_strategies'),
    'gift_shop': ref('segment_strategies_gift_shop'),
} -%}

select * from {{ seeds[var('segment_strategies')] }}
