from gift_shop import worker


def model(dbt, session):
    categories = dbt.ref("int_product_categories").filter("is_named_by_people")
    inputs = {
        "examples": dbt.ref("int_category_of_interest_examples"),
        "basket_shares": dbt.ref("int_category_of_interest_basket_shares"),
        "priors": dbt.ref("int_category_of_interest_priors"),
        "outcomes": dbt.ref("int_category_of_interest_outcomes"),
        "categories": categories.project("category_key").distinct(),
        "cutoffs": dbt.ref("int_cutoffs"),
    }
    frames = {name: table.df() for name, table in inputs.items()}
    return worker.call("forecast", "CategoryOfInterest", frames)
