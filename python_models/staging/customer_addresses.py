from gift_shop import paths
from gift_shop.ingestion import reader


def model(dbt, session):
    dbt.ref("raw_invoice_lines")
    settings = dbt.ref("stg_ingestion_settings").select(*reader.SETTINGS)
    (values,) = settings.fetchall()
    named = dict(zip(reader.SETTINGS, values, strict=True))
    return reader.customer_addresses(paths.invoices(), mapping=paths.mapping(), **named)
