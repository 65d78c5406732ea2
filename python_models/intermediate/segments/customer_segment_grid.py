from gift_shop.models import segment_tables


def model(dbt, session):
    return segment_tables.grid_table(
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("int_cutoffs").df(),
        dbt.ref("rfm_groups").df(),
        min_history_days=int(dbt.config.meta_get("min_history_days")),
        min_customers=int(dbt.config.meta_get("min_customers")),
    )
