from gift_shop import worker


def model(dbt, session):
    return worker.call(
        "segment_tables.model_table",
        dbt.ref("int_cluster_inputs").df(),
        dbt.ref("int_cutoffs").df(),
        dbt.ref("int_customer_segment_choice").df(),
        dbt.ref("segment_archetypes").df(),
        dbt.ref("int_segment_bounds").df(),
    )
