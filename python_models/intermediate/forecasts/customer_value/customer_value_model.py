from gift_shop.forecasting import predictions
from gift_shop.models import customer_value


def model(dbt, session):
    frames = customer_value.learn(
        dbt.ref("int_customer_value_features")
        .join(dbt.ref("int_training_customers"), "customer_id")
        .df(),
        dbt.ref("int_cutoffs").filter("is_customer_value").df(),
    )
    return predictions.one_table(frames)
