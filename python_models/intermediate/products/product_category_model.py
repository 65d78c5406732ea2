from gift_shop import worker


def model(dbt, session):
    inputs = {
        "products": dbt.ref("int_product_category_words"),
        "pairs": dbt.ref("int_product_copurchases"),
    }
    frames = {name: table.df() for name, table in inputs.items()}
    return worker.call("categories.name_products", frames)
