from gift_shop import paths
from gift_shop.ingestion import reader


def model(dbt, session):
    dbt.ref("raw_invoice_lines")  # which has read the files
    settings = dbt.ref("stg_ingestion_settings").select(*reader.SETTINGS)
    (row,) = settings.fetchall()
    return reader.raw_fields(paths.invoices(), **reader.build_settings(row))
