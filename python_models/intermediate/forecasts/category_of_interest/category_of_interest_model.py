import pandas as pd
from gift_shop.forecasting import predictions
from gift_shop.models import category_of_interest


def model(dbt, session):
    as_of = dbt.ref("int_as_of").df().iloc[0]
    categories = dbt.ref("int_product_categories").filter("is_named_by_people")
    history = pd.Timedelta(days=int(dbt.config.meta_get("min_history_days")))
    frames = category_of_interest.learn(
        dbt.ref("int_category_of_interest_examples").df(),
        dbt.ref("int_category_of_interest_basket_shares").df(),
        dbt.ref("int_category_of_interest_priors").df(),
        dbt.ref("int_category_of_interest_outcomes").df(),
        categories.project("category_key").distinct().df()["category_key"],
        dbt.ref("int_cutoffs").df(),
        as_of["first_line_on"].date() + history,
        block_days=int(dbt.config.meta_get("block_days")),
    )
    return predictions.one_table(frames)
