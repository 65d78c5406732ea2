from segmentation import door, paths


def model(dbt, session):
    dbt.config(materialized="table", schema="staging")
    return door.read_invoices(
        session,
        paths.invoices(),
        date_format=dbt.config.meta_get("date_format"),
        quantity_pattern=dbt.config.meta_get("quantity_pattern"),
        price_pattern=dbt.config.meta_get("price_pattern"),
        max_unreadable_share=float(dbt.config.meta_get("max_unreadable_share")),
    )
