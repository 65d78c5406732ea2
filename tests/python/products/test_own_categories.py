"""The shop's own categories, groups of products, fees and what looks like one, in figures."""

from decimal import Decimal

import duckdb
import pandas as pd
import pytest
import sql_models
from gift_shop.products import categories as product_categories
from gift_shop.products import words
from sql_shop import CATEGORIES, MODELS, SqlShop, write

NAMES = ("int_product_category_choice", "int_product_categories", "int_product_category_names")
LAST = "9001,Z,Zzz,1,1/28/2011 10:00,0.01,k9,UK"


def add(shop, column, **values):
    """The column as a mapping of the file would have filled it: by stock code."""
    cases = " ".join(f"when '{code}' then '{value}'" for code, value in values.items())
    shop.connection.execute(f"update raw_invoice_lines set {column} = case stock_code {cases} end")
    sql_models.run(shop.connection, *MODELS, *CATEGORIES)


def name(shop, **settings):
    """The categories as the models of dbt give them."""
    connection = shop.connection
    sql_models.run(connection, *CATEGORIES, "int_product_copurchases", **settings)
    inputs = {
        "products": connection.execute("select * from int_product_category_words").df(),
        "pairs": connection.execute("select * from int_product_copurchases").df(),
    }
    sql_models.put(connection, product_category_model=product_categories.name_products(inputs))
    sql_models.run(connection, *NAMES, **settings)
    return {
        code: (key, source)
        for code, key, source in shop.rows(
            "select stock_code, category_key, category_source from int_product_categories"
        )
    }


def test_the_column_of_a_grocery_names_its_products(tmp_path):
    lines = [
        "1001,MILK,Milk,10,1/5/2011 10:00,1.00,k1,UK",
        "1002,PETROL,Petrol tin,2,1/6/2011 10:00,50.00,k2,UK",
        "1003,MUG,Red mug,30,1/7/2011 10:00,1.00,k2,UK",
        "1004,TIN,Tin of soup,1,1/7/2011 10:00,1.00,k2,UK",
        "1005,PEN,Pen,1,1/7/2011 10:00,2.00,k2,UK",
        "1006,BAG,Bag,1,1/7/2011 10:00,1.00,k2,UK",
    ]
    with SqlShop(write(tmp_path / "grocery.csv", lines)) as shop:
        add(
            shop,
            "category",
            MILK=" Dairy ",
            PETROL="Fuel & Oil",
            TIN="garden and OUTDOORS",
            PEN="Uncategorized",
            BAG="Other",
        )
        assert name(shop) == {
            "MILK": ("own_dairy", "column"),
            "PETROL": ("own_fuel_oil", "column"),
            "MUG": ("tea_dining", "words"),
            "TIN": ("garden", "column"),
            "PEN": ("stationery_wrap", "words"),
            "BAG": ("other", "column"),
        }
        assert shop.rows(
            "select category_key, category_name from int_product_category_names"
            " where category_key like 'own_%' order by all"
        ) == [("own_dairy", "Dairy"), ("own_fuel_oil", "Fuel & Oil")]
        # only the largest stands for itself
        assert name(shop, own_categories=1)["MILK"] == ("other", "column")


def test_words_of_another_trade_name_nothing(tmp_path):
    lines = [
        f"{n},J{n},{style} {shade} - {28 + n % 12},1,1/{1 + n % 28}/2011 10:00,40.00,k{n % 9},DE"
        for n, (style, shade) in enumerate(
            [("Brando", "Light Grey"), ("Marlon", "Dark Blue")] * 49 + [("Pencil", "Black Bag")] * 2
        )
    ]
    with SqlShop(write(tmp_path / "jeans.csv", lines)) as shop:
        assert set(name(shop).values()) == {("other", "none")}
        choice = "select words_share, is_words_used, is_model_used from int_product_category_choice"
        assert shop.row(choice) == (0.02, False, False)
        # words of one's own always count
        assert name(shop, min_words_share=0)["J98"] == ("stationery_wrap", "words")


def test_sizes_of_a_group_are_one_product_returns_included(tmp_path):
    lines = [
        "1001,TEE-S,Tee,1,1/5/2011 10:00,10.00,k1,UK",
        "1001,TEE-M,Tee,1,1/5/2011 10:00,10.00,k1,UK",
        "C1002,TEE-S,Tee,-1,1/7/2011 10:00,10.00,k1,UK",
        "1003,MUG,Mug,1,1/7/2011 10:00,5.00,k1,UK",
    ]
    with SqlShop(write(tmp_path / "tees.csv", lines)) as shop:
        add(shop, "product_group", **{"TEE-S": "tee", "TEE-M": "tee"})
        assert shop.rows(
            "select stock_code, units_sold, units_returned, revenue from int_products order by all"
        ) == [("MUG", 1, 0, Decimal(5)), ("TEE", 2, 1, Decimal(10))]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("Gift Card 50.00", "gift card"),
        ("My shop's GIFT CARDS", "gift card"),
        ("Gift card holder", None),
        ("Route Package Protection Plus", "parcel insurance"),
        ("Tip", "tip"),
        ("Felt tip pen", None),
        ("Vintage postage stamps", None),
    ],
)
def test_fees_by_the_words_of_the_description(tmp_path, description, reason):
    lines = [f"1001,A,{description},1,1/5/2011 10:00,10.00,k1,UK", LAST]
    with SqlShop(write(tmp_path / "fees.csv", lines)) as shop:
        fees = [r for (c, r), _ in shop.ledger().items() if c == "non_product"]
        assert fees == ([reason] if reason else [])


def test_what_looks_like_a_fee(tmp_path):
    """In a tenth of the orders at many prices; a product in as many, at two; a rare fee by name."""
    lines = [
        f"{n},P{n % 7},Ball {n % 7},1,1/{1 + n % 28}/2011 10:00,9.00,k{n % 9},DE"
        for n in range(200)
    ]
    lines += [
        f"{n},X-INS,Order protector,1,1/{1 + n % 28}/2011 10:00,{1 + n / 100:.2f},k{n % 9},DE"
        for n in range(20)
    ]
    lines += [
        f"{n},SUN,Sun hat,1,1/{1 + n % 28}/2011 10:00,{7 + n % 2},k{n % 9},DE" for n in range(40)
    ]
    lines += [
        f"{n},FEE1,Service fee 2011,1,1/{1 + n % 28}/2011 10:00,5.00,k{n % 9},DE" for n in range(2)
    ]
    # weighed: 4.49 a kilo, the total rounded to a penny and divided again
    lines += [
        f"{n},GRAPES,Grapes,{w / 1000},1/{1 + n % 28}/2011 10:00,{round(w * 0.00449, 2) * 1000 / w:.4f},k{n % 9},DE"
        for n in range(60)
        for w in [500 + 17 * n]
    ]
    with SqlShop(write(tmp_path / "fees.csv", lines)) as shop:
        sql_models.run(shop.connection, "int_suspected_fees", "suspected_fees")
        assert shop.rows(
            "select stock_code, fee_words, orders, order_share, prices, amount, seed_row"
            " from suspected_fees order by all"
        ) == [
            ("FEE1", "fee, service", 2, 0.01, 1, Decimal(10), '"FEE1",fee'),
            ("X-INS", None, 20, 0.1, 20, Decimal("21.90"), '"X-INS",fee'),
        ]
        shop.connection.execute("insert into non_product_codes values ('X-INS', 'fee')")
        sql_models.run(shop.connection, *MODELS, "int_suspected_fees")
        assert shop.rows("select stock_code from int_suspected_fees") == [("FEE1",)]
        assert shop.ledger()["non_product", "fee"] == 20


def test_broad_codes_at_any_price_are_no_fees(tmp_path):
    """A till's codes are departments: in many orders, at many prices, and most of the money."""
    lines = [
        f"{n},D{n % 4},Department {n % 4},1,1/{1 + n % 28}/2011 10:00,{2 + n / 100:.2f},k{n % 9},DE"
        for n in range(200)
    ]
    with SqlShop(write(tmp_path / "till.csv", lines)) as shop:
        sql_models.run(shop.connection, "int_suspected_fees")
        assert shop.rows("select stock_code from int_suspected_fees") == []


def test_a_suspected_fee_is_never_featured():
    with duckdb.connect() as connection:
        for table, columns in {
            "int_categories_to_feature": "unnest(['k1', 'k2']) as customer_id, 's' as segment_key,"
            " 'other' as category_key",
            "int_sales": "'k1' as customer_id, unnest(['INS', 'MUG']) as stock_code",
            "int_product_categories": "unnest(['INS', 'MUG']) as stock_code, 'other' as category_key",
            "int_products": "unnest(['INS', 'MUG']) as stock_code, 'x' as description,"
            " date '2011-01-09' as last_sold_at",
            "int_as_of": "date '2011-01-10' as as_of_date",
            "int_suspected_fees": "'INS' as stock_code",
        }.items():
            connection.execute(f"create table {table} as select {columns}")
        sql_models.run(connection, "int_products_to_feature")
        rows = connection.execute("select customer_id, stock_code from int_products_to_feature")
        assert rows.fetchall() == [("k2", "MUG")]


def test_words_are_proposed_by_the_revenue_they_name():
    products = pd.DataFrame(
        [("Brando Slim Jeans 32", 50.0), ("Brando Slim Jeans 34", 40.0), ("Wool hat", 30.0),
         ("Silk hat", 10.0), ("Belt", 99.0)],
        columns=["description", "revenue"],
    )  # fmt: skip
    assert words.propose(products) == [("slim jeans", 2, 90.0), ("hat", 2, 40.0)]
    assert words.propose(products, at_most=1) == [("slim jeans", 2, 90.0)]
    assert words.propose(products.head(0)) == []
