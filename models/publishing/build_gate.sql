{#- Everything that must be green before anything is published; publish stands behind this model alone.
    A test whose parents are all listed here (or feed what is listed) holds the gate shut when it fails. -#}
{%- set published = [
    ref('customers'), ref('customer_category_spend'), ref('customer_map'), ref('customer_segments'),
    ref('new_customers'), ref('customer_actions'),
    ref('segments'), ref('segment_category_spend'), ref('segment_history'), ref('segment_migrations'),
    ref('cluster_candidates'), ref('products'), ref('product_categories'),
    ref('sales_by_month'), ref('sales_by_weekday_hour'), ref('sales_by_country'),
    ref('cohort_retention'), ref('order_sizes'), ref('key_findings'),
    ref('cleaning_ledger'), ref('build_warnings'), ref('suspected_fees'), ref('reading_report'),
    ref('returns_reconciliation'), ref('raw_profile'), ref('model_metrics'),
    ref('calibration'), ref('model_parameters'),
] -%}
{%- set checked = [
    ref('rejected_invoice_lines'), ref('holdout_predictions'), ref('cluster_candidate_cutoffs'),
    ref('product_category_review'),
] -%}

{{ contents_of(published, is_published=true) }}
union all
{{ contents_of(checked, is_published=false) }}
