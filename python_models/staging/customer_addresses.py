from gift_shop import paths
from gift_shop.ingestion import reader


def model(dbt, session):
    dbt.ref("raw_invoice_lines")
    settings = dbt.ref("stg_ingestion_settings").select(*reader.SETTINGS)
    (row,) = settings.fetchall()
    return reader.customer_addresses(paths.invoices(), **reader.build_settings(row))
