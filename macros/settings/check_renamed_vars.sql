{#- On-run-start: a var that has another name now, or is gone, stops the build, as dbt itself would quietly ignore it. -#}
{% macro check_renamed_vars() -%}
    {%- for name, instead in {
        'max_days_before_last_day': "its name is max_gap_days now",
        'interest_block_days': "its name is category_of_interest_block_days now",
        'max_learning_customers': "its name is max_training_customers now",
        'learning_sample_customers': "max_training_customers says both now",
        'min_history_days_clusters': "set min_history_days_validation, the days before the earliest validation cutoff",
        'min_history_days_value': "it follows from horizon_days now",
        'min_history_days_customer_value': "it follows from horizon_days now",
        'wholesale_units_per_line': "set wholesale_times_usual, in times the units that are usual of a product",
        'wholesale_units_per_order': "set wholesale_times_usual, in times the units that are usual of a product",
    }.items() -%}
        {%- if var(name, none) is not none -%}
            {{ exceptions.raise_compiler_error("var " ~ name ~ " is no longer read: " ~ instead) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
