from segmentation import intervals


def model(dbt, session):
    dbt.config(materialized="table", schema="intermediate")
    return intervals.table(dbt.ref("holdout_predictions").df())
