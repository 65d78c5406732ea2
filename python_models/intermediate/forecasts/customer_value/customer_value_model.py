from gift_shop import worker


def model(dbt, session):
    features = dbt.ref("int_customer_value_features")
    inputs = {
        "features": features.join(dbt.ref("int_training_customers"), "customer_id"),
        "seasons": dbt.ref("int_customer_value_seasons"),
        "cutoffs": dbt.ref("int_cutoffs").filter("is_customer_value"),
    }
    frames = {name: table.df() for name, table in inputs.items()}
    return worker.call("forecast", "CustomerValue", frames)
