import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
import timelines
from gift_shop.forecasting import category_of_interest, chances
from gift_shop.forecasting.protocol import Forecast, trained

AS_OF, TESTED_FROM = dt.date(2011, 12, 10), dt.date(2011, 6, 1)
CANDIDATES = {each.candidate for each in category_of_interest.CANDIDATES}
SEASONS = {chances.SEASON, chances.SEASONAL}
TRAINED = {each.candidate for each in trained(category_of_interest.CANDIDATES)}
FIRST = pd.Timestamp("2011-01-01")
KEYS = ["a", "b", "c"]
CUTOFFS = timelines.cutoffs(AS_OF, 374, horizon_days=70)


UNTRIED = TRAINED | SEASONS


def shop(n=340, faithful=0.9, main_share=0.7, seed=0, tested_from=TESTED_FROM):
    """A customer a day, whose later baskets go to the first one's main category, mostly.

    Half of them come back 20 days after the first order; the others never.
    """
    rng = np.random.default_rng(seed)
    ids = [f"c{i:04d}" for i in range(n)]
    first_order_on = FIRST + pd.to_timedelta(np.arange(n), unit="D")
    blocks_back = np.ceil((pd.Timestamp(AS_OF) - first_order_on).days / 28)
    main = rng.choice(KEYS, n)
    examples = pd.DataFrame(
        {
            "is_serving": False,
            "customer_id": ids,
            "cutoff_date": first_order_on + pd.Timedelta(days=1),
            "first_order_on": first_order_on,
            "trained_before": pd.Timestamp(AS_OF) - blocks_back * pd.Timedelta(days=28),
            "is_tested": first_order_on >= pd.Timestamp(tested_from),
            "tested_from": tested_from,
            "net_spend": rng.gamma(2, 50, n),
            "lines": rng.integers(1, 30, n),
            "products": rng.integers(1, 20, n),
        }
    )
    late = examples[examples["first_order_on"] >= pd.Timestamp(AS_OF) - pd.Timedelta(days=70)]
    today = pd.Timestamp(AS_OF)
    asked = late.assign(is_serving=True, is_tested=False, cutoff_date=today, trained_before=today)
    shares = pd.DataFrame(
        [
            (serving, customer, key, *2 * [main_share if key == own else (1 - main_share) / 2])
            for customer, own in zip(ids, main, strict=True)
            for key in KEYS
            for serving in (False, True)
        ],
        columns=["is_serving", "customer_id", "category_key", "basket_share", "root_share"],
    )
    days = pd.date_range(FIRST, AS_OF)
    priors = pd.DataFrame(
        [(day, key, 100.0, 10.0 + (key == "a"), np.nan) for day in days for key in KEYS],
        columns=[
            "prior_date",
            "category_key",
            "net_spend",
            "recent_net_spend",
            "season_net_spend",
        ],
    )
    later = np.where(rng.random(n) < faithful, main, rng.choice(KEYS, n))
    blocks = [pd.Timestamp(AS_OF) - pd.Timedelta(days=14 * i) for i in range(20)]
    outcomes = pd.DataFrame(
        [
            (block, ids[i], later[i], 1, 1.0)
            for block in blocks
            for i in range(0, n, 2)
            if first_order_on[i] + pd.Timedelta(days=20) < block
        ],
        columns=["known_at", "customer_id", "category_key", "place", "spend_share"],
    )
    return {
        "examples": pd.concat([examples, asked], ignore_index=True),
        "basket_shares": shares,
        "priors": priors,
        "outcomes": outcomes,
    }


def forecast(tables, categories=KEYS, min_examples=20):
    forecaster = category_of_interest.CategoryOfInterest(min_examples=min_examples)
    named = pd.DataFrame({"category_key": categories})
    return forecaster.forecast({**tables, "categories": named, "cutoffs": CUTOFFS})


def of(frame, candidate, split=("test", "test_unseen")):
    return frame[(frame["candidate"] == candidate) & frame["split"].isin(split)]


def test_blend_weight_by_hand():
    basket, recent = np.array([[1.0, 0]] * 4), np.array([[0, 1.0]] * 4)
    # three of four go to the basket's category: the least log-loss is at .98 w + .01 = .75
    assert category_of_interest.fit_weight(basket, recent, np.array([0, 0, 0, 1])) == 0.75
    assert category_of_interest.fit_weight(basket, recent, np.array([0, 0, 0, 0])) == 1.0
    assert category_of_interest.fit_weight(basket, recent, np.array([1, 1, 1, 1])) == 0.0
    np.testing.assert_allclose(category_of_interest.blend(basket, recent, 0.75)[0], [0.75, 0.25])


def test_the_seasons_weight_by_hand():
    """What is bought next is what was bought in the season, which baskets and today do not tell."""
    even = np.array([[0.5, 0.5]] * 6)
    actual = np.array([0, 1, 0, 1, 0, 1])
    season = np.eye(2)[actual]
    plain = chances.Mixture(0.8, 1.5, 0.05)
    found = category_of_interest.fit_season(even, season, even, actual, plain)
    assert found == chances.Mixture(0.2, 1.5, 0.05, 1.0)
    # the season is wrong as often as it is right: it gets the least weight there is
    found = category_of_interest.fit_season(even, season, even, np.array([0, 1, 0, 0, 1, 0]), plain)
    assert (found.weight, found.season) == (0.8, 0.25)


def in_season(tables, true_to_it):
    """Everybody's later baskets follow what sold in the same season, where that is known."""
    days = tables["priors"]["prior_date"].drop_duplicates()
    sold = dict(zip(days, np.random.default_rng(3).choice(KEYS, len(days)), strict=True))
    priors = tables["priors"].assign(season_net_spend=10.0)
    priors.loc[priors["category_key"] == priors["prior_date"].map(sold), "season_net_spend"] = 900.0
    priors.loc[priors["prior_date"] < "2011-03-01", "season_net_spend"] = np.nan
    first = tables["examples"].drop_duplicates("customer_id").set_index("customer_id")
    later = tables["outcomes"]["customer_id"].map(first["first_order_on"]).map(sold)
    kept = tables["outcomes"]["category_key"]
    outcomes = tables["outcomes"].assign(category_key=later if true_to_it else kept)
    return tables | {"priors": priors, "outcomes": outcomes}


def test_a_season_that_foretells_is_used():
    output = forecast(in_season(shop(), true_to_it=True))
    losses = {
        each: -np.log(of(output.holdout, each)["probability_of_actual"]).mean()
        for each in CANDIDATES - {"three_at_random", "hindsight"}
    }
    assert min(losses, key=losses.get) in SEASONS
    assert losses[chances.SEASONAL] < losses[chances.ROOTS] - 0.3
    assert used_in_sql(output) == chances.SEASONAL
    assert chances.SEASONAL in set(output.serving["candidate"])
    rows = output.parameters[["candidate", "parameter", "class_key", "feature", "value"]]
    rows = list(rows.itertuples(index=False, name=None))
    found = chances.Parameters.of(rows)
    assert found.fitted.mixtures[chances.SEASONAL].season > 0
    assert sorted(found.rows()) == sorted(rows)


def test_a_season_that_tells_nothing_is_not_used():
    output = forecast(in_season(shop(faithful=1, main_share=0.5), true_to_it=False))
    assert used_in_sql(output) not in SEASONS
    assert len(of(output.holdout, chances.SEASONAL)) == len(of(output.holdout, chances.ROOTS)) > 0


def test_sharpening_by_hand():
    np.testing.assert_allclose(
        category_of_interest.sharpened(np.array([[0.6, 0.3, 0.1]]), 2), [[36 / 46, 9 / 46, 1 / 46]]
    )
    # the leading category always wins, and always is the basket's: as sharp as can be
    basket, recent = np.array([[0.6, 0.4]] * 5), np.array([[0.5, 0.5]] * 5)
    assert category_of_interest.fit_sharp(basket, recent, np.zeros(5, int)) == (
        0.8,
        3.0,
        category_of_interest.FLOOR,
        0.0,
    )


def test_finds_what_was_put_in():
    output = forecast(shop())
    blend = of(output.holdout, category_of_interest.BLEND)
    assert len(blend) > 80
    assert set(output.holdout["candidate"]) == CANDIDATES - SEASONS
    assert (blend["predicted_class"] == blend["actual_class"]).mean() > 0.85
    loss = {
        c: -np.log(of(output.holdout, c)["probability_of_actual"]).mean()
        for c in CANDIDATES - SEASONS
    }
    assert (
        loss[category_of_interest.SHARPENED]
        < loss[category_of_interest.BLEND]
        < loss[category_of_interest.RECENT]
    )
    assert set(output.notes["metric"]) == {"customers_not_scored", "not_tried"}
    untried = output.notes.query("metric == 'not_tried'").set_index("candidate")["note"]
    assert set(untried.index) == SEASONS
    assert (
        untried.iloc[0] == "by 2011-10-01 the file had 0 customers with a known later basket and a"
        " year of sales before them, 20 are needed"
    )


def test_what_the_three_shown_hold_by_hand():
    """Four categories: each is shown three, by what is predicted, and the best three are known."""
    tables = shop()
    later = tables["outcomes"]
    halves = [
        later.assign(place=place, spend_share=share, category_key=later["category_key"].map(to))
        for place, share, to in (
            (1, 0.5, lambda key: key),
            (2, 0.3, {"a": "b", "b": "c", "c": "a"}.get),
            (3, 0.1, {"a": "c", "b": "a", "c": "b"}.get),
            (4, 0.1, lambda key: "d"),
        )
    ]
    tables["outcomes"] = pd.concat(halves, ignore_index=True)
    holdout = forecast(tables, [*KEYS, "d"]).holdout
    share = holdout.groupby("candidate")["top3_spend_share"].agg(["min", "max"])
    # d is never bought before: whatever is predicted of a basket shows the other three
    assert share.loc[category_of_interest.SHARPENED].tolist() == [0.9, 0.9]
    assert share.loc[category_of_interest.HINDSIGHT].tolist() == [0.9, 0.9]
    assert share.loc[category_of_interest.RANDOM].tolist() == [0.75, 0.75]


def test_uses_and_cutoffs():
    output = forecast(shop())
    blend = output.holdout[output.holdout["candidate"] == category_of_interest.BLEND]
    chosen_on = pd.Timestamp("2011-10-01")
    validation = blend[blend["split"] == "validation"]
    assert (validation["cutoff_date"] == chosen_on).all() and (
        validation["outcome_until"] == chosen_on
    ).all()
    tested = blend[blend["split"] != "validation"]
    assert ((tested["cutoff_date"] > chosen_on) == (tested["split"] == "test_unseen")).all()
    assert (tested["trained_before"] < tested["cutoff_date"]).all()
    assert tested["cutoff_date"].min() > pd.Timestamp(TESTED_FROM)
    assert not blend.duplicated(["cutoff_date", "customer_id"]).any()


def test_customers_without_a_later_basket_are_counted():
    tables = shop()
    output = forecast(tables)
    tested = tables["examples"].query("not is_serving and first_order_on >= '2011-06-01'")
    notes = output.notes.set_index("candidate").loc[category_of_interest.BLEND]
    scored = of(output.holdout, category_of_interest.BLEND)
    assert notes["value"] == len(tested) - len(scored) > 0


def test_today_the_three_likeliest_classes_of_new_customers_are_predicted():
    output = forecast(shop())
    blend = output.serving.query("candidate == 'blend'")
    assert (blend.groupby("customer_id").size() == 3).all()
    np.testing.assert_allclose(blend.groupby("customer_id")["probability"].sum(), 1, atol=2e-6)
    assert (
        blend.sort_values(["customer_id", "class_rank"])
        .groupby("customer_id")["probability"]
        .is_monotonic_decreasing.all()
    )
    assert set(blend["customer_id"]) == set(shop()["examples"].query("is_serving")["customer_id"])


def test_later_outcomes_do_not_move_earlier_predictions():
    tables = shop()
    day = pd.Timestamp("2011-10-01")
    changed = {name: table.copy() for name, table in tables.items()}
    swap = {"a": "b", "b": "c", "c": "a"}
    for name, column in (("outcomes", "known_at"), ("priors", "prior_date")):
        late = changed[name][column] > day
        changed[name].loc[late, "category_key"] = changed[name].loc[late, "category_key"].map(swap)
    late = changed["examples"]["cutoff_date"] > day
    changed["examples"].loc[late, ["net_spend", "lines"]] *= 9
    predicted = [
        "candidate",
        "split",
        "cutoff_date",
        "customer_id",
        "predicted_class",
        "probability",
    ]
    one, other = (forecast(t).holdout for t in (tables, changed))
    before, after = (tested[tested["cutoff_date"] <= day] for tested in (one, other))
    assert len(before) > 100
    pd.testing.assert_frame_equal(before[predicted], after[predicted])
    assert not one[predicted].equals(other[predicted])


def test_order_of_rows_does_not_matter():
    tables = shop()
    mixed = {name: table.sample(frac=1, random_state=5) for name, table in tables.items()}
    for one, other in zip(forecast(tables), forecast(mixed, KEYS[::-1]), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_one_category_leaves_nothing_to_choose():
    tables = {
        name: table[table["category_key"] == "a"] if "category_key" in table else table
        for name, table in shop().items()
    }
    output = forecast(tables, ["a"])
    assert len(output.holdout) == len(output.serving) == 0
    assert set(output.notes["candidate"]) == CANDIDATES
    assert output.notes["note"].str.contains("products of one category: nothing").all()


def test_no_second_orders():
    tables = shop()
    tables["outcomes"] = tables["outcomes"].head(0)
    output = forecast(tables)
    notes = output.notes.query("metric == 'not_tried'").set_index("candidate")["note"]
    assert set(notes.index) == UNTRIED
    assert (
        notes[category_of_interest.BLEND] == "0 customers with a known later basket, 20 are needed"
    )
    assert len(output.holdout) == 0
    # nothing tested, so nothing trained is shown: what they bought is all there is
    assert set(output.serving["candidate"]) == {
        category_of_interest.MOST,
        category_of_interest.RECENT,
        category_of_interest.BASKET,
    }


def test_thirty_customers_or_none():
    output = forecast(shop(n=30), min_examples=100)
    assert "15 customers with a known later basket, 100 are needed" in set(output.notes["note"])
    empty = {name: table.head(0) for name, table in shop().items()}
    output = forecast(empty)
    assert len(output.holdout) == len(output.serving) == 0
    assert set(output.notes.query("metric == 'not_tried'")["candidate"]) == UNTRIED


def test_one_leading_category_leaves_nothing_to_train_on():
    tables = shop()
    tables["outcomes"] = tables["outcomes"].assign(category_key="b")
    notes = forecast(tables).notes.query("metric == 'not_tried' and candidate in @TRAINED")
    assert notes["note"].str.contains("one category leads").all()


def test_blocks_that_could_not_be_trained_are_named():
    notes = forecast(shop(), min_examples=90).notes.query("metric == 'partly_tried'")
    assert notes["note"].str.startswith("not for customers first seen soon after 2011-0").all()
    assert set(notes["candidate"]) == TRAINED - SEASONS


def test_nobody_to_choose_by():
    """Enough is known to train on, but nobody new enough has come back before the choice."""
    tables = shop()
    first_back = tables["examples"].loc[
        tables["examples"]["first_order_on"] < "2011-05-01", "customer_id"
    ]
    tables["outcomes"] = tables["outcomes"][tables["outcomes"]["customer_id"].isin(first_back)]
    notes = forecast(tables).notes.query("metric == 'not_tried' and candidate in @TRAINED")
    assert notes["note"].str.endswith("nothing to choose by").all()
    assert set(notes["candidate"]) == TRAINED


def test_a_history_too_short_says_by_how_much():
    notes = forecast(shop(tested_from=AS_OF - dt.timedelta(days=60))).notes
    notes = notes.query("metric == 'not_tried' and candidate in @TRAINED")
    assert set(notes["candidate"]) == TRAINED
    assert notes["note"].str.startswith("the history is 10 days too short").all()


def used_in_sql(output):
    with duckdb.connect() as connection:
        sql_models.put(connection, category_of_interest_model=output.to_arrow())
        sql_models.run(connection, "int_category_of_interest_choice")
        query = "select candidate from int_category_of_interest_choice where is_used"
        return connection.execute(query).fetchall()[0][0]


def test_choice_in_sql():
    for output, expected in (
        # better than the blend, but by less than one standard error; then by far
        (forecast(shop()), category_of_interest.BLEND),
        (forecast(shop(faithful=1, main_share=0.5)), category_of_interest.SHARPENED),
        (Forecast.of(category_of_interest.CANDIDATES), category_of_interest.BASKET),
    ):
        assert used_in_sql(output) == expected


def test_unseen_classes_and_two_classes_in_the_regression():
    tables = shop()
    tables["outcomes"] = tables["outcomes"].assign(
        category_key=tables["outcomes"]["category_key"].replace("c", "a")
    )
    rows = of(forecast(tables).holdout, category_of_interest.LOGISTIC)
    assert (rows["predicted_class"] != "c").all()
    assert (rows["predicted_class"] == rows["actual_class"]).mean() > 0.8


@pytest.mark.parametrize("k", [2, 3])
def test_regression_is_the_librarys(k):
    """Roots of the shares, facts on their scale, weights by age, rounded parameters."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    n = 200
    basket, facts = rng.dirichlet(np.ones(k), n), rng.normal(size=(n, 3))
    actual, age = rng.integers(0, k, n), rng.integers(1, 200, n)
    shares = chances.Shares(basket, basket, basket, basket, basket, facts)
    regression = category_of_interest._fit_regression(shares, actual, age)
    weight = 0.5 ** (age / category_of_interest.HALF_LIFE_DAYS)
    inputs = np.column_stack([np.sqrt(basket), 0.3 * (facts - facts.mean(0)) / facts.std(0)])
    library = LogisticRegression(C=category_of_interest.C, tol=1e-3, max_iter=200)
    library.fit(inputs, actual, weight * n / weight.sum())
    ours = chances.regressed(shares, regression)
    np.testing.assert_allclose(ours, library.predict_proba(inputs), atol=1e-7)
