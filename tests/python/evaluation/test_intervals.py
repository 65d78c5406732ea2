import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
from gift_shop.evaluation import intervals
from gift_shop.forecasting import predictions
from gift_shop.forecasting.protocol import Candidate, Forecast


def keys(n, model="m", candidate="c", split="test", day="2011-10-01"):
    return pd.DataFrame(
        {
            "model": model,
            "candidate": candidate,
            "split": split,
            "cutoff_date": pd.Timestamp(day),
            "trained_before": pd.Timestamp(day),
            "outcome_until": pd.Timestamp("2011-12-10"),
            "customer_id": [f"{i:03d}" for i in range(n)],
        }
    )


def one(metrics, metric, column="value"):
    return metrics.set_index("metric").loc[metric, column]


def made(seed=0, n=90):
    """Held-out rows of all kinds, with ties, several cutoffs and all uses."""
    rng = np.random.default_rng(seed)
    rows = []
    for split, day in (("validation", "2011-06-18"), ("validation", "2011-07-23")):
        rows.append(
            predictions.of_event(
                keys(n, "e", "p", split, day), rng.random(n), rng.integers(0, 2, n)
            )
        )
    for candidate in ("p", "rank"):
        probability = rng.integers(1, 6, n) / 6 if candidate == "p" else None
        event = predictions.of_event(keys(n, "e", candidate), probability, rng.integers(0, 2, n))
        rows.append(
            event
            if probability is not None
            else event.assign(predicted_value=rng.integers(1, 9, n))
        )
    spend = keys(n, "s").assign(
        predicted_value=rng.integers(0, 5, n), actual_value=rng.gamma(1, 99, n)
    )
    rows.append(spend)
    # a model of both, such as the segments
    both = predictions.of_event(keys(n, "b"), rng.integers(1, 4, n) / 4, rng.integers(0, 2, n))
    rows.append(
        both.assign(predicted_value=rng.integers(0, 3, n), actual_value=rng.gamma(1, 99, n))
    )
    shares = rng.dirichlet(np.ones(4), n)
    later = rng.choice(list("abcdx"), n)  # nobody predicts x
    spend = rng.dirichlet(np.ones(4), n)
    classes = predictions.of_classes(keys(n, "k"), list("abcd"), shares, later, later=spend)
    classes.loc[: n // 3, "split"] = "test_unseen"
    rule = predictions.of_classes(
        keys(n, "k", "rule"),
        list("abcd"),
        np.full((n, 4), np.nan),
        later,
        rng.choice(list("abcd"), n),
    )
    return predictions.frame("holdout", [*rows, classes, rule])


def test_event_metrics_by_hand():
    rows = predictions.of_event(keys(4), [0.9, 0.4, 0.4, 0.2], [1, 1, 0, 0])
    found = intervals.metrics(predictions.frame("holdout", [rows]))
    # pairs (1,0): .9>.4, .9>.2, .4=.4 counts half, .4>.2
    assert one(found, "auc") == pytest.approx(3.5 / 4)
    assert one(found, "log_loss") == pytest.approx(-np.log([0.9, 0.4, 0.6, 0.8]).mean())
    assert list(rows["predicted_class"]) == ["1", "0", "0", "0"]


def test_class_metrics_by_hand():
    shares = [[0.5, 0.3, 0.2, 0.0], [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]]
    spend = np.array([[0.6, 0.1, 0.2, 0.1], [0.7, 0, 0, 0.3], [0, 0, 1, 0]])
    rows = predictions.of_classes(keys(3), list("abcd"), shares, ["a", "a", "c"], later=spend)
    found = intervals.metrics(predictions.frame("holdout", [rows]))
    assert list(rows["rank_of_actual"]) == [1, 4, 3]
    assert one(found, "accuracy") == pytest.approx(1 / 3)
    assert one(found, "top3_accuracy") == pytest.approx(2 / 3)
    # the three of the second are d, c and b: its a is not among them
    assert one(found, "top3_spend_share") == pytest.approx((0.9 + 0.3 + 1) / 3)
    assert one(found, "log_loss") == pytest.approx(-np.log([0.5, 0.1, 0.2]).mean())


def test_spend_metrics_by_hand():
    rows = keys(6).assign(
        predicted_value=[5.0, 5, 5, 1, 1, 1], actual_value=[10.0, 30, 0, 40, 20, 0]
    )
    found = intervals.metrics(predictions.frame("holdout", [rows]))
    # a fifth of six is 1.2: that much of the three equal predictions, who bring 40 of 100
    assert one(found, "top20_spend_share") == pytest.approx(1.2 / 3 * 40 / 100)
    assert one(found, "total_ratio") == pytest.approx(18 / 100)
    assert one(found, "total_error") == pytest.approx(82 / 100)


def test_a_total_that_was_right_is_in_its_interval():
    rows = keys(3).assign(predicted_value=[10.0, 10, 10], actual_value=[1.0, 2, 27])
    found = intervals.metrics(predictions.frame("holdout", [rows])).set_index("metric")
    assert found.loc["total_error", ["value", "ci_low"]].tolist() == [0, 0]
    assert found.loc["total_error", "ci_high"] > 0.5


def test_a_rule_without_probabilities_has_an_accuracy_only():
    unknown = np.full((2, 2), np.nan)
    rows = predictions.of_classes(keys(2), ["a", "b"], unknown, ["b", "b"], ["b", "a"])
    found = intervals.metrics(predictions.frame("holdout", [rows]))
    assert list(found["metric"]) == ["accuracy"] and one(found, "accuracy") == 0.5


def test_one_sided_outcomes_give_no_number():
    event = predictions.of_event(keys(5), [0.2] * 5, [0] * 5)
    spend = keys(5, "s").assign(predicted_value=1.0, actual_value=0.0)
    found = intervals.metrics(predictions.frame("holdout", [event, spend]))
    assert list(found["metric"]) == ["log_loss"]
    assert len(intervals.metrics(predictions.frame("holdout", []))) == 0
    assert len(intervals.calibration(predictions.frame("holdout", []))) == 0


def test_intervals_cover_and_shrink_with_n():
    def width(n):
        happened = np.arange(n) % 2
        rows = predictions.of_event(
            keys(n), np.where(happened, 0.6, 0.5) + np.arange(n) % 7 / 20, happened
        )
        row = intervals.metrics(predictions.frame("holdout", [rows])).set_index("metric").loc["auc"]
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
        return row["ci_high"] - row["ci_low"]

    assert width(1600) < 0.6 * width(100)


def test_calibration_by_hand_and_equal_forecasts_share_a_decile():
    probability = np.arange(20) / 20
    rows = predictions.of_event(keys(20), probability, [0] * 10 + [1] * 10)
    flat = predictions.of_event(keys(20, candidate="flat"), [0.5] * 20, [0] * 10 + [1] * 10)
    found = intervals.calibration(predictions.frame("holdout", [rows, flat]))
    of_rows = found[found["candidate"] == "c"]
    assert list(of_rows["n"]) == [2] * 10
    assert list(of_rows["actual"]) == [0.0] * 5 + [1.0] * 5
    assert of_rows["predicted"].iloc[0] == pytest.approx(0.025)
    only = found[found["candidate"] == "flat"].iloc[0]
    assert (only["n"], only["actual"]) == (20, 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_sql_gives_the_same_metrics_and_calibration(seed):
    holdout = made(seed)
    connection = duckdb.connect()
    sql_models.put(connection, holdout=Forecast(holdout=holdout).to_arrow())
    in_sql = {
        name: connection.execute(sql_models.render(f"{{{{ {name}('holdout') }}}}")).df()
        for name in ("prediction_metrics", "prediction_calibration")
    }
    pairs = (
        (intervals.metrics(holdout), in_sql["prediction_metrics"], "metric", "value"),
        (intervals.calibration(holdout), in_sql["prediction_calibration"], "decile", "actual"),
    )
    for in_python, sql, key, value in pairs:
        both = in_python.merge(sql, on=["model", "candidate", key], how="outer")
        assert len(both) == len(in_python) == len(sql) > 10
        np.testing.assert_allclose(both[f"{value}_x"], both[f"{value}_y"], atol=1.1e-6)
        assert (both["n_x"] == both["n_y"]).all()


def test_paired_advantage_by_hand():
    better = predictions.of_classes(
        keys(3, candidate="better", split="validation"),
        ["a", "b"],
        [[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]],
        list("aaa"),
    )
    rival = predictions.of_classes(
        keys(3, candidate="rival", split="validation"), ["a", "b"], [[0.5, 0.5]] * 3, list("aaa")
    )
    connection = duckdb.connect()
    candidates = (Candidate("m", "better", "contender"), Candidate("m", "rival", "reference"))
    output = Forecast.of(candidates, holdout=[better, rival]).to_arrow()
    sql_models.put(connection, output=output)
    sql = sql_models.render("{{ paired_advantages('output', 'log_loss') }}")
    found = connection.execute(sql).df().set_index("candidate").loc["better"]
    gains = np.log([0.8, 0.8, 0.2]) - np.log(0.5)
    assert found["advantage"] == pytest.approx(gains.mean())
    assert found["standard_error"] == pytest.approx(gains.std(ddof=1) / np.sqrt(3))


def pair(scores, n=300, seed=0):
    """Held-out rows of clusters and RFM groups on the same customers, by what each adds of noise."""
    rng = np.random.default_rng(seed)
    happened = rng.integers(0, 2, n)
    spend = happened * rng.gamma(1, 99, n)
    rows = []
    for candidate, noise in scores.items():
        rank = happened + rng.normal(0, noise, n)
        probability = 1 / (1 + np.exp(-rank.round(1)))
        of = predictions.of_event(keys(n, "customer_segments", candidate), probability, happened)
        rows.append(of.assign(predicted_value=probability, actual_value=spend))
    return predictions.frame("holdout", rows)


def test_a_difference_is_of_the_same_customers():
    found = intervals.metrics(pair({"clusters": 1.0, "rfm_groups": 1.5, "clusters_k3": 1.0}))
    found = found.set_index(["candidate", "metric"])
    differences = found[found.index.get_level_values("metric").str.endswith("_difference")]
    assert [*differences.index] == [
        ("clusters", f"{metric}_difference") for metric in ("log_loss", "auc", "top20_spend_share")
    ]
    ours, theirs = found.loc[("clusters", "auc")], found.loc[("rfm_groups", "auc")]
    difference = found.loc[("clusters", "auc_difference")]
    assert difference["value"] == pytest.approx(ours["value"] - theirs["value"], abs=2e-6)
    assert difference["ci_low"] < difference["value"] < difference["ci_high"]
    assert difference["n"] == 300


def test_of_equal_candidates_no_draw_differs():
    holdout = pair({"clusters": 1.0})
    both = pd.concat([holdout, holdout.assign(candidate="rfm_groups")], ignore_index=True)
    found = intervals.metrics(both).set_index("metric")
    for metric in ("auc_difference", "top20_spend_share_difference"):
        assert found.loc[metric, ["value", "ci_low", "ci_high"]].tolist() == [0, 0, 0]


def test_order_of_rows_does_not_matter():
    holdout = made()
    mixed = holdout.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(intervals.metrics(holdout), intervals.metrics(mixed))
    pd.testing.assert_frame_equal(intervals.calibration(holdout), intervals.calibration(mixed))


def test_an_empty_output_keeps_its_types():
    table = Forecast().to_arrow()
    assert len(table) == 0
    connection = duckdb.connect()
    sql_models.put(connection, output=table)
    types = dict(
        connection.execute(
            "select column_name, data_type from information_schema.columns"
        ).fetchall()
    )
    assert types["cutoff_date"] == "DATE" and types["rank_of_actual"] == "BIGINT"
    assert types["note"] == "VARCHAR" and types["coefficient"] == "DOUBLE"
    assert types["is_trained"] == "BOOLEAN"
