from gift_shop import worker


def model(dbt, session):
    return worker.call(
        "segment_tables.holdout_table",
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("int_cutoffs").df(),
        dbt.ref("int_customer_segment_choice").df(),
        dbt.ref("rfm_groups").df(),
    )
