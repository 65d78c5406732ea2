"""A made shop of product lines, and all forecasts of it: SQL models first, then Python."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import sql_models
from gift_shop.forecasting import category_of_interest, customer_value, segment_transition
from gift_shop.products import categories as product_categories

FIRST, AS_OF = dt.date(2010, 12, 1), dt.date(2011, 12, 10)
# of a shop whose forecasts know the same season of the year before
LONG_AGO = dt.date(2009, 12, 1)
CATEGORIES = ["bags", "garden", "storage", "toys"]
COLOURS = ["red", "blue", "green"]
BASE = ("int_return_matches", "int_sales", "int_orders", "int_customer_days", "int_cutoffs")
PRODUCTS = (
    "int_product_descriptions",
    "int_products",
    "int_own_categories",
    "int_product_category_words",
    "int_product_copurchases",
)
SNAPSHOTS = (
    "int_customer_snapshots",
    "int_customer_outcomes",
    "int_customer_value_features",
    "int_customer_value_seasons",
)
INTEREST = (
    "int_training_customers",
    "int_basket_categories",
    "int_category_of_interest_examples",
    "int_category_of_interest_outcomes",
    "int_category_of_interest_basket_shares",
    "int_category_of_interest_priors",
)


def lines(seed=0, customers=400, first=FIRST):
    """Product lines of a made shop: 1-8 orders a customer, mostly of a favourite category."""
    rng = np.random.default_rng(seed)
    rows = []
    last = (AS_OF - first).days
    for customer in range(customers):
        favourite = rng.integers(0, 4)
        days = rng.integers(0, last) + np.cumsum(np.r_[0, rng.integers(1, 40, rng.poisson(2))])
        for number, day in enumerate(days[days < last]):
            at = pd.Timestamp(first) + pd.Timedelta(days=int(day), minutes=600 + number)
            for product in range(rng.integers(1, 5)):
                category = favourite if rng.random() < 0.6 else rng.integers(0, 4)
                # one in four is of a kind that no word names
                code = f"{category}{product}{(customer + product) % 4}"
                line = (
                    f"c{customer:03d}",
                    f"{customer}-{number}",
                    code,
                    at,
                    int(rng.integers(1, 9)),
                    "sale",
                )
                rows.append(line)
                if rng.random() < 0.4:
                    back = at + pd.Timedelta(days=int(rng.integers(1, 40)))
                    if back < pd.Timestamp(AS_OF):
                        rows.append(
                            (line[0], f"C{customer}-{number}", code, back, -line[4], "return")
                        )
    # the shop is open on its first and last day, so that cutoffs stand still whatever changes
    for day in (first, AS_OF - dt.timedelta(days=1)):
        rows.append(
            ("c000", f"0-{day}", "000", pd.Timestamp(day) + pd.Timedelta(hours=9), 1, "sale")
        )
    columns = ["customer_id", "invoice_no", "stock_code", "invoiced_at", "quantity", "line_class"]
    table = pd.DataFrame(rows, columns=columns)
    table["line_id"] = range(1, len(table) + 1)
    return table


def description(code, categories):
    category, product, kind = (int(digit) for digit in code)
    if kind == len(COLOURS):
        return f"THING {category}{product}"
    return f"{categories[category % len(categories)]} {COLOURS[kind]} {product}"


def name_products(connection, categories):
    """Product categories from descriptions and baskets: words first, then the model."""
    words = [(key, f"{key} {colour}") for key in categories for colour in COLOURS]
    seeds = {
        "product_category_words": pd.DataFrame(words, columns=["category_key", "phrase"]),
        "product_category_names": pd.DataFrame({"category_key": categories}).assign(
            category_name=categories, priority=2
        ),
        "product_category_overrides": pd.DataFrame(
            {"stock_code": ["none"], "category_key": ["none"]}
        ),
    }
    sql_models.put(connection, **seeds)
    sql_models.run(connection, *PRODUCTS)
    inputs = {
        name: connection.execute(f"select * from {table}").df()
        for name, table in (
            ("products", "int_product_category_words"),
            ("pairs", "int_product_copurchases"),
        )
    }
    model = product_categories.name_products(inputs)
    sql_models.put(connection, product_category_model=model)
    sql_models.run(connection, "int_product_category_choice", "int_product_categories")


def forecast_all(table, categories=CATEGORIES, first=FIRST):
    """The output of every forecaster, and the connection, from product lines on."""
    connection = duckdb.connect()
    table = table.assign(description=[description(c, categories) for c in table["stock_code"]])
    ends = pd.DataFrame(
        {
            "first_line_on": [first],
            "last_line_on": [AS_OF - dt.timedelta(days=1)],
            "as_of_date": [AS_OF],
        }
    )
    sql_models.put(connection, given_lines=table, given_ends=ends)
    connection.execute(
        "create table int_product_lines as select *, 'UK' as country, cast(null as varchar) as category,"
        " cast(2.5 as decimal(18, 4)) as unit_price, cast(quantity * 2.5 as decimal(38, 4)) as amount"
        " from given_lines"
    )
    connection.execute(
        "create table int_line_adjustments as select 0::bigint as line_id, 0::decimal(38, 4) as refunded_by_amount limit 0"
    )
    connection.execute("create table int_as_of as select cast(columns(*) as date) from given_ends")
    sql_models.run(connection, *BASE, *SNAPSHOTS)
    name_products(connection, categories)
    sql_models.run(connection, *INTEREST)
    # a stand-in for centroids: halves of recency and money, as of the definition's own day
    connection.execute(
        "create table int_customer_clusters as"
        " with halves as (select days_before_as_of as definition_days, median(recency_days) as r, median(monetary) as m"
        "   from int_customer_snapshots join int_cutoffs using (cutoff_date)"
        "   where is_segment_definition group by 1)"
        " select definition_days, cutoff_date, customer_id, idle_days, case when recency_days + idle_days < r"
        "   then 'active' else 'idle' end || case when monetary < m then '_small' else '_big' end as segment_key"
        " from int_customer_snapshots cross join halves cross join (values (0), (70)) as idle (idle_days)"
    )
    sql_models.run(connection, "int_segment_transition_examples")

    def read(name):
        return connection.execute(f"select * from {name}").df()

    cutoffs = {"cutoffs": read("int_cutoffs")}
    interest = category_of_interest.CategoryOfInterest(min_examples=30)
    tables = ("examples", "basket_shares", "priors", "outcomes")
    inputs = {name: read(f"int_category_of_interest_{name}") for name in tables}
    inputs["categories"] = pd.DataFrame({"category_key": categories})
    segments = segment_transition.SegmentTransition(min_examples=20)
    value = customer_value.CustomerValue()
    outputs = {
        "interest": interest.forecast(inputs | cutoffs),
        "segments": segments.forecast(
            {"examples": read("int_segment_transition_examples")} | cutoffs
        ),
        "value": value.forecast(
            {
                "features": read("int_customer_value_features"),
                "seasons": read("int_customer_value_seasons"),
            }
            | cutoffs
        ),
    }
    return outputs, connection
