"""docs/results.md is written from the published tables and holds no figure that they do not."""

import json
from functools import partial
from types import SimpleNamespace

import duckdb
import pytest

from charts import claims, results

METRICS = """
    ('customer_value_order', 'logistic_regression', 'log_loss', .59, .58, .61, 100, false, true, null),
    ('customer_value_order', 'base_rate', 'log_loss', .70, .69, .71, 100, true, false, null),
    ('customer_value_order', 'past_rate', 'log_loss', 1.1, 1.0, 1.2, 100, true, false, null),
    ('customer_value_order', 'frequency_rank', 'auc', .72, .70, .74, 100, true, false, null),
    ('customer_value_order', 'logistic_regression', 'log_loss_validation', .57, .56, .58, 222, false, true, null),
    ('customer_segments', 'clusters', 'auc', .70, .68, .72, 100, false, true, null),
    ('customer_segments', 'clusters', 'auc_difference', -.05, -.09, .01, 100, false, true, null),
    ('customer_segments', 'clusters', 'top20_spend_share', .66, .61, .70, 100, false, true, null),
    ('customer_segments', 'clusters', 'top20_spend_share_difference', .04, .01, .08, 100, false, true, null),
    ('customer_segments', 'rfm_groups', 'top20_spend_share', .62, .56, .67, 100, true, false, null),
    ('customer_segments', 'rfm_groups', 'auc', .75, .73, .77, 100, true, false, null),
    ('category_of_interest', 'blend', 'log_loss', 2.0, 1.9, 2.1, 60, true, true, null),
    ('category_of_interest', 'blend', 'log_loss_test_unseen', 1.8, 1.6, 1.9, 17, true, true, null),
    ('category_of_interest', 'blend', 'log_loss_validation', 2.2, 2.0, 2.3, 43, true, true, null),
    ('category_of_interest', 'blend', 'top3_spend_share', .52, .50, .54, 60, true, true, null),
    ('category_of_interest', 'recent_prior', 'top3_spend_share', .39, .37, .41, 60, true, false, null),
    ('category_of_interest', 'hindsight', 'top3_spend_share', .79, .77, .81, 60, false, false, null),
    ('category_of_interest', 'blend', 'customers_not_scored', 5, null, null, null, true, true,
     'of 65 customers, without a later basket'),
    ('segment_transition', 'random_forest', 'not_tried', null, null, null, 0, false, false, 'too | few')
"""
TABLES = {
    "build_info": "select 'abc123' as build_id, date '2011-12-10' as as_of_date, '£' as currency, 'shop.csv' as raw_files,"
    " {is_sample} as is_synthetic_sample",
    "model_metrics": f"select * from (values {METRICS}) as m(model, candidate, metric, value, ci_low,"
    " ci_high, n, is_baseline, is_used, note)",
    "calibration": "select 'customer_value_order' as model, 'logistic_regression' as candidate, d as decile,"
    " 50 as n, d / 4.0 as predicted, .3 as actual, .2 as ci_low, .4 as ci_high, true as is_used"
    " from range(1, 3) as r(d)",
    "cluster_candidates": "select 'log1p' as transform, 'kmeans' as algorithm, 3 as k, .3 as silhouette,"
    " .9 as stability_ari, .1 as smallest_share, .7 as future_order_auc, .01 as future_order_auc_se,"
    " 3 as cutoffs_within_1se, true as is_eligible, true as is_chosen, 'chosen: stable' as verdict",
    "segments": "select 'lost' as segment_key, 'Lost' as segment_name, 4 as customers, 1.0 as customer_share,"
    " 10.5 as revenue, 1.0 as revenue_share, .25 as order_again_rate, 4 as customers_then",
    "cleaning_ledger": "select 'sale' as line_class, 7 as lines, 9.25 as units, 10.5 as amount,"
    " {discounts} as discount_amount, 0 as refunded_amount, 10.5 - {discounts} as net_amount",
    "returns_reconciliation": "select 4 as returned_units, 3 as matched_units",
}


def publish(folder, is_sample: bool, discounts: str = "0.0"):
    path = folder / results.DATABASE
    with duckdb.connect(str(path)) as connection:
        for name, query in TABLES.items():
            connection.execute(
                f"create table {name} as "
                + query.replace("{is_sample}", str(is_sample)).replace("{discounts}", discounts)
            )
    return path


@pytest.fixture
def page(tmp_path):
    return results.page(publish(tmp_path, False), tmp_path / "no bench.json")


def cells(page: str, beginning: str) -> list[str]:
    """The cells of the first table row that begins so."""
    row = next(line for line in page.splitlines() if line.startswith(f"| {beginning} |"))
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_the_ledger_shows_discounts_where_there_are_any(page, tmp_path):
    assert cells(page, "sale") == ["sale", "7", "9.25", "£11"]
    (tmp_path / "other").mkdir()
    path = publish(tmp_path / "other", False, "2.5")
    page = results.page(path, tmp_path / "no bench.json")
    assert cells(page, "sale") == ["sale", "7", "9.25", "£11", "£3", "£0", "£8"]
    assert cells(page, "**all**")[1:] == cells(page, "sale")[1:]


def test_the_candidate_in_use_stands_beside_the_best_baseline(page):
    # the lower log-loss is the better one, and past_rate is the worse baseline
    row = cells(page, "Chance of an order")
    assert row[1:] == [
        "Logistic regression",
        "log-loss (lower is better)",
        "0.590 [0.580 – 0.610]",
        "0.700 (Base rate)",
        "better",
    ]
    assert cells(page, "Customer segments: who orders again")[-2:] == [
        "0.750 (RFM groups)",
        "worse",
    ]
    assert cells(page, "Category of interest of new customers")[-2:] == ["–", "–"]
    headline = cells(
        page, "Category of interest of new customers | Blend | later spend in the first three"
    )
    assert headline[3:] == ["0.520 [0.500 – 0.540]", "0.390 (What sells now)", "better"]
    assert cells(page, "Known in hindsight")[1:3] == ["bound", "0.790 [0.770 – 0.810]"]
    assert "not tested" in cells(page, "Segment of new customers after the horizon")


def test_a_claim_is_made_of_the_interval_of_a_difference(page):
    assert (
        "In the test, on the same customers, the clusters gather more of the later spend in their top fifth than the named RFM "
        "groups (0.660 against 0.620, difference 0.040 [0.010, 0.080]) and are no better at telling who orders again "
        "(AUC 0.700 against 0.750, difference -0.050 [-0.090, 0.010])."
    ) in page
    assert page.count("In the test, on the same customers") == 1


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.1, "are better"), (-0.1, -0.01, "are worse"), (-0.1, 0.1, "are no better")],
)
def test_a_claim_follows_the_interval(low, high, words):
    row = partial(SimpleNamespace, ci_low=low, ci_high=high)
    rows = [row(candidate=name, metric="auc", value=0.7) for name in ("clusters", "rfm_groups")]
    difference = row(candidate="clusters", metric="auc_difference", value=0.0)
    claim = claims.clusters_beside_rfm_groups([*rows, difference])
    assert claim.startswith(f"In the test, on the same customers, the clusters {words} at telling")
    assert claims.clusters_beside_rfm_groups(rows) == ""


def test_candidates_come_best_first_and_those_without_a_value_last(page):
    section = page.partition("\n## Chance of an order")[2].partition("\n## ")[0]
    first = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| ")]
    assert first[2:] == ["| Logistic regression", "| Base rate", "| Past rate", "| Rank by orders"]
    assert "| in use | 0.590 [0.580 – 0.610] | – | 0.570 [0.560 – 0.580] | 100 |" in section


def test_what_limits_a_figure_is_said(page):
    assert "Not scored: 5 of 65 customers, without a later basket." in page
    assert "read from 43 of the customers of the test; only the 17 first seen after it" in page
    assert "Random forest: too | few." in page
    # predicted .25 lies within .2 to .4, .5 does not
    assert "in 1 of 2 groups the prediction lies within" in page
    assert "Of 4 units returned by known customers 3 (75%)" in page


def test_speed_comes_from_the_bench(tmp_path):
    bench = tmp_path / "bench.json"
    machine = {"cores": 2, "python": "3.11", "pandas": "3.1", "duckdb": "2.0"}
    one_file = {
        "file": "shop.csv",
        "lines": 4_000,
        "runs": 3,
        "stages": {"data tests": 3.0, "SQL of marts": 0.98, "seeds": 0.02},
        "seconds": {"make build": 20.0, "notebooks' loop": None},
        "ratios": {"make build / notebooks' loop": 0.456},
        "builds": [{"peak_gb": 0.7}, {"peak_gb": 0.9}],
        "machine": machine,
    }
    growth = {"lines": 2_000_000, "seconds": 50.0, "processor_seconds": 80.0, "peak_gb": 3.25}
    bench.write_text(json.dumps(one_file | {"growth": [growth], "growth_machine": machine}))
    page = results.page(publish(tmp_path, False), bench)
    assert "shop.csv, 4,000 lines, median of 3 runs, on 2 cores" in page
    assert "at most 0.9 GB" in page
    assert cells(page, "make build / notebooks' loop")[1:] == ["0.46"]
    assert cells(page, "make build")[1:] == ["20.0"]
    assert cells(page, "data tests")[1:] == ["75%"]
    assert "| seeds |" not in page and "| notebooks' loop |" not in page
    assert cells(page, "2,000,000")[1:] == ["50", "25", "40", "3.2 GB"]


def test_the_page_of_the_project_is_not_of_the_sample(tmp_path, monkeypatch):
    publish(tmp_path, True)
    monkeypatch.setenv("GIFT_SHOP_PUBLISHED", str(tmp_path))
    with pytest.raises(SystemExit, match="synthetic sample"):
        results.main([])
    results.main(["--to", str(tmp_path / "here.md")])
    assert "abc123` of shop.csv (the synthetic sample), as of 10 Dec 2011" in (
        tmp_path / "here.md"
    ).read_text(encoding="utf-8")


def test_every_metric_and_model_has_words():
    for model in results.MODELS:
        assert model.decides in model.metrics
        assert set(model.metrics) <= set(results.METRICS)
