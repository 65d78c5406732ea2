from segmentation import segment_tables


def model(dbt, session):
    dbt.config(materialized="table", schema="intermediate")
    return segment_tables.customer_positions(
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("customer_segment_model").df(),
    )
