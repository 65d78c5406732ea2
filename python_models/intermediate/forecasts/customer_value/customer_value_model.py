from gift_shop.models import customer_value


def model(dbt, session):
    as_of = dbt.ref("int_as_of").df().iloc[0]
    features = dbt.ref("int_customer_value_features")
    forecaster = customer_value.CustomerValue(
        as_of["as_of_date"].date(),
        horizon_days=int(dbt.config.meta_get("horizon_days")),
        min_history_days=int(dbt.config.meta_get("min_history_days")),
    )
    forecast = forecaster.forecast(
        {"features": features.join(dbt.ref("int_training_customers"), "customer_id").df()}
    )
    return forecast.to_arrow()
