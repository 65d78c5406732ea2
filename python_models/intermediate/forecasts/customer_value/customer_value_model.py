from gift_shop.forecasting import predictions
from gift_shop.models import customer_value


def model(dbt, session):
    as_of = dbt.ref("int_as_of").df().iloc[0]
    frames = customer_value.learn(
        dbt.ref("int_customer_value_features")
        .join(dbt.ref("int_training_customers"), "customer_id")
        .df(),
        as_of["as_of_date"].date(),
        horizon_days=int(dbt.config.meta_get("horizon_days")),
        min_history_days=int(dbt.config.meta_get("min_history_days")),
    )
    return predictions.one_table(frames)
