"""SQL and Python together: what happens after a cutoff moves no prediction made for it."""

import numpy as np
import pandas as pd
import pytest
import sql_models
from gift_shop.clustering import holdout, selection
from gift_shop.models import FORECASTERS
from made_shop import AS_OF, LONG_AGO, forecast_all, lines
from shop import PROJECT

CUTOFF = pd.Timestamp(AS_OF) - pd.Timedelta(days=70)  # the test cutoff
PREDICTED = [
    "model",
    "candidate",
    "split",
    "cutoff_date",
    "customer_id",
    "predicted_class",
    "probability",
]


def another_future(table, seed=1):
    """The same lines before the cutoff; after it other customers, other times, other quantities."""
    rng = np.random.default_rng(seed)
    table = table.copy()
    late = (table["invoiced_at"] >= CUTOFF).to_numpy()
    invoices = table.loc[late, "invoice_no"].unique()
    owner = dict(zip(invoices, rng.integers(0, 300, len(invoices)), strict=True))
    days = dict(zip(invoices, rng.integers(0, 69, len(invoices)), strict=True))
    moved = table.loc[late, "invoice_no"]
    table.loc[late, "customer_id"] = [f"c{owner[invoice]:03d}" for invoice in moved]
    table.loc[late, "invoiced_at"] = [
        CUTOFF + pd.Timedelta(days=int(days[i]), hours=3) for i in moved
    ]
    table.loc[late, "quantity"] *= 7
    return table


def compared_clusters(connection):
    """What clusters are chosen by, and how they and RFM groups compare there."""
    sql_models.run(connection, "int_cluster_inputs")
    inputs, cutoffs = (
        connection.execute(f"from {table} order by all").df()
        for table in ("int_cluster_inputs", "int_cutoffs")
    )
    at_choice = inputs[inputs["cutoff_date"].isin(selection.selection_dates(cutoffs))]
    groups = pd.read_csv(PROJECT / "seeds" / "rfm_groups.csv")
    choice = selection.Choice("yeo_johnson", "kmeans", 5)
    outcomes = inputs.dropna(subset=["orders"])
    return at_choice, holdout.selection_comparison(inputs, outcomes, cutoffs, choice, groups)


def held_out(table):
    """Held-out predictions of every model, and the clusters compared."""
    outputs, connection = forecast_all(table, first=LONG_AGO)
    return {name: output.holdout for name, output in outputs.items()} | {
        "clusters": compared_clusters(connection)
    }


@pytest.fixture(scope="module")
def futures():
    """Held-out predictions with the one and the other future."""
    table = lines(first=LONG_AGO)
    return held_out(table), held_out(another_future(table))


@pytest.mark.parametrize("model", ["interest", "segments", "value"])
def test_another_future_moves_no_prediction(futures, model):
    # the one future or the other decides for whom an outcome is known, so customers may differ
    one, other = (f[model][f[model]["cutoff_date"] <= CUTOFF] for f in futures)
    both = one.merge(other, on=PREDICTED[:5], suffixes=("", "_other"))
    n = {"interest": 100, "segments": 100, "value": 1000}[model]
    every = {(each.model, each.candidate) for of in FORECASTERS for each in of.candidates}
    tried = set(zip(both["model"], both["candidate"], strict=True))
    assert len(both) > n and tried == {each for each in every if each[0] in set(both["model"])}
    for column in ("predicted_class", "probability", "trained_before"):
        pd.testing.assert_series_equal(both[column], both[f"{column}_other"], check_names=False)
    if model == "value":
        pd.testing.assert_series_equal(
            both["predicted_value"], both["predicted_value_other"], check_names=False
        )


@pytest.mark.parametrize("model", ["interest", "segments", "value"])
def test_what_decides_the_choice_does_not_move_at_all(futures, model):
    one, other = (f[model][f[model]["split"] == "validation"] for f in futures)
    assert len(one) > 0
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))


def test_clusters_are_chosen_and_compared_without_the_test(futures):
    (inputs, comparison), (other_inputs, other_comparison) = (f["clusters"] for f in futures)
    assert len(inputs) > 300 and comparison["future_order_auc"].notna().sum() == 3
    pd.testing.assert_frame_equal(inputs, other_inputs)
    pd.testing.assert_frame_equal(comparison, other_comparison)


@pytest.mark.parametrize("model", ["interest", "segments", "value"])
def test_the_other_future_is_another(futures, model):
    one, other = (f[model][f[model]["split"] != "validation"] for f in futures)
    assert (
        not one["probability_of_actual"]
        .reset_index(drop=True)
        .equals(other["probability_of_actual"].reset_index(drop=True))
    )


def test_the_other_future_names_products_otherwise():
    # were the forecasts made from these names, the tests above would fail
    query = "select * from int_product_categories order by stock_code"
    one, other = (
        forecast_all(table)[1].execute(query).df() for table in (lines(), another_future(lines()))
    )
    by_model = one["category_source"] == "model"
    assert (one.loc[by_model, "category_key"] != other.loc[by_model, "category_key"]).any()
    by_people = one["is_named_by_people"]
    pd.testing.assert_frame_equal(
        one.loc[by_people, ["stock_code", "category_key"]],
        other.loc[other["is_named_by_people"], ["stock_code", "category_key"]],
    )
