from gift_shop import paths, worker
from gift_shop.ingestion import reader


def model(dbt, session):
    ((refusal,),) = dbt.source("quality", "build_invocation").fetchall()
    if refusal is None:  # what trains is imported meanwhile; part of a build may need none of it
        worker.start()
    return reader.read_invoices(
        session,
        paths.invoices(),
        date_format=dbt.config.meta_get("date_format"),
        quantity_pattern=dbt.config.meta_get("quantity_pattern"),
        price_pattern=dbt.config.meta_get("price_pattern"),
        max_unreadable_share=float(dbt.config.meta_get("max_unreadable_share")),
    )
