from gift_shop import worker


def model(dbt, session):
    return worker.call(
        "segment_tables.grid_table",
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("int_cutoffs").df(),
        dbt.ref("rfm_groups").df(),
        min_history_days=int(dbt.config.meta_get("min_history_days")),
        min_customers=int(dbt.config.meta_get("min_customers")),
    )
