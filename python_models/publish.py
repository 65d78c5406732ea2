from segmentation import paths, publishing


def model(dbt, session):
    dbt.config(materialized="table", schema="quality")
    dbt.ref("raw_files")
    dbt.ref("build_gate")  # every table and every test stands before the gate
    outcome = publishing.publish(session.cursor(), paths.published())
    print(outcome["message"].iloc[0], flush=True)
    return outcome
