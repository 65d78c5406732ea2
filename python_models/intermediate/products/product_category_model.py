from gift_shop.models import categories


def model(dbt, session):
    return categories.learn(
        dbt.ref("int_product_category_words").df(),
        dbt.ref("int_product_copurchases").df(),
    )
