"""One new customer at a time: the figures of the tables, from the published file alone."""

import datetime as dt
import os
import subprocess
import sys

import duckdb
import new_customers
import numpy as np
import pytest
from gift_shop.errors import BasketError
from gift_shop.forecasting import chances, predict
from gift_shop.forecasting.predict import Category, Line
from shop import PROJECT

PARAMETERS = """
    ('category_of_interest', 'recent_prior', 'share', 'bags', 'all', .75, false),
    ('category_of_interest', 'recent_prior', 'share', 'toys', 'all', .25, false),
    ('category_of_interest', 'most_bought', 'share', 'bags', 'all', .5, false),
    ('category_of_interest', 'most_bought', 'share', 'toys', 'all', .5, false),
    ('category_of_interest', 'first_basket', 'weight', 'all', 'all', 1, false),
    ('category_of_interest', 'half_and_half', 'weight', 'all', 'all', .5, false),
    ('category_of_interest', 'blend', 'weight', 'all', 'all', .5, false),
    ('category_of_interest', 'blend', 'power', 'all', 'all', 1, false),
    ('category_of_interest', 'blend', 'floor', 'all', 'all', .1, false),
    ('category_of_interest', 'sharpened_blend', 'weight', 'all', 'all', .5, false),
    ('category_of_interest', 'sharpened_blend', 'power', 'all', 'all', 1, false),
    ('category_of_interest', 'sharpened_blend', 'floor', 'all', 'all', .1, false),
    ('category_of_interest', 'sharpened_roots', 'weight', 'all', 'all', .5, true),
    ('category_of_interest', 'sharpened_roots', 'power', 'all', 'all', 2, true),
    ('category_of_interest', 'sharpened_roots', 'floor', 'all', 'all', .1, true),
    ('category_of_interest', 'logistic_regression', 'mean', 'all', 'log_net_spend', 0, false),
    ('category_of_interest', 'logistic_regression', 'mean', 'all', 'log_lines', 0, false),
    ('category_of_interest', 'logistic_regression', 'mean', 'all', 'log_products', 0, false),
    ('category_of_interest', 'logistic_regression', 'scale', 'all', 'log_net_spend', 1, false),
    ('category_of_interest', 'logistic_regression', 'scale', 'all', 'log_lines', 1, false),
    ('category_of_interest', 'logistic_regression', 'scale', 'all', 'log_products', 1, false),
    ('category_of_interest', 'logistic_regression', 'intercept', 'bags', 'all', 0, false),
    ('category_of_interest', 'logistic_regression', 'intercept', 'toys', 'all', 0, false),
    ('category_of_interest', 'all', 'revenue_share', 'bags', 'all', .2, true),
    ('category_of_interest', 'all', 'prior_days', 'all', 'all', 28, true),
    ('segment_transition', 'all', 'horizon_days', 'all', 'all', 70, true),
    ('segment_transition', 'unchanged_but_older', 'chance', 'lost', 'all', .7, true),
    ('customer_segments', 'clusters', 'lambda', 'all', 'recency', 1, true),
    ('customer_segments', 'clusters', 'lambda', 'all', 'frequency', 1, true),
    ('customer_segments', 'clusters', 'lambda', 'all', 'monetary', 1, true),
    ('customer_segments', 'clusters', 'mean', 'all', 'recency', 0, true),
    ('customer_segments', 'clusters', 'mean', 'all', 'frequency', 0, true),
    ('customer_segments', 'clusters', 'mean', 'all', 'monetary', 0, true),
    ('customer_segments', 'clusters', 'scale', 'all', 'recency', 1, true),
    ('customer_segments', 'clusters', 'scale', 'all', 'frequency', 1, true),
    ('customer_segments', 'clusters', 'scale', 'all', 'monetary', 1, true),
    ('customer_segments', 'clusters', 'centroid', '1', 'recency', 10, true),
    ('customer_segments', 'clusters', 'centroid', '1', 'frequency', 1, true),
    ('customer_segments', 'clusters', 'centroid', '1', 'monetary', 24, true),
    ('customer_segments', 'clusters', 'centroid', '2', 'recency', 80, true),
    ('customer_segments', 'clusters', 'centroid', '2', 'frequency', 1, true),
    ('customer_segments', 'clusters', 'centroid', '2', 'monetary', 24, true)
"""
TABLES = {
    "build_info": "select date '2011-12-10' as as_of_date",
    "products": "select * from (values ('B1', 'bags', true), ('B2', 'bags', true), ('T1', 'toys', true),"
    " ('M1', 'bags', false)) as p(stock_code, category_key, is_named_by_people)",
    "product_categories": "select * from (values ('bags', 'Bags'), ('toys', 'Toys'))"
    " as c(category_key, category_name)",
    "segments": "select 'new' as segment_key, 'New' as segment_name",
    "customer_segments": "select * from (values (1, 'new'), (2, 'lost')) as c(cluster_no, segment_key)",
    "model_metrics": "select * from (values"
    " ('category_of_interest', 'sharpened_roots', 'log_loss_validation', cast(null as varchar)),"
    " ('segment_transition', 'unchanged_but_older', 'accuracy_validation', null))"
    " as m(model, candidate, metric, note)",
    "model_parameters": f"select * replace (cast(value as double) as value) from (values {PARAMETERS})"
    " as p(model, candidate, parameter, class_key, feature, value, is_used)",
}
BASKET = [Line("B1", 2, 2), Line(" b2 ", 1, 4), Line("T1", 1, 16)]


@pytest.fixture
def published(tmp_path):
    """A published file of few tables, and a way to change them."""
    path = tmp_path / "gift_shop.duckdb"

    def change(*statements):
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return change(*(f"create table {name} as {query}" for name, query in TABLES.items())), change


def test_by_hand(published):
    path, _ = published
    found = predict.predict(BASKET, path)
    # half of the roots are bags' beside .75 of what sells: .625 and .375, whose squares are .390625 and .140625
    bags = 0.9 * 0.390625 / 0.53125 + 0.05
    assert found.categories == (
        Category("bags", "Bags", round(bags, 6)),
        Category("toys", "Toys", round(1 - bags, 6)),
    )
    assert found.reason == (
        "Bags: 33% of what this customer has bought, 20% of what everybody bought in the last 28 days"
    )
    # a day after the order 9 days off the first centroid, 71 days after it 9 off the second
    assert found.segment == predict.Segment("lost", "lost", 0.7, "New", 70)
    assert found.notes == ()


def test_where_the_regression_has_a_say_the_sentence_tells(published):
    path, change = published
    change(
        "update model_parameters set is_used = candidate = 'half_and_half' where model = 'category_of_interest'",
        "update model_parameters set value = ln(9) where parameter = 'intercept' and class_key = 'toys'",
        "insert into model_metrics values ('category_of_interest', 'half_and_half', 'log_loss_validation', null)",
    )
    found = predict.predict(BASKET, path)
    # a half of the blend, .9 x (.5 x 2/3 + .5 x .25) + .05, and of the regression, .98 x .9 + .01
    assert found.categories[0] == Category("toys", "Toys", round((0.4625 + 0.892) / 2, 6))
    assert found.reason == (
        "Toys: 67% of what this customer has bought; by such shares it would be Bags, but earlier customers"
        " with such baskets went on to this one"
    )


def test_what_is_bought_already_is_shown_where_nothing_could_be_fitted(published):
    path, change = published
    change(
        "delete from model_parameters where model = 'category_of_interest'"
        " and candidate not in ('all', 'recent_prior', 'most_bought', 'first_basket')",
        "update model_parameters set is_used = true where candidate = 'first_basket'",
    )
    found = predict.predict(BASKET, path)
    assert found.categories == (Category("toys", "Toys", None), Category("bags", "Bags", None))


def test_a_classifier_in_use_gives_way_to_the_rule_and_it_is_said(published):
    path, change = published
    change("update model_parameters set is_used = false where candidate = 'unchanged_but_older'")
    found = predict.predict(BASKET, path)
    assert found.segment.key == "lost" and "by a classifier" in found.notes[0]


@pytest.mark.parametrize(("rule", "segment"), [("todays_segment", "new"), ("class_shares", "big")])
def test_another_rule_in_use(rule, segment, published):
    path, change = published
    change(
        "update model_parameters set is_used = false where candidate = 'unchanged_but_older'",
        "insert into model_parameters select 'segment_transition', candidate, 'chance', key, 'all', chance,"
        f" candidate = '{rule}' from (values ('todays_segment', 'new', .6), ('class_shares', 'big', .5),"
        " ('class_shares', 'new', .3)) as p(candidate, key, chance)",
    )
    found = predict.predict(BASKET, path)
    assert found.segment.key == segment and found.notes == ()


def test_what_was_never_held_out_has_no_chance(published):
    path, change = published
    change("delete from model_metrics")
    found = predict.predict(BASKET, path)
    assert [category.chance for category in found.categories] == [None, None]
    assert found.segment.key == "lost" and found.segment.chance is None
    assert "Bags  not known" in predict.in_words(found)


def test_without_clusters_and_categories_it_says_why(published):
    path, change = published
    change(
        "delete from model_parameters where model = 'customer_segments' or candidate <> 'all'",
        "insert into model_metrics values ('category_of_interest', 'blend', 'not_tried', 'one kind of product'),"
        " ('segment_transition', 'random_forest', 'not_tried', 'segments are RFM groups')",
    )
    found = predict.predict(BASKET, path)
    assert found.categories == () and found.reason == "no forecast: one kind of product"
    assert found.segment is None
    assert found.notes == ("no segment is predicted: segments are RFM groups",)


def test_unknown_products_are_one_sentence(published):
    path, _ = published
    found = predict.predict([Line("NEW", 1, 5), Line("OLD", 1, 5)], path)
    assert found.notes == ("not known to the published build, so without a category: NEW, OLD",)
    # what sells now is all there is to go by
    bags = 0.9 * 0.75**2 / (0.75**2 + 0.25**2) + 0.05
    assert found.categories[0] == Category("bags", "Bags", round(bags, 6))
    assert found.reason.startswith("Bags: not bought by this customer so far, 20%")
    # a category that a model names is a fact of the basket, and no input
    by_model = predict.predict([Line("M1", 1, 5)], path)
    assert by_model.categories == found.categories
    assert by_model.reason.startswith("Bags: 100% of what this customer has bought")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the basket is empty"),
        ("stock_code,quantity,unit_price\n", "the basket is empty"),
        ("sku,quantity\nB1,1\n", "the basket needs columns stock_code, quantity, unit_price"),
        ("StockCode,Quantity,UnitPrice\nB1,two,1\n", "line 2 of the basket cannot be read"),
        ("stock_code,quantity,unit_price\nB1,1\n", "line 2 of the basket cannot be read"),
        ("stock_code,quantity,unit_price\nB1,-1,4\n", "product B1, quantity -1, unit_price 4"),
        ("stock_code,quantity,unit_price\nB1,1,nan\n", "product B1, quantity 1, unit_price NaN"),
        ("stock_code,quantity,unit_price\n,1,4\n", "product without a code"),
        ("stock_code;quantity;unit_price;ordered_on\nB1;1;4;9.12.\n", "line 2 of the basket"),
    ],
)
def test_a_basket_that_is_none_is_one_sentence(text, message, published):
    path, _ = published
    with pytest.raises(BasketError, match="^" + message) as caught:
        predict.predict(predict.read(text), path)
    assert "\n" not in str(caught.value)


def test_a_csv_as_people_write_it():
    text = "\ufeffStockCode;Unit_Price;Quantity;Ordered_On\nb1;2.55;6;2011-12-01 10:30\n\n"
    (line,) = predict.read(text)
    assert (line.stock_code, float(line.unit_price), int(line.quantity)) == ("b1", 2.55, 6)
    assert line.ordered_on == dt.date(2011, 12, 1)


def test_nothing_published_and_an_earlier_version_are_one_sentence(published, tmp_path):
    with pytest.raises(BasketError, match="nothing is published yet, run make build"):
        predict.predict(BASKET, tmp_path / "none.duckdb")
    path, change = published
    change("drop table model_parameters")
    with pytest.raises(BasketError, match="of an earlier version: run make build"):
        predict.predict(BASKET, path)


def test_what_is_published_is_what_was_fitted():
    rng = np.random.default_rng(0)
    mixtures = {
        candidate: chances.Mixture(*rng.random(3).tolist()) for candidate in chances.MIXTURES
    }
    in_season = mixtures[chances.SEASONAL]._replace(season=0.5)
    without = {name: each for name, each in mixtures.items() if name != chances.SEASONAL}
    intercepts = np.array([0.5, -np.inf, 1.5])
    coefficients = np.where(np.isfinite(intercepts)[:, None], rng.random((3, 6)), 0)
    regression = chances.Regression(rng.random(3), rng.random(3), coefficients, intercepts)
    fitted = chances.Fitted(without, regression)
    seasonal = chances.Fitted(without | {chances.SEASONAL: in_season}, regression)
    keys = np.array(["all", "bags", "toys"], dtype=object)
    recent, past = rng.random(3), rng.random(3)
    # without a season it is what sells now
    for of, season in ((seasonal, rng.random(3)), (fitted, recent), (None, recent)):
        one = chances.Parameters(keys, recent, past, season, of)
        other = chances.Parameters.of(reversed(one.rows()))
        assert one.categories.tolist() == other.categories.tolist()
        np.testing.assert_equal(one[1:], other[1:])


def test_figures_of_the_tables(sample):
    """Whoever is new and sent nothing back, line by line, has the figures that the build gave."""
    customers = 0
    for customer, predicted, in_tables in new_customers.predicted_again(sample):
        assert predicted == in_tables, customer
        customers += 1
    assert customers > 50


def test_make_predict_imports_nothing_that_trains(sample, tmp_path):
    basket = tmp_path / "basket.csv"
    with duckdb.connect(str(sample.published / "gift_shop.duckdb"), read_only=True) as connection:
        query = "select stock_code from products order by orders desc, stock_code limit 1"
        ((code,),) = connection.execute(query).fetchall()
    basket.write_text(f"stock_code,quantity,unit_price\n{code},2,3.50\n")
    command = [sys.executable, "-X", "importtime", "-m", "gift_shop.forecasting.predict"]
    environment = sample.environment() | {"PYTHONPATH": str(PROJECT / "python_models")}
    answers = [
        subprocess.run(
            [*command, *path],
            input=given,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        for path, given in (([str(basket)], ""), ([], basket.read_text()))
    ]
    assert answers[0].stdout == answers[1].stdout and "Why: " in answers[0].stdout
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in answers[0].stderr.splitlines()
    }
    assert "numpy" in imported and not imported & {"sklearn", "scipy", "pandas", "pyarrow"}


def test_a_mistake_is_one_sentence_on_the_screen(sample):
    answer = subprocess.run(
        [sys.executable, "-m", "gift_shop.forecasting.predict"],
        input="stock_code,quantity,unit_price\n",
        env=os.environ | sample.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1 and answer.stdout == ""
    assert answer.stderr == "the basket is empty: a line with a product is needed\n"
