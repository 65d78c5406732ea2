from gift_shop.models import categories


def model(dbt, session):
    inputs = {
        "products": dbt.ref("int_product_category_words"),
        "pairs": dbt.ref("int_product_copurchases"),
    }
    return categories.name_products({name: table.df() for name, table in inputs.items()})
