from segmentation import segment_tables


def model(dbt, session):
    dbt.config(materialized="table", schema="marts")
    scores = dbt.ref("int_customer_scores").join(dbt.ref("int_as_of"), "cutoff_date = as_of_date")
    return segment_tables.customer_segments(
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("customer_segment_model").df(),
        scores.project("customer_id, rfm_group_segment_key").df(),
    )
