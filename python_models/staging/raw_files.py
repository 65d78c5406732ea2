from gift_shop.ingestion import reader as door
from gift_shop import paths


def model(dbt, session):
    dbt.ref("raw_invoice_lines")  # only what the door has accepted is worth hashing
    return door.raw_files(paths.invoices())
