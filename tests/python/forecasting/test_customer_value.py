import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
import timelines
from gift_shop.errors import MissingOutcomeError
from gift_shop.forecasting import customer_value
from sklearn.linear_model import LogisticRegression, PoissonRegressor

AS_OF = dt.date(2011, 12, 10)
BACK = (0, 70, 105, 140, 175, 210, 245)


def features(n=150, history=374, seed=0, horizon=70, back=BACK):
    """Made customers at cutoffs: who ordered lately and spent much orders again and spends more."""
    rng = np.random.default_rng(seed)
    parts = []
    for days in back:
        if history - days <= 0:
            continue
        x = pd.DataFrame(
            rng.normal(3, 1, (n, len(customer_value.FEATURES))), columns=customer_value.FEATURES
        )
        x["is_one_order_day"] = rng.integers(0, 2, n)
        chance = 1 / (1 + np.exp(2 * (x["log_recency"] - 3)))
        x["orders"] = (rng.random(n) < chance).astype(float)
        x["spend"] = np.round(x["orders"] * np.exp(x["log_monetary"]) * rng.gamma(2, 1, n), 2)
        x["frequency"] = rng.integers(1, 9, n)
        x["monetary"] = np.exp(x["log_monetary"])
        x["tenure_days"] = rng.integers(1, max(2, history - days), n)
        if days < horizon:
            x[["orders", "spend"]] = np.nan
        x["customer_id"] = [f"c{i:04d}" for i in range(n)]
        x["cutoff_date"] = pd.Timestamp(AS_OF) - pd.Timedelta(days=days)
        x["days_before_as_of"], x["history_days"] = days, history - days
        x["split"] = "serving" if days == 0 else None
        parts.append(x)
    return pd.concat(parts, ignore_index=True)


def cutoffs(history=374, horizon=70):
    table = timelines.cutoffs(AS_OF, history, horizon_days=horizon)
    return table[table["is_customer_value"]]


CUTOFFS = cutoffs()


def seasons(cutoffs=CUTOFFS, levels=None):
    """What a customer spent around each cutoff and a year earlier, when it was half: 100 in every
    horizon, but for the levels of some horizons after cutoffs, by days before the as-of date."""
    rows = cutoffs[["cutoff_date"]].assign(before_spend=100.0, before_season_spend=50.0)
    rows["horizon_spend"] = cutoffs["days_before_as_of"].map(levels or {}).fillna(100.0)
    return rows.assign(season_spend=rows["horizon_spend"] / 2)


def forecast(table, cutoffs=CUTOFFS, of_all=None):
    inputs = {"features": table, "cutoffs": cutoffs}
    inputs["seasons"] = seasons(cutoffs) if of_all is None else of_all
    return customer_value.CustomerValue().forecast(inputs)


def of(frame, model, candidate):
    return frame[(frame["model"] == model) & (frame["candidate"] == candidate)]


def mean_log_loss(rows):
    return -np.log(rows["probability_of_actual"].astype(float)).mean()


def test_finds_what_was_put_in():
    output = forecast(features())
    held_out = output.holdout
    logistic = of(held_out, customer_value.ORDER, customer_value.LOGISTIC)
    assert mean_log_loss(logistic) < 0.9 * mean_log_loss(
        of(held_out, customer_value.ORDER, customer_value.BASE)
    )
    spend = of(held_out, customer_value.SPEND, customer_value.POISSON)
    assert spend["predicted_value"].sum() / spend["actual_value"].sum() == pytest.approx(1, abs=0.3)
    weights = of(output.coefficients, customer_value.ORDER, customer_value.LOGISTIC).set_index(
        "feature"
    )
    assert weights["coefficient"].idxmin() == "log_recency"
    assert len(output.notes) == 0


def test_cutoffs_and_their_use():
    held_out = forecast(features()).holdout
    used = held_out.groupby("cutoff_date")["split"].unique().map(list).to_dict()
    assert used == {
        pd.Timestamp("2011-06-18"): ["validation"],
        pd.Timestamp("2011-07-23"): ["validation"],
        pd.Timestamp("2011-10-01"): ["test"],
    }
    assert not held_out.duplicated(["model", "candidate", "cutoff_date", "customer_id"]).any()
    assert held_out["customer_id"].nunique() == 150
    stated = {(each.model, each.candidate) for each in customer_value.CANDIDATES}
    assert set(zip(held_out["model"], held_out["candidate"], strict=True)) == stated


LEVELS = {0: 60.0, 70: 300.0, 105: 200.0, 140: 180.0, 175: 40.0, 210: 90.0, 245: 100.0}


def in_season():
    """Customers who spend as much as the level of the horizon says."""
    table = features(n=400)
    table["spend"] = (table["spend"] * table["days_before_as_of"].map(LEVELS) / 100).round(2)
    return table


def test_the_season_gives_the_level():
    output = forecast(in_season(), of_all=seasons(levels=LEVELS))
    totals = output.holdout[output.holdout["model"] == customer_value.SPEND]
    totals = totals.groupby(["candidate", "cutoff_date"])[["predicted_value", "actual_value"]].sum()
    error = (totals["predicted_value"] / totals["actual_value"] - 1).abs().unstack("cutoff_date")
    assert (error.loc[customer_value.IN_SEASON] < 0.2).all()
    assert (error.loc[customer_value.POISSON] > 0.4).all()
    connection = duckdb.connect()
    assert chosen(connection, output) == [customer_value.LOGISTIC, customer_value.IN_SEASON]
    # the level moves: last year tells nothing of this one
    otherwise = dict(zip(LEVELS, list(LEVELS.values())[::-1], strict=True))
    output = forecast(in_season(), of_all=seasons(levels=otherwise))
    assert chosen(connection, output) == [customer_value.LOGISTIC, customer_value.POISSON]


def test_without_last_years_season_it_is_not_tried():
    of_all = seasons()
    too_early = CUTOFFS["days_before_as_of"] >= 175
    of_all.loc[too_early, ["before_spend", "season_spend", "before_season_spend"]] = np.nan
    output = forecast(features(), of_all=of_all)
    assert of(output.holdout, customer_value.SPEND, customer_value.IN_SEASON).empty
    assert of(output.coefficients, customer_value.SPEND, customer_value.IN_SEASON).empty
    (note,) = output.notes["note"]
    assert note == customer_value.NO_SEASON


def test_seasons_in_sql():
    """Each day brings one more than the day before; a return counts on its own day, and who orders
    first within a horizon is not known when it begins."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_customer_days as select 'k' as customer_id, happened_on::date as happened_on, 1 as orders,"
            " date_diff('day', date '2010-01-01', happened_on)::decimal(38, 4) as gross_amount,"
            " case when happened_on = timestamp '2011-12-09' then 5 else 0 end::decimal(38, 4) as returned_amount"
            " from (select unnest(range(timestamp '2010-09-01', timestamp '2011-12-10', interval 1 day)) as happened_on)"
            " union all select 'new', unnest([date '2011-10-01', date '2011-11-01']), 1, 1000, 0"
        )
        sql_models.put(connection, int_cutoffs=timelines.cutoffs(AS_OF, 465, horizon_days=70))
        connection.execute("alter table int_cutoffs alter cutoff_date type date")
        sql_models.run(connection, "int_customer_value_seasons", horizon_days=70)
        query = "select * exclude cutoff_date from int_customer_value_seasons where cutoff_date = ?"

        def at(days):
            return connection.execute(query, [AS_OF - dt.timedelta(days=days)]).fetchone()

        def spent(first, days):
            start = (AS_OF - dt.timedelta(days=first) - dt.date(2010, 1, 1)).days
            return float(sum(range(start, start + days)))

        assert at(0) == (None, spent(70, 70) - 5, spent(364, 70), spent(434, 70))
        assert at(70)[:2] == (spent(70, 70) - 5, None)


def test_with_280_days_of_history_the_regressions_can_be_chosen():
    output = forecast(features(history=280), cutoffs(280))
    assert len(output.notes) == 0
    logistic = of(output.holdout, customer_value.ORDER, customer_value.LOGISTIC)
    assert set(logistic["split"]) == {"validation", "test"}


@pytest.mark.parametrize("horizon", [31, 90])
def test_another_horizon_moves_every_cutoff(horizon):
    back = (0, horizon, 3 * horizon // 2, 2 * horizon, 5 * horizon // 2, 3 * horizon)
    table = features(horizon=horizon, back=back)
    output = forecast(table, cutoffs(horizon=horizon))
    days_back = pd.Timestamp(AS_OF) - output.holdout.groupby("split")["cutoff_date"].max()
    assert days_back.dt.days.to_dict() == {"test": horizon, "validation": 2 * horizon}
    days = (output.holdout["outcome_until"] - output.holdout["cutoff_date"]).dt.days
    assert (days == horizon).all()
    assert len(output.notes) == 0


@pytest.mark.parametrize("outcome", ["orders", "spend"])
def test_a_missing_outcome_is_an_error(outcome):
    table = features()
    missing = (table["days_before_as_of"] == 140) & (table["customer_id"] < "c0003")
    table.loc[missing, outcome] = None
    with pytest.raises(MissingOutcomeError, match="3 customers have no .* after 2011-07-23"):
        forecast(table)


def test_baselines_by_hand():
    table = features()
    held_out = forecast(table).holdout
    day = pd.Timestamp("2011-10-01")
    train = table[table["cutoff_date"] <= day - pd.Timedelta(days=70)]
    row = table[(table["cutoff_date"] == day) & (table["customer_id"] == "c0007")].iloc[0]

    def predicted(model, candidate, column):
        rows = of(held_out, model, candidate).set_index(["cutoff_date", "customer_id"])
        return rows.loc[(day, "c0007"), column]

    assert predicted(customer_value.ORDER, customer_value.BASE, "probability") == pytest.approx(
        (train["orders"] > 0).mean(), abs=1e-6
    )
    past = 1 - np.exp(-row["frequency"] * 70 / row["tenure_days"])
    assert predicted(customer_value.ORDER, customer_value.PAST, "probability") == pytest.approx(
        past, abs=1e-6
    )
    assert (
        predicted(customer_value.ORDER, customer_value.FREQUENCY, "predicted_value")
        == row["frequency"]
    )
    level = train["spend"].sum() / train["monetary"].sum()
    assert predicted(
        customer_value.SPEND, customer_value.MONETARY, "predicted_value"
    ) == pytest.approx(row["monetary"] * level, abs=0.005)


def test_coefficients_score_as_the_library_does():
    table = features()
    today, train = (
        table[table["days_before_as_of"] == 0],
        table[table["days_before_as_of"].isin(BACK[1:5])],
    )
    x, z = (part[customer_value.FEATURES].to_numpy() for part in (train, today))
    x, z = (x - x.mean(axis=0)) / x.std(axis=0), (z - x.mean(axis=0)) / x.std(axis=0)
    order = LogisticRegression(C=customer_value.C, tol=1e-10, max_iter=1000).fit(
        x, train["orders"] > 0
    )
    spend = PoissonRegressor(alpha=customer_value.ALPHA, tol=1e-10, max_iter=1000).fit(
        x, train["spend"]
    )
    coefficients = forecast(table).coefficients
    for model, candidate, expected in (
        (customer_value.ORDER, customer_value.LOGISTIC, order.predict_proba(z)[:, 1]),
        (customer_value.SPEND, customer_value.POISSON, spend.predict(z)),
    ):
        scored = customer_value.score(of(coefficients, model, candidate), today)
        np.testing.assert_allclose(scored, expected, rtol=1e-4)


def served(output, used, holdout):
    """What SQL predicts of today's customers, the candidates in use and their held-out rows given."""
    connection = duckdb.connect()
    sql_models.put(
        connection,
        int_customer_value_features=features(),
        int_customer_value_choice=pd.DataFrame(
            {"model": [customer_value.ORDER, customer_value.SPEND], "used_candidate": used}
        ),
        customer_value_model=output._replace(holdout=holdout).to_arrow(),
    )
    sql_models.run(connection, "int_customer_value")
    return connection.execute("select * from int_customer_value order by customer_id").df()


@pytest.mark.parametrize(
    "used",
    [
        (customer_value.LOGISTIC, customer_value.POISSON),
        (customer_value.LOGISTIC, customer_value.IN_SEASON),
        (customer_value.BASE, customer_value.MONETARY),
    ],
)
def test_sql_scores_as_python_does(used):
    table = features()
    output = forecast(table)
    in_sql = served(output, used, output.holdout)
    today = table[table["days_before_as_of"] == 0].sort_values("customer_id")
    columns, half_a_digit = ("order_probability", "expected_spend"), (5e-7, 5e-3)
    for model, candidate, column, apart in zip(
        (customer_value.ORDER, customer_value.SPEND), used, columns, half_a_digit, strict=True
    ):
        expected = customer_value.score(of(output.coefficients, model, candidate), today)
        np.testing.assert_allclose(in_sql[column], expected, rtol=1e-12, atol=apart)


def test_nothing_is_served_that_was_not_held_out():
    output = forecast(features())
    holdout = output.holdout.query("candidate == @customer_value.POISSON")
    in_sql = served(output, (customer_value.BASE, customer_value.POISSON), holdout)
    assert in_sql["order_probability"].isna().all() and in_sql["expected_spend"].notna().any()


def test_nothing_after_a_cutoff_moves_its_predictions():
    table = features()
    cutoff = pd.Timestamp("2011-10-01")
    changed = table.copy()
    later = changed["cutoff_date"] > cutoff
    changed.loc[later, customer_value.FEATURES] *= -3
    # outcomes of a cutoff end a horizon after it: from 2011-07-24 on they are not over at this one
    unknown = changed["cutoff_date"] + pd.Timedelta(days=70) > cutoff
    changed.loc[unknown & changed["orders"].notna(), "orders"] = 1 - changed["orders"].clip(upper=1)
    changed.loc[unknown, "spend"] *= 7
    predicted = [
        "model",
        "candidate",
        "cutoff_date",
        "customer_id",
        "predicted_class",
        "probability",
        "predicted_value",
    ]
    before, after = (forecast(t).holdout for t in (table, changed))
    pd.testing.assert_frame_equal(before[predicted], after[predicted])
    assert not before["actual_value"].equals(after["actual_value"])


def test_order_of_rows_does_not_matter():
    table = features()
    for one, other in zip(
        forecast(table),
        forecast(table.sample(frac=1, random_state=3)),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, other)


def not_tried(output, model):
    notes = output.notes[output.notes["model"] == model]
    assert set(notes["metric"]) == {"not_tried"}
    return notes.set_index("candidate")["note"]


@pytest.mark.parametrize(
    ("table", "history", "why"),
    [
        (features(n=30), 374, "30 customers with a known outcome, 50 are needed"),
        (
            features().assign(orders=lambda t: t["orders"] * 0, spend=lambda t: t["spend"] * 0),
            374,
            "nobody ordered again",
        ),
        (features(history=279), 279, "279 days of history, 280 are needed"),
    ],
)
def test_too_little_to_train_on_is_noted_and_the_baselines_stay(table, history, why):
    output = forecast(table, cutoffs(history))
    for model, candidate in (
        (customer_value.ORDER, customer_value.LOGISTIC),
        (customer_value.SPEND, customer_value.POISSON),
    ):
        assert why in not_tried(output, model)[candidate]
        assert len(of(output.holdout, model, candidate)) == 0
    assert set(output.coefficients["candidate"]) == {
        customer_value.BASE,
        customer_value.MONETARY,
    }
    rate = of(output.coefficients, customer_value.ORDER, customer_value.BASE)["intercept"].iloc[0]
    known = table[
        table["days_before_as_of"].isin((70, 105, 140, 175)) & (table["history_days"] >= 70)
    ]
    assert rate == pytest.approx((known["orders"] > 0).mean())


@pytest.mark.parametrize("table", [features(history=60), features().head(0)])
def test_without_any_known_outcome_there_is_no_number(table):
    output = forecast(table, cutoffs(history=60))
    assert len(output.holdout) == len(output.coefficients) == 0
    assert set(not_tried(output, customer_value.ORDER).index) == {
        customer_value.LOGISTIC,
        customer_value.BOOSTING,
    }


def chosen(connection, output):
    """The candidates in use, by model."""
    sql_models.put(connection, customer_value_model=output.to_arrow())
    sql_models.run(connection, "int_customer_value_choice")
    query = "select used_candidate from int_customer_value_choice order by model"
    return [candidate for (candidate,) in connection.execute(query).fetchall()]


def test_choice_in_sql():
    output = forecast(features())
    connection = duckdb.connect()
    few = "300 customers to choose by, 301 are needed: the {} is used"
    for holdout, least, expected in (
        (output.holdout, 300, [(customer_value.LOGISTIC, None), (customer_value.POISSON, None)]),
        (
            output.holdout,
            301,
            [
                (customer_value.BASE, few.format("base rate")),
                (customer_value.MONETARY, few.format("monetary rank")),
            ],
        ),
        (
            output.holdout.head(0),
            50,
            [(customer_value.BASE, None), (customer_value.MONETARY, None)],
        ),
    ):
        sql_models.put(connection, customer_value_model=output._replace(holdout=holdout).to_arrow())
        sql_models.run(connection, "int_customer_value_choice", min_customers_to_choose=least)
        found = connection.execute(
            "select used_candidate, note from int_customer_value_choice order by model"
        )
        assert found.fetchall() == expected
