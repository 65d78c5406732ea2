"""Customer clusters: the measures, the rule, the served model, its names, and scoring in SQL."""

import datetime as dt
from fractions import Fraction
from functools import cache, partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
import timelines
from gift_shop.clustering import (
    archetypes,
    holdout,
    rfm_groups,
    rfm_space,
    segment_tables,
    segments,
    selection,
)
from gift_shop.clustering.algorithms import (
    ALGORITHMS,
    GaussianMixtureClusterer,
    adjusted_rand_index,
)
from gift_shop.clustering.rfm_space import RFMTransformer
from gift_shop.clustering.selection import Choice
from gift_shop.errors import MissingOutcomeError
from gift_shop.evaluation import ranking_metrics
from gift_shop.tables import stacked
from scipy.spatial.distance import cdist
from scipy.stats import yeojohnson_normmax
from sklearn import metrics as sk
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import PowerTransformer

ROOT = Path(__file__).parents[3]

ARCHETYPES = archetypes.Archetypes(pd.read_csv(ROOT / "seeds" / "segment_archetypes.csv"))
RFM_GROUPS = pd.read_csv(ROOT / "seeds" / "rfm_groups.csv")
evaluate = partial(selection.evaluate_candidates, min_history_days=92, min_customers=200)


# --- made-up shops --------------------------------------------------------------------------------


@cache
def cutoffs(history=400):
    """0, 70, 140, 154 and 168 days before the as-of date."""
    table = timelines.cutoffs(dt.date(2024, 6, 1), history, horizon_days=70)
    return table[table["is_cluster"]].reset_index(drop=True)


def shop(values_at, n, order_rate=None, seed=0):
    """Snapshots and outcomes of n customers, (n, 3) values and (n,) order rates per cutoff."""
    rng = np.random.default_rng(seed)
    snapshots, outcomes = [], []
    for date in cutoffs()["cutoff_date"]:
        values = values_at(rng)
        rate = np.full(n, 0.5) if order_rate is None else order_rate
        orders = (rng.random(n) < rate).astype(int)
        ids = [str(10_000 + i) for i in range(n)]
        common = {"cutoff_date": date, "customer_id": ids}
        snapshots.append(
            pd.DataFrame(
                common | dict(zip(["recency_days", "frequency", "monetary"], values.T, strict=True))
            )
        )
        outcomes.append(pd.DataFrame(common | {"orders": orders, "spend": orders * values[:, 2]}))
    return pd.concat(snapshots, ignore_index=True), pd.concat(outcomes, ignore_index=True)


BLOB = np.repeat([0, 1, 2], 100)


def three_blobs():
    """Great customers, middling ones and lost ones, far apart in every respect."""
    middle = np.log([[8, 20, 5000], [60, 5, 600], [240, 1.2, 60]])
    return shop(
        lambda rng: np.exp(middle[BLOB] + rng.normal(0, 0.1, (300, 3))),
        300,
        np.array([0.9, 0.5, 0.1])[BLOB],
    )


def smooth_shop(n=400, seed=3):
    """Customers without gaps between them: most are near some border."""

    def values(rng):
        loyalty = rng.normal(0, 1, n)
        return np.column_stack(
            [
                np.ceil(np.exp(4 - 0.8 * loyalty + rng.normal(0, 0.7, n))),
                np.ceil(np.exp(0.5 + 0.8 * loyalty)),
                np.where(rng.random(n) < 0.02, 0, np.exp(6 + loyalty + rng.normal(0, 0.5, n))),
            ]
        )

    return shop(values, n, seed=seed)


def as_of(snapshots):
    return snapshots[snapshots["cutoff_date"] == snapshots["cutoff_date"].max()]


@pytest.fixture(scope="module")
def blobs():
    return three_blobs()


@pytest.fixture(scope="module")
def blob_evaluation(blobs):
    return evaluate(*blobs, cutoffs())


@pytest.fixture(scope="module")
def smooth():
    return smooth_shop()


@pytest.fixture(scope="module")
def smooth_model(smooth):
    model, reason = segments.fit_segments(
        as_of(smooth[0]), Choice("yeo_johnson", "kmeans", 5), ARCHETYPES
    )
    assert reason == ""
    return model


# --- AUC, its error, the top fifth ----------------------------------------------------------------


def test_auc_counts_pairs_and_halves_ties():
    score, event = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])
    # .35 beats .1 only, .8 beats both: 3 of 4 pairs
    assert ranking_metrics.auc(score, event) == 3 / 4
    # .4 against .4 is half a win: .4 beats .1 and ties .4; .8 beats both
    assert ranking_metrics.auc(np.array([0.1, 0.4, 0.4, 0.8]), event) == 3.5 / 4
    assert np.isnan(ranking_metrics.auc(score, np.ones(4)))


def test_hanley_mcneil_by_hand():
    a, events, others = Fraction(3, 4), 2, 2
    q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)
    variance = (a * (1 - a) + (events - 1) * (q1 - a**2) + (others - 1) * (q2 - a**2)) / (
        events * others
    )
    assert variance == Fraction(171, 2240)
    assert ranking_metrics.auc_standard_error(0.75, 2, 2) == pytest.approx(float(variance) ** 0.5)
    assert np.isnan(ranking_metrics.auc_standard_error(0.75, 0, 4))


def test_top_fifth_splits_the_tie_at_its_border():
    spend = np.array([10.0, 20, 30, 40, 0, 0, 0, 0, 0, 0])
    score = np.array([9, 8, 8, 8, 1, 1, 1, 1, 1, 1])
    # two of ten: the first, and a third of each of the three tied ones
    assert ranking_metrics.top_spend_share(score, spend) == pytest.approx(
        (10 + (20 + 30 + 40) / 3) / 100
    )
    assert np.isnan(ranking_metrics.top_spend_share(score, np.zeros(10)))


def test_grouped_figures_equal_those_of_their_members():
    rng = np.random.default_rng(0)
    group, rate = rng.integers(0, 4, 200), np.array([0.3, 0.1, 0.3, 0.7])  # two are tied
    event, spend = rng.random(200) < rate[group], rng.random(200)
    n, events, money = (np.bincount(group, weights=w) for w in (None, event, spend))
    assert ranking_metrics.grouped_auc(rate, events, n - events) == pytest.approx(
        sk.roc_auc_score(event, rate[group])
    )
    assert ranking_metrics.grouped_top_spend_share(rate, n, money) == pytest.approx(
        ranking_metrics.top_spend_share(rate[group], spend)
    )


def test_two_fold_trains_on_the_other_half():
    # the halves disagree: each half's rates order the other half's customers the wrong way round
    group = np.array([0, 0, 1, 1])
    ordered = np.array([1, 0, 0, 1])
    halves = np.array([[0.0, 1.0, 0.0, 1.0]])
    area, _ = ranking_metrics.two_fold(group, ordered, ordered * 5.0, halves)
    assert area == 0


def test_draws_of_two_folds_weigh_the_customers():
    rng = np.random.default_rng(4)
    group, ordered = rng.integers(0, 4, 200), rng.integers(0, 2, 200)
    halves = ranking_metrics.drawn_halves(200, 5, 0)
    times = rng.integers(0, 4, 200)  # a customer drawn twice is two customers of the same half
    everybody, drawn = ranking_metrics.two_fold_auc(
        group, ordered, halves, np.array([np.ones(200), times], dtype=float)
    )
    assert everybody == pytest.approx(
        ranking_metrics.two_fold(group, ordered, ordered * 1.0, halves)[0]
    )
    again, orders = np.repeat(group, times), np.repeat(ordered, times)
    repeated = np.repeat(halves, times, axis=1)
    assert drawn == pytest.approx(
        ranking_metrics.two_fold(again, orders, orders * 1.0, repeated)[0]
    )


# --- the measures of a clustering -----------------------------------------------------------------


def test_measures_agree_with_scikit_learn():
    rng = np.random.default_rng(1)
    z, labels = rng.normal(size=(120, 3)), rng.integers(0, 4, 120)
    other = rng.integers(0, 3, 120)
    ours = selection.shape(z, labels)
    assert ours["calinski_harabasz"] == pytest.approx(sk.calinski_harabasz_score(z, labels))
    assert ours["davies_bouldin"] == pytest.approx(sk.davies_bouldin_score(z, labels))
    assert selection.silhouettes(cdist(z, z), [labels, other]) == pytest.approx(
        [sk.silhouette_score(z, labels), sk.silhouette_score(z, other)]
    )
    assert adjusted_rand_index(labels, other) == pytest.approx(
        sk.adjusted_rand_score(labels, other)
    )
    assert adjusted_rand_index(labels, 3 - labels) == 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_finds_clear_clusters_at_every_k(algorithm):
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], 40)
    z = rng.normal(0, 0.1, (120, 3)) + 10 * truth[:, None]
    found = selection.clusterers(algorithm, z, [2, 3, 5], 3, 0)
    assert [len(np.unique(found[k].labels_)) for k in (2, 3, 5)] == [2, 3, 5]
    assert adjusted_rand_index(truth, found[3].labels_) == 1


@pytest.mark.parametrize("k", [2, 5, 9])
def test_mixtures_are_scikit_learns(k):
    rng = np.random.default_rng(k)
    z = rng.normal(size=(500, 3)) * [1, 0.5, 2] + 2 * rng.integers(0, 3, (500, 1))
    z[:200, 1] = 0  # many with one order: a component without spread on an axis
    for seed in range(2):
        ours = GaussianMixtureClusterer(k, random_state=seed).fit(z)
        theirs = GaussianMixture(k, tol=1e-2, max_iter=50, random_state=seed)
        assert (ours.labels_ == theirs.fit_predict(z)).all()
        assert ours.bic_ == pytest.approx(theirs.bic(z), abs=1e-6)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_more_clusters_than_distinct_points_are_left_out(algorithm):
    z = np.repeat([[0.0, 0, 0], [1, 1, 1], [5, 5, 5]], 20, axis=0)
    assert set(selection.clusterers(algorithm, z, [2, 3, 4], 3, 0)) == {2, 3}


# --- the space ------------------------------------------------------------------------------------


def test_yeo_johnson_is_scikit_learns():
    values = np.exp(np.random.default_rng(0).normal(2, 1, (300, 3)))
    ours = RFMTransformer("yeo_johnson").fit(values)
    theirs = PowerTransformer("yeo-johnson").fit(values)
    assert ours.lambdas_ == pytest.approx(theirs.lambdas_, abs=1e-4)
    assert ours.transform(values) == pytest.approx(theirs.transform(values), abs=1e-3)


def test_lambda_is_scipys_to_the_last_bit():
    rng = np.random.default_rng(0)
    for values in (rng.gamma(1, 99, 500), rng.integers(0, 9, 50), np.r_[3, np.ones(9)], [0, 1e9]):
        column = np.asarray(values, dtype=float)
        assert rfm_space.best_lambda(column) == np.clip(yeojohnson_normmax(column), -2, 2)


def test_log1p_is_lambda_zero_and_a_constant_axis_is_zero():
    values = np.array([[1.0, 5, 0], [3, 5, 10], [9, 5, 99]])
    z = RFMTransformer("log1p").fit_transform(values)
    log = np.log1p(values[:, [0, 2]])
    expected = (log - log.mean(axis=0)) / log.std(axis=0)
    assert z[:, [0, 2]] == pytest.approx(expected, abs=1e-7)
    for method in rfm_space.TRANSFORMS:
        z = RFMTransformer(method).fit_transform(values)
        assert z[:, 1] == pytest.approx(0, abs=1e-7)


def test_parameters_have_eight_digits():
    assert rfm_space.rounded([1 / 3, 123456.7890123456, 0.0]).tolist() == [
        0.33333333,
        123456.79,
        0.0,
    ]


def test_a_sample_is_evenly_spread():
    assert rfm_space.every_nth(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert rfm_space.every_nth(9, 3).tolist() == [0, 3, 6]


# --- the rule -------------------------------------------------------------------------------------


def table(refits=None, **candidates):
    """candidate_cutoffs of kmeans: name -> (k, stability, shares, AUCs, silhouette); SE is .01.

    refits: name -> how many, where they are not all."""
    rows = []
    for name, (k, stability, shares, aucs, silhouette) in candidates.items():
        for cutoff, (share, area) in enumerate(zip(shares, aucs, strict=True)):
            measured = dict.fromkeys(selection.MEASURES, 0.0) | {
                "silhouette": silhouette,
                "stability_ari": stability,
                "smallest_share": share,
                "future_order_auc": area,
                "future_order_auc_se": 0.01,
                "refits": (refits or {}).get(name, selection.REFITS),
            }
            rows.append(
                {"cutoff_date": cutoff, "transform": name, "algorithm": "kmeans", "k": k} | measured
            )
    return pd.DataFrame(rows)


def chosen(candidates):
    names = candidates.loc[candidates["is_chosen"], "transform"].tolist()
    return names[0] if names else None


def verdicts(candidates):
    return dict(zip(candidates["transform"], candidates["verdict"], strict=True))


FAIR, LEVEL = (0.1, 0.1, 0.1), (0.75, 0.75, 0.75)


def test_rule_needs_stability():
    found = selection.choose(
        table(shaky=(4, 0.849, FAIR, LEVEL, 0.5), firm=(4, 0.85, FAIR, LEVEL, 0.2))
    )
    assert chosen(found) == "firm"
    assert verdicts(found)["shaky"] == "not eligible: mean stability .849 below .85"


def test_rule_needs_the_smallest_share_at_each_cutoff():
    found = selection.choose(
        table(
            tiny=(4, 0.9, (0.2, 0.029, 0.2), LEVEL, 0.5),
            fair=(4, 0.9, (0.03, 0.03, 0.03), LEVEL, 0.2),
        )
    )
    assert chosen(found) == "fair"
    assert verdicts(found)["tiny"] == (
        "not eligible: smallest cluster's share .029 at one cutoff, below .03"
    )


def test_rule_shows_two_and_nine_without_choosing_them():
    found = selection.choose(
        table(
            two=(2, 1, FAIR, LEVEL, 0.9),
            three=(3, 1, FAIR, LEVEL, 0.1),
            eight=(8, 1, FAIR, LEVEL, 0.1),
            nine=(9, 1, FAIR, LEVEL, 0.9),
        )
    )
    assert found.set_index("transform")["is_eligible"].to_dict() == {
        "two": False,
        "three": True,
        "eight": True,
        "nine": False,
    }
    assert verdicts(found)["nine"].startswith("shown only: 9 clusters")


def test_rule_counts_cutoffs_within_one_standard_error_of_the_best_eligible():
    found = selection.choose(
        table(
            best=(8, 0.9, FAIR, (0.80, 0.80, 0.80), 0.2),
            near=(5, 0.9, FAIR, (0.79, 0.795, 0.80), 0.3),  # .79 is the floor, and within
            once=(4, 0.9, FAIR, (0.78, 0.78, 0.80), 0.4),
            shaky=(6, 0.1, FAIR, (0.90, 0.90, 0.90), 0.9),  # does not set the standard
        )
    )
    counts = found.set_index("transform")["cutoffs_within_1se"].to_dict()
    assert counts == {"best": 3, "near": 3, "once": 1, "shaky": 3}
    assert chosen(found) == "near"
    assert verdicts(found)["once"] == (
        "AUC within one standard error of the best at 1 of 3 cutoffs, the chosen one at 3"
    )
    assert verdicts(found)["best"] == "silhouette .20 lower than the chosen one's .30"


def test_rule_takes_the_fewest_clusters_of_equal_rounded_silhouettes():
    found = selection.choose(
        table(more=(6, 0.9, FAIR, LEVEL, 0.314), fewer=(5, 0.9, FAIR, LEVEL, 0.306))
    )
    assert chosen(found) == "fewer"
    assert verdicts(found)["more"] == "silhouette .31 as the chosen one's, with 6 clusters for 5"


def test_rule_takes_the_exact_silhouette_of_equal_numbers():
    found = selection.choose(table(a=(5, 0.9, FAIR, LEVEL, 0.306), b=(5, 0.9, FAIR, LEVEL, 0.3141)))
    assert chosen(found) == "b"
    assert verdicts(found)["a"] == "silhouette .3060, exactly, against the chosen one's .3141"


def test_rule_goes_by_the_silhouette_where_no_outcome_tells():
    unknown = (np.nan,) * 3
    found = selection.choose(table(a=(5, 0.9, FAIR, unknown, 0.2), b=(6, 0.9, FAIR, unknown, 0.3)))
    assert chosen(found) == "b"
    assert (found["cutoffs_within_1se"] == 0).all()


def test_rule_chooses_nothing_where_nothing_is_eligible():
    found = selection.choose(table(shaky=(4, 0.5, FAIR, LEVEL, 0.5)))
    assert chosen(found) is None
    assert not found["is_eligible"].any()


def test_rule_does_not_take_what_a_cutoff_could_not_measure():
    rows = table(gap=(4, 0.9, FAIR, LEVEL, 0.9), whole=(4, 0.9, FAIR, LEVEL, 0.1))
    found = selection.choose(rows.drop(index=1))  # the second cutoff of gap
    assert chosen(found) == "whole"
    assert "too few different customers" in verdicts(found)["gap"]


def wanted(rows):
    undecided = selection.undecided(rows)
    return set(undecided.index.get_level_values("transform")[undecided])


def test_a_candidate_that_cannot_be_chosen_is_not_refitted_further():
    far, best = (0.7, 0.7, 0.7), (0.76, 0.76, 0.76)
    rows = {
        "best": (8, 0.9, FAIR, best, 0.2),
        "clear": (5, 0.9, FAIR, LEVEL, 0.3),
        "blurred": (6, 0.9, FAIR, LEVEL, 0.1),
        "far": (4, 0.9, FAIR, far, 0.9),
        "tiny": (4, np.nan, (0.1, 0.02, 0.1), best, 0.9),
        "shaky": (4, 0.71, FAIR, best, 0.9),
        "two": (2, 1, FAIR, best, 0.9),
    }
    once = dict.fromkeys(rows, 1) | {"tiny": 0}
    # near is what is near the best; of those the clearest would be chosen
    assert wanted(table(once, **rows)) == {"best", "clear"}
    assert wanted(table(once | {"best": 10}, **rows)) == {"clear"}
    decided = table(once | {"best": 10, "clear": 10}, **rows)
    assert wanted(decided) == set()
    found = selection.choose(decided)
    assert chosen(found) == "clear"
    assert verdicts(found)["best"] == "silhouette .20 lower than the chosen one's .30"
    assert verdicts(found)["blurred"] == (
        "silhouette .10 lower than the chosen one's .30; stopped after 1 refit of 10"
    )
    assert verdicts(found)["far"] == (
        "AUC within one standard error of the best at 0 of 3 cutoffs, the chosen one at 3;"
        " stopped after 1 refit of 10"
    )
    assert verdicts(found)["tiny"].startswith("not eligible: smallest cluster's share .020")
    assert verdicts(found)["shaky"] == (
        "not eligible: mean stability .710 after 1 refit of 10, too far below .85"
    )


def test_the_next_is_refitted_where_the_best_turns_out_unstable():
    rows = {"next": (5, 0.9, FAIR, LEVEL, 0.1), "far": (4, 0.9, FAIR, (0.7, 0.7, 0.7), 0.9)}
    best = {"best": (8, 0.84, FAIR, (0.77, 0.77, 0.77), 0.2)}
    # while the best may still become stable, it alone is near; then `far` is near nothing
    assert wanted(table({"best": 7, "next": 1, "far": 1}, **best, **rows)) == {"best"}
    assert wanted(table({"next": 1, "far": 1}, **best, **rows)) == {"next"}


def test_a_mean_that_refits_to_come_may_lift_stays_in_reach():
    # .15 more in 9 of 10: .715 + .135; in 3 of 10: .805 + .045
    for stability, refits, stays in [
        (0.716, 1, True),
        (0.714, 1, False),
        (0.806, 7, True),
        (0.804, 7, False),
        (0.849, 10, False),
    ]:
        rows = table({"one": refits}, one=(4, stability, FAIR, LEVEL, 0.5))
        assert selection.eligible(rows, selection.MAY_RISE).tolist() == [stays]


# --- the grid -------------------------------------------------------------------------------------


def test_stopping_early_changes_neither_the_choice_nor_what_stays(blobs, monkeypatch):
    two = {name: ALGORITHMS[name] for name in ("kmeans", "bisecting_kmeans")}
    monkeypatch.setattr(selection, "ALGORITHMS", two)
    monkeypatch.setattr(selection, "REFITS", 4)
    early = evaluate(*blobs, cutoffs())
    monkeypatch.setattr(
        selection, "undecided", lambda rows: rows.groupby(selection.KEY)["refits"].min() < 4
    )
    late = evaluate(*blobs, cutoffs())
    assert early.choice == late.choice
    some, every = early.candidate_cutoffs, late.candidate_cutoffs
    assert (every["refits"] == 4).all()
    stays = some["refits"] == 4
    assert 0 < stays.sum() < len(stays) / 2
    pd.testing.assert_frame_equal(some[stays], every[stays])
    refitted = ["stability_ari", "refits"]
    pd.testing.assert_frame_equal(some.drop(columns=refitted), every.drop(columns=refitted))


def test_a_smaller_k_of_a_tree_is_refitted_with_the_larger(blob_evaluation):
    rows = blob_evaluation.candidate_cutoffs
    assert (rows.loc[rows["k"] == 3, "refits"] > 0).all()
    for algorithm in filter(selection.is_tree, ALGORITHMS):
        tree = rows[rows["algorithm"] == algorithm].sort_values("k")
        falling = tree.groupby(["cutoff_date", "transform"])["refits"]
        assert falling.apply(lambda refits: refits.is_monotonic_decreasing).all()


def test_three_blobs_give_three_clusters(blob_evaluation):
    assert blob_evaluation.fallback == ""
    assert blob_evaluation.choice.k == 3
    candidates = blob_evaluation.candidates
    assert len(candidates) == 2 * len(ALGORITHMS) * 9
    assert candidates["is_chosen"].sum() == 1
    assert candidates.loc[candidates["is_chosen"], "verdict"].item().startswith("chosen: ")
    assert (candidates["verdict"] != "").all()
    three = candidates[candidates["k"] == 3]
    assert (three["stability_ari"] == 1).all()
    assert three["smallest_share"].to_numpy() == pytest.approx(1 / 3)


def test_candidates_are_the_means_over_the_cutoffs(blob_evaluation):
    cutoff_rows = blob_evaluation.candidate_cutoffs
    assert len(cutoff_rows) == 3 * len(blob_evaluation.candidates)
    one = blob_evaluation.candidates.iloc[7]
    its = cutoff_rows[(cutoff_rows[selection.KEY] == one[selection.KEY].to_numpy()).all(axis=1)]
    for measure in selection.MEASURES:
        assert one[measure] == pytest.approx(its[measure].mean(), abs=1e-6, nan_ok=True)
    mixtures = cutoff_rows["algorithm"] == "gaussian_mixture"
    assert cutoff_rows.loc[mixtures, "bic"].notna().all()
    assert cutoff_rows.loc[~mixtures, "bic"].isna().all()


def test_noise_gives_no_eligible_candidate():
    found = evaluate(*shop(lambda rng: np.exp(rng.normal(3, 0.5, (300, 3))), 300), cutoffs())
    assert found.choice is None
    assert not found.candidates["is_eligible"].any()
    assert found.fallback.startswith(
        f"none of {2 * len(ALGORITHMS) * 9} candidates is stable and balanced enough"
    )


def test_the_order_of_the_rows_changes_nothing(blobs, blob_evaluation):
    mixed = [frame.sample(frac=1, random_state=1) for frame in (*blobs, cutoffs())]
    again = evaluate(*mixed)
    for one, other in zip(blob_evaluation[:2], again[:2], strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert blob_evaluation.choice == again.choice


def test_a_large_shop_is_fitted_on_a_sample_and_scored_whole(blobs, blob_evaluation, monkeypatch):
    monkeypatch.setattr(selection, "CHOICE_ROWS", 150)
    people = selection.population(*blobs, cutoffs()["cutoff_date"][2])
    assert len(people.fitted) == 150
    trial = selection.trials_of(people, 0, 0)[0, "log1p", "kmeans", 3]
    assert len(trial.labels) == 150
    assert trial.measures["smallest_share"] == pytest.approx(1 / 3)  # of all 300


# --- shops that cannot be clustered ---------------------------------------------------------------


def test_a_small_shop_falls_back(blobs):
    few = blobs[0][blobs[0]["customer_id"] < "10199"]
    found = evaluate(few, blobs[1], cutoffs())
    assert found.choice is None
    assert found.fallback == (
        "199 customers with net spend 168 days ago; choosing clusters needs 200"
    )
    assert found.candidates.columns.tolist() == selection.CANDIDATE_COLUMNS
    assert found.candidate_cutoffs.columns.tolist() == selection.CUTOFF_COLUMNS
    assert segments.fit_segments(as_of(few), found.choice, ARCHETYPES)[0] is None


def test_a_young_shop_falls_back(blobs):
    found = evaluate(*blobs, cutoffs(history=259))
    assert found.fallback == "259 days of history; choosing clusters needs 260"


def test_the_history_needed_follows_from_the_horizon(blobs):
    table = timelines.cutoffs(dt.date(2024, 6, 1), 299, horizon_days=90)
    found = evaluate(*blobs, table)
    assert found.fallback == "299 days of history; choosing clusters needs 300"  # 2 x 90 + 28 + 92


@pytest.mark.parametrize("missing", ["row", "value"])
def test_a_missing_outcome_is_an_error(blobs, missing):
    snapshots, outcomes = blobs
    if missing == "row":
        outcomes = outcomes.drop(index=outcomes.index[-1])  # of the earliest validation cutoff
    else:
        outcomes = outcomes.assign(spend=outcomes["spend"].mask(outcomes.index == 999))
    with pytest.raises(MissingOutcomeError, match="1 customer known at 20..-..-.. without an out"):
        evaluate(snapshots, outcomes, cutoffs())


def test_equal_customers_fall_back():
    alike = shop(lambda rng: np.tile([10.0, 2, 100], (250, 1)), 250)
    found = evaluate(*alike, cutoffs())
    assert found.fallback == "every customer has the same recency, frequency and spend"
    model, reason = segments.fit_segments(as_of(alike[0]), Choice("log1p", "kmeans", 3), ARCHETYPES)
    assert model is None
    assert reason == "customers are too alike for 3 clusters"


def test_few_different_customers_give_few_candidates():
    values = np.array([[5.0, 9, 900], [50, 3, 100], [200, 1, 20]])[BLOB]
    found = evaluate(*shop(lambda rng: values, 300), cutoffs())
    assert found.choice.k == 3
    assert set(found.candidates["k"]) == {2, 3}


def test_a_refit_with_too_few_different_customers_agrees_with_nothing():
    z = np.repeat(
        [[0.0, 0, 0], [1, 1, 1], [5, 5, 5]], [30, 30, 1], axis=0
    )  # the last is drawn or not
    trial = 0, "log1p", "kmeans", 3
    trials = {trial: selection.Trial(z, np.repeat([0, 1, 2], [30, 30, 1]), {})}
    scores = {trial: []}
    selection.refit(trials, scores, {trial[1:]}, 10, 0)
    assert set(scores[trial]) == {0, 1}


def test_a_constant_axis_and_no_later_order_are_no_error():
    def values(rng):
        recency = np.exp(np.log([5, 50, 300])[BLOB] + rng.normal(0, 0.1, 300))
        return np.column_stack([recency, np.ones(300), np.full(300, 20.0)])

    found = evaluate(*shop(values, 300, np.zeros(300)), cutoffs())
    assert found.choice.k == 3
    assert found.candidates["future_order_auc"].isna().all()
    assert found.candidates["top20_spend_share"].isna().all()


def test_one_customer_is_no_error():
    one = as_of(three_blobs()[0]).iloc[:1]
    model, reason = segments.fit_segments(one, Choice("log1p", "kmeans", 3), ARCHETYPES)
    assert model is None
    assert reason == "1 customer with net spend for 3 clusters"


# --- the served model -----------------------------------------------------------------------------


def test_clusters_are_numbered_by_mean_recency(smooth, smooth_model):
    snapshot = rfm_space.in_order(as_of(smooth[0]))
    scored = segments.score(smooth_model, snapshot)
    paid = (snapshot["monetary"] > 0).to_numpy()
    recency = snapshot["recency_days"][paid].groupby(scored["cluster_no"][paid]).mean()
    assert recency.index.tolist() == [1, 2, 3, 4, 5]
    assert recency.is_monotonic_increasing


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blobs_are_named_by_what_they_are(blobs, algorithm):
    model, _ = segments.fit_segments(
        as_of(blobs[0]), Choice("yeo_johnson", algorithm, 3), ARCHETYPES
    )
    assert (
        adjusted_rand_index(BLOB, segments.score(model, as_of(blobs[0]))["cluster_no"].to_numpy())
        == 1
    )
    # percentiles of thirds: 5/6, 1/2, 1/6 on every axis
    assert model.profile == pytest.approx(np.repeat([[5 / 6], [1 / 2], [1 / 6]], 3, axis=1))
    assert model.keys[0] in {"champions", "loyal"}
    assert model.keys[2] == "lost"


def test_the_model_does_not_depend_on_the_order_of_the_rows(smooth, smooth_model):
    mixed = as_of(smooth[0]).sample(frac=1, random_state=5)
    again, _ = segments.fit_segments(mixed, smooth_model.choice, ARCHETYPES)
    one, other = segments.long_table(smooth_model), segments.long_table(again)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(
        segments.score(smooth_model, as_of(smooth[0])),
        segments.score(again, mixed),
        check_exact=True,
    )


def test_confidence_grows_with_the_margin_from_one_half_to_one(smooth, smooth_model):
    scored = segments.score(smooth_model, as_of(smooth[0]))
    margin = scored["runner_up_distance"] - scored["distance"]
    assert (margin >= 0).all()
    assert scored["confidence"].between(0.5, 1).all()
    assert scored["confidence"][margin.sort_values().index].is_monotonic_increasing
    assert segments.confidence(np.array([0.0]), 0.1)[0] == 0.5
    # at a margin of t ln 2 half of the doubt is gone
    assert segments.confidence(np.array([0.1 * np.log(2)]), 0.1)[0] == pytest.approx(0.75)


def test_temperature_is_recovered_from_agreement_made_with_it():
    margin = np.random.default_rng(0).exponential(0.5, 2000)
    agreed = segments.confidence(margin, 0.2)
    assert segments.fit_temperature(margin, agreed) == pytest.approx(0.2, rel=1e-3)


def test_the_reason_is_the_axis_that_separates():
    # two centres that differ in money alone
    model = segments.SegmentModel(
        Choice("log1p", "kmeans", 2),
        RFMTransformer.of("log1p", np.zeros(3), np.zeros(3), np.ones(3)),
        np.array([[1.0, 1, 1], [1, 1, 5]]),
        ("a", "b"),
        np.zeros(2),
        np.zeros((2, 3)),
        0.1,
    )
    one = pd.DataFrame(
        {"customer_id": ["1"], "recency_days": [9], "frequency": [1], "monetary": [0]}
    )
    scored = segments.score(model, one).iloc[0]
    assert (scored["segment_key"], scored["reason_axis"]) == ("a", "monetary")


# --- SQL ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transform", ["log1p", "yeo_johnson"])
def test_sql_scores_as_python_does(smooth, transform):
    snapshots = smooth[0]
    model, _ = segments.fit_segments(as_of(snapshots), Choice(transform, "kmeans", 6), ARCHETYPES)
    con = duckdb.connect()
    points = snapshots.rename(columns={"recency_days": "recency"})
    sql_models.put(
        con,
        int_cluster_points=points.assign(definition_days=0, idle_days=0),
        customer_segment_model=segments.long_table(model).assign(definition_days=0),
    )
    sql_models.run(con, "int_customer_clusters")
    by_sql = con.execute("from int_customer_clusters").df()
    assert len(by_sql) == len(snapshots)
    for date, people in snapshots.groupby("cutoff_date"):
        ours = segments.score(model, people)
        theirs = by_sql[by_sql["cutoff_date"] == date].sort_values("customer_id")
        for column in ours.columns:
            if ours[column].dtype.kind == "f":
                assert np.abs(ours[column].to_numpy() - theirs[column].to_numpy()).max() < 1e-6
            else:
                assert ours[column].tolist() == theirs[column].tolist()


# --- names ----------------------------------------------------------------------------------------


def test_archetypes_are_assigned_one_to_one():
    named = ARCHETYPES.seed[ARCHETYPES.seed["claims"] != "scores"]
    targets = named[archetypes.TARGETS].to_numpy()
    keys, costs = ARCHETYPES.assign(targets[::-1], np.zeros(len(targets)))
    assert keys == named["segment_key"].tolist()[::-1]
    assert costs == pytest.approx(0)
    # eight equal clusters still get eight names
    keys, _ = ARCHETYPES.assign(np.full((8, 3), 0.5), np.zeros(8))
    assert len(set(keys)) == 8


def test_a_cluster_is_named_by_its_scores_where_its_name_would_not_be_true():
    profile = ARCHETYPES.seed.set_index("segment_key")[archetypes.TARGETS]
    some = ["champions", "loyal", "occasional", "lost"]
    recency = np.array([31.0, 30, 400, 400])
    keys = archetypes.Archetypes(ARCHETYPES.seed, 30).assign(profile.loc[some].to_numpy(), recency)[
        0
    ]
    assert keys == ["many_high", "loyal", "occasional", "lost"]
    keys = archetypes.Archetypes(ARCHETYPES.seed, 29, False).assign(
        profile.loc[some].to_numpy(), recency
    )[0]
    # two of many orders and high spend: the nearer one gets the name
    assert keys == ["many_high", "many_medium", "occasional", "few_low"]
    # as many as there can be, none of which is true
    every = ARCHETYPES.seed.loc[ARCHETYPES.seed["claims"].isin(["recent", "lapsed"]), "segment_key"]
    keys = archetypes.Archetypes(ARCHETYPES.seed, 0, False).assign(
        profile.loc[every].to_numpy(), np.ones(len(every))
    )[0]
    by_scores = set(ARCHETYPES.seed.loc[ARCHETYPES.seed["claims"] == "scores", "segment_key"])
    assert len(set(keys)) == len(every) and set(keys) <= by_scores


def test_the_median_recency_of_clusters():
    recency = archetypes.medians(np.array([1.0, 2, 9, 5]), np.array([2, 2, 2, 0]), 3)
    assert recency == pytest.approx([5, np.nan, 2], nan_ok=True)


def test_the_assignment_is_the_best_in_total():
    two = archetypes.Archetypes(
        pd.DataFrame(
            {"segment_key": ["a", "b"], "claims": "none"}
            | {t: [0.5, 0.8] for t in archetypes.TARGETS}
        )
    )
    # both are nearest to a; a for the first and b for the second costs less than the other way
    keys, costs = two.assign(np.array([[0.5] * 3, [0.6] * 3]), np.zeros(2))
    assert keys == ["a", "b"]
    assert costs == pytest.approx([0, 3 * 0.2**2])


def test_too_few_archetypes_is_a_clear_error():
    with pytest.raises(ValueError, match="has 2 archetypes for 3 clusters"):
        archetypes.Archetypes(ARCHETYPES.seed.head(2)).assign(np.full((3, 3), 0.5), np.zeros(3))
    with pytest.raises(ValueError, match="more than once"):
        archetypes.Archetypes(pd.concat([ARCHETYPES.seed, ARCHETYPES.seed.head(1)])).assign(
            np.full((3, 3), 0.5), np.zeros(3)
        )


def test_percentiles_put_the_most_recent_first():
    values = np.array([[1.0, 1, 5], [9, 1, 6], [5, 4, 7]])
    # (rank - .5) / 3; the two single orders share the mean rank 1.5
    assert rfm_space.percentiles(values) == pytest.approx(
        np.array([[2.5, 1, 0.5], [0.5, 1, 1.5], [1.5, 2.5, 2.5]]) / 3
    )


# --- RFM groups -----------------------------------------------------------------------------------


def test_rfm_groups_cover_every_cell_once_and_stand_for_archetypes():
    cells = rfm_groups.cells(RFM_GROUPS)
    assert cells.shape == (5, 5, 5)
    assert set(cells.ravel()) == set(range(len(RFM_GROUPS)))
    assert set(RFM_GROUPS["segment_key"]) <= set(ARCHETYPES.seed["segment_key"])
    assert set(RFM_GROUPS["rfm_group"]) == {
        "Champions",
        "Loyal",
        "Potential loyalists",
        "New customers",
        "Promising",
        "Need attention",
        "About to sleep",
        "At risk",
        "Cannot lose them",
        "Hibernating",
        "Lost",
    }


def test_a_cell_covered_twice_or_never_is_a_clear_error():
    with pytest.raises(ValueError, match=r"covers cell \d{3} 2 times"):
        rfm_groups.cells(pd.concat([RFM_GROUPS, RFM_GROUPS.head(1)]))
    with pytest.raises(ValueError, match=r"covers cell \d{3} 0 times"):
        rfm_groups.cells(RFM_GROUPS.iloc[1:])


def test_scores_follow_the_definition():
    # recency 50, 40, 30, 20, 10, 10: worse first, ranks 1 2 3 4 5 5, so 1 + floor(5 (rank - 1) / 5)
    recency = [50.0, 40, 30, 20, 10, 10]
    # one order for three: ranks 1 1 1 4 5 6; the last is capped at 5
    frequency = [1.0, 1, 1, 2, 3, 4]
    values = np.column_stack([recency, frequency, np.full(6, 7.0)])
    assert rfm_groups.scores(values).tolist() == [
        [1, 1, 3],
        [2, 1, 3],
        [3, 1, 3],
        [4, 4, 3],
        [5, 5, 3],
        [5, 5, 3],
    ]


# --- holdout --------------------------------------------------------------------------------------


def test_predictions_are_rates_of_the_training_cutoff(blobs):
    snapshots, outcomes = blobs
    predictions, _ = holdout.holdout_predictions(
        snapshots, outcomes, cutoffs(), Choice("log1p", "kmeans", 3), RFM_GROUPS
    )
    assert predictions.columns.tolist() == holdout.PREDICTION_COLUMNS
    assert set(predictions["candidate"]) == {
        "clusters",
        "rfm_groups",
        "recency_rank",
        "frequency_rank",
        "monetary_rank",
    }  # the chosen one has three clusters: no second such baseline
    before = outcomes[outcomes["cutoff_date"] == cutoffs()["cutoff_date"][2]].reset_index(drop=True)
    rate = (before["orders"] > 0).groupby(BLOB).mean()
    spend = before["spend"].groupby(BLOB).mean()
    ours = predictions[predictions["candidate"] == "clusters"]
    assert ours["probability"].to_numpy() == pytest.approx(rate.to_numpy()[BLOB], abs=1e-6)
    assert ours["predicted_value"].to_numpy() == pytest.approx(spend.to_numpy()[BLOB], abs=0.006)
    # nothing of the evaluation's own outcome is in the predictions
    later = outcomes["cutoff_date"] == cutoffs()["cutoff_date"][1]
    changed = outcomes.assign(orders=outcomes["orders"].mask(later, 1))
    again, _ = holdout.holdout_predictions(
        snapshots, changed, cutoffs(), Choice("log1p", "kmeans", 3), RFM_GROUPS
    )
    columns = ["probability", "predicted_value"]
    pd.testing.assert_frame_equal(predictions[columns], again[columns])


def test_holdout_without_a_choice_has_the_baselines(blobs):
    predictions, reason = holdout.holdout_predictions(*blobs, cutoffs(), None, RFM_GROUPS)
    ranks = {"recency_rank", "frequency_rank", "monetary_rank"}
    assert set(predictions["candidate"]) == {"rfm_groups", *ranks}
    assert reason == ""


def test_holdout_of_a_young_shop_says_why_not(blobs):
    young = cutoffs(history=140)
    known = young.loc[young["history_days"] > 0, "cutoff_date"]
    blobs = [frame[frame["cutoff_date"].isin(known)] for frame in blobs]
    predictions, reason = holdout.holdout_predictions(
        *blobs, young, Choice("log1p", "kmeans", 3), RFM_GROUPS
    )
    assert predictions.empty
    assert reason == "less than 140 days of history"
    assert holdout.selection_comparison(*blobs, young, None, RFM_GROUPS).empty


# --- clusters or RFM groups -----------------------------------------------------------------------


THREE = Choice("log1p", "kmeans", 3)


def compared(frames, choice=THREE):
    found = holdout.selection_comparison(*frames, cutoffs(), choice, RFM_GROUPS)
    return found.set_index("candidate")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_clusters_compared_are_those_that_the_grid_has_measured(
    blobs, blob_evaluation, algorithm
):
    found = compared(blobs, Choice("yeo_johnson", algorithm, 6))
    measured = blob_evaluation.candidates.set_index(selection.KEY)
    assert found.loc["clusters", "future_order_auc"] == pytest.approx(
        measured.loc[("yeo_johnson", algorithm, 6), "future_order_auc"], abs=2e-6
    )


def test_the_difference_is_paired(blobs):
    clusters, groups, difference = (
        compared(blobs).loc[["clusters", "rfm_groups", "difference"]].itertuples()
    )
    assert difference.future_order_auc == pytest.approx(
        clusters.future_order_auc - groups.future_order_auc, abs=2e-6
    )
    # what one draw brings both is no difference between them
    apart = np.hypot(clusters.future_order_auc_se, groups.future_order_auc_se)
    assert 0 < difference.future_order_auc_se < apart / 2
    assert clusters.customers == groups.customers == difference.customers == 300


def test_the_order_of_the_rows_moves_no_comparison(smooth):
    mixed = [frame.sample(frac=1, random_state=2) for frame in smooth]
    pd.testing.assert_frame_equal(compared(smooth), compared(mixed), check_exact=True)


def test_what_follows_the_choice_moves_no_comparison(smooth):
    snapshots, outcomes = smooth
    later = outcomes["cutoff_date"] == cutoffs()["cutoff_date"][1]  # the test
    changed = outcomes.assign(orders=outcomes["orders"].mask(later, 7))
    pd.testing.assert_frame_equal(compared(smooth), compared((snapshots, changed)))


def test_without_a_choice_the_rfm_groups_stand_alone(smooth):
    pd.testing.assert_frame_equal(compared(smooth, None), compared(smooth).loc[["rfm_groups"]])


def test_no_later_order_gives_no_figure(smooth):
    nobody = smooth[1].assign(orders=0, spend=0.0)
    assert compared((smooth[0], nobody))["future_order_auc"].isna().all()


def spenders(by_recency, by_money, n=900):
    """Clusters of three levels of spend; who orders again follows recency and spend as much as said."""
    spent = np.repeat([0, 1, 2], n // 3)
    recent = np.linspace(0, 1, n)[np.random.default_rng(5).permutation(n)]

    def values(rng):
        money = np.exp(np.array([2.0, 6, 10])[spent] + rng.normal(0, 0.1, n))
        return np.column_stack([150 - 20 * recent, np.full(n, 3.0), money])

    rate = 0.5 + by_recency * (recent - 0.5) + by_money * (spent - 1)
    return shop(values, n, rate)


@pytest.mark.parametrize(
    ("by_recency", "by_money", "is_used", "is_blind", "words"),
    [
        (0.0, 0.3, True, False, "the clusters tell who orders again about as well as"),
        (0.6, 0.1, False, False, "the clusters tell who orders again worse than"),
        (0.0, 0.0, False, True, "the clusters do not tell who orders again"),
    ],
    ids=["not significantly worse", "worse", "blind"],
)
def test_clusters_are_used_unless_they_are_worse_or_blind(
    by_recency, by_money, is_used, is_blind, words
):
    snapshots, outcomes = spenders(by_recency, by_money)
    comparison = compared((snapshots, outcomes)).reset_index()
    chosen = pd.DataFrame([THREE], columns=selection.KEY).assign(note="")
    with duckdb.connect() as connection:
        grid = stacked({"comparison": comparison, "choice": chosen}, segment_tables.GRID_TABLE)
        sql_models.put(connection, customer_segment_grid=grid)
        sql_models.run(connection, "int_customer_segment_choice")
        (found,) = connection.execute(
            "select is_used, is_blind, note from int_customer_segment_choice"
        ).fetchall()
    assert found[:2] == (is_used, is_blind), found[2]
    assert found[2].startswith(words)


# --- the map --------------------------------------------------------------------------------------


def test_map_keeps_the_two_widest_directions(smooth, smooth_model):
    points, explained = segments.customer_map(smooth_model.transformer, as_of(smooth[0]))
    z = smooth_model.transformer.transform(rfm_space.rfm(rfm_space.in_order(as_of(smooth[0]))))
    variances = np.linalg.eigvalsh(np.cov(z.T))[::-1]
    assert explained == pytest.approx(variances[:2] / variances.sum(), abs=1e-6)
    assert points[["x", "y"]].var().to_numpy() == pytest.approx(variances[:2])
    loadings = np.linalg.lstsq(z - z.mean(axis=0), points[["x", "y"]].to_numpy())[0]
    assert (loadings[np.abs(loadings).argmax(axis=0), [0, 1]] > 0).all()
