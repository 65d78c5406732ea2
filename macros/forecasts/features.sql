{#- Features of the forecasts: ln(1 + x) of these columns of a relation of snapshots, named for what they measure. -#}
{% macro log_features(relation, names) -%}
{%- set columns = {
    'log_recency': 'recency_days', 'log_frequency': 'frequency', 'log_monetary': 'monetary',
    'log_tenure': 'tenure_days', 'log_avg_order_value': 'avg_order_value', 'log_gap': 'gap_days',
    'log_lines': 'lines', 'log_units': 'units_bought',
} -%}
{%- for name in names %}
{{ log1p(relation ~ '.' ~ columns[name]) }} as {{ name }}
{%- if not loop.last %},{% endif %}
{%- endfor %}
{%- endmacro %}

{#- What the regression of segment_transition reads; gift_shop/forecasting/segment_transition.py has the same. -#}
{% macro segment_transition_features() -%}
log_recency log_frequency log_monetary log_tenure log_avg_order_value log_lines log_units
{%- endmacro %}

{#- What the regressions of customer_value read, in their order; gift_shop/forecasting/customer_value.py has the same. -#}
{% macro customer_value_features() -%}
log_recency log_frequency log_monetary log_tenure log_avg_order_value log_gap log_recency_per_gap is_one_order_day
{%- endmacro %}
