from gift_shop.models import segment_tables


def model(dbt, session):
    dbt.config(schema="marts")
    scores = dbt.ref("int_customer_scores").join(dbt.ref("int_as_of"), "cutoff_date = as_of_date")
    today = dbt.ref("int_customers").project(
        "0 as days_before_as_of, customer_id, recency_days, frequency, monetary::double as monetary"
    )
    return segment_tables.customer_segments(
        today.df(),
        dbt.ref("customer_segment_model").df(),
        scores.project("customer_id, rfm_group_segment_key").df(),
    )
