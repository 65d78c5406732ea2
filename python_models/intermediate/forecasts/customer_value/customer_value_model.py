from gift_shop.models import customer_value


def model(dbt, session):
    features = dbt.ref("int_customer_value_features")
    inputs = {
        "features": features.join(dbt.ref("int_training_customers"), "customer_id"),
        "cutoffs": dbt.ref("int_cutoffs").filter("is_customer_value"),
    }
    forecaster = customer_value.CustomerValue()
    return forecaster.forecast({name: table.df() for name, table in inputs.items()}).to_arrow()
