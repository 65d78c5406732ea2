from gift_shop import paths, worker
from gift_shop.ingestion import reader


def model(dbt, session):
    ((refusal,),) = dbt.source("quality", "build_invocation").fetchall()
    if refusal is None:  # what trains is imported meanwhile; part of a build may need none of it
        worker.start()
    settings = dbt.ref("stg_ingestion_settings").select(*reader.SETTINGS)
    (row,) = settings.fetchall()
    return reader.read_invoices(session, paths.invoices(), **reader.build_settings(row))
