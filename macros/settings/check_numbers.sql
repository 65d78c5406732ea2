{#- On-run-start: every var that stands in SQL as a number is one, so that no text comes into SQL by it, and 'seventy'
    is no quiet zero. A pytest holds the list against dbt_project.yml. -#}
{% macro check_numbers() -%}
    {%- for name in [
        'max_unreadable_share', 'max_gap_days', 'max_adjustment_share', 'max_duplicate_share', 'max_invalid_share',
        'wholesale_times_usual', 'personal_share',
        'category_review_confidence', 'category_review_disagreement', 'own_categories', 'min_words_share',
        'min_history_days_validation',
        'min_customers_clusters', 'min_history_days_segments', 'new_customer_days', 'min_history_days_new_customers',
        'prior_days', 'category_of_interest_block_days', 'max_training_customers', 'sold_lately_days', 'horizon_days', 'min_customers_to_choose',
    ] -%}
        {%- if not modules.re.fullmatch('[0-9]+([.][0-9]+)?', var(name) | string | trim) -%}
            {{ exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ var(name) ~ "': write it as a number") }}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('repeated_lines') not in ('', 'duplicate', 'sum') -%}
        {{ exceptions.raise_compiler_error(
            "var repeated_lines is '" ~ var('repeated_lines') ~ "': write 'duplicate' or 'sum'"
        ) }}
    {%- endif -%}
    {%- if var('later_file_wins') | string | lower not in ('', 'true', 'false') -%}
        {{ exceptions.raise_compiler_error("var later_file_wins is '" ~ var('later_file_wins') ~ "': write true or false") }}
    {%- endif -%}
    {%- if var('zero_quantity') not in ('', 'refunded in full') -%}
        {{ exceptions.raise_compiler_error(
            "var zero_quantity is '" ~ var('zero_quantity') ~ "': write 'refunded in full', or leave it empty"
        ) }}
    {%- endif -%}
    {%- if var('segment_strategies') not in ('neutral', 'gift_shop') -%}
        {{ exceptions.raise_compiler_error(
            "var segment_strategies is '" ~ var('segment_strategies') ~ "': write 'neutral' or 'gift_shop'"
        ) }}
    {%- endif -%}
    {%- if not modules.re.fullmatch('0*[1-9][0-9]*', var('horizon_days') | string | trim) -%}
        {{ exceptions.raise_compiler_error(
            "var horizon_days is '" ~ var('horizon_days') ~ "': write it as a whole number of days, at least 1"
        ) }}
    {%- endif -%}
{%- endmacro %}
