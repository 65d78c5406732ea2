from gift_shop import paths
from gift_shop.ingestion import reader


def model(dbt, session):
    dbt.ref("raw_invoice_lines")  # only what the reader has accepted is worth hashing
    return reader.raw_files(paths.invoices())
