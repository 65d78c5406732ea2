"""Which transform, algorithm and number of clusters: a grid, measured at three past cutoffs.

Every candidate is measured as it will be scored, by the nearest centroid. The rule that chooses
one is in `choose`; the measures are those of marts.cluster_candidates. Every outcome used here
ends before the test cutoff.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from gift_shop.clustering.algorithms import (
    ALGORITHMS,
    NearestCentroidClusterer,
    Tree,
    adjusted_rand_index,
    centroids,
)
from gift_shop.clustering.eligibility import MAX_K, MIN_K, MIN_SHARE, MIN_STABILITY
from gift_shop.clustering.rfm_space import TRANSFORMS, RFMTransformer, every_nth, in_order, rfm
from gift_shop.errors import MissingOutcomeError
from gift_shop.evaluation.ranking_metrics import auc_standard_error, drawn_halves, two_fold
from gift_shop.rounding import figures, log1p
from gift_shop.tables import counted
from gift_shop.timeline import SERVING, VALIDATION

KS = range(2, 11)  # shown
ELIGIBLE_KS = range(MIN_K, MAX_K + 1)

CHOICE_ROWS = 4_000  # customers a grid is fitted on at most; Ward needs the square of it
SILHOUETTE_ROWS = 1_500
FULL_STARTS, REFIT_STARTS = 5, 3
REFITS, REFITS_AT_ONCE = 10, 3  # a cutoff, of what may still be chosen; the first stands alone
MAY_RISE = 0.15  # by which refits to come may agree better than those done, one's deviation is .06
SUBSAMPLE = 0.8
# 2-fold figures: repeats for a small shop, for a large one, and customers to score in between.
# With 3 repeats of 3,000 customers their noise alone flipped the choice in 3 of 10 seeds.
MOST_REPEATS, FEWEST_REPEATS, SCORED = 20, 3, 60_000

KEY = ["transform", "algorithm", "k"]
MEASURES = [
    "silhouette",
    "calinski_harabasz",
    "davies_bouldin",
    "stability_ari",
    "smallest_share",
    "future_order_auc",
    "future_order_auc_se",
    "future_spend_eta2",
    "top20_spend_share",
    "inertia",
    "bic",
]
CUTOFF_COLUMNS = ["cutoff_date", *KEY, *MEASURES, "refits", "customers"]
CANDIDATE_COLUMNS = [
    *KEY,
    *MEASURES,
    "lowest_smallest_share",
    "cutoffs_within_1se",
    "is_eligible",
    "is_chosen",
    "verdict",
]


class Choice(NamedTuple):
    """A candidate: one of TRANSFORMS, one of ALGORITHMS, a number of clusters."""

    transform: str
    algorithm: str
    k: int


class Evaluation(NamedTuple):
    """candidates and candidate_cutoffs (columns above), choice or None, and why there is none."""

    candidates: pd.DataFrame
    candidate_cutoffs: pd.DataFrame
    choice: Choice | None
    fallback: str


class Population(NamedTuple):
    """The customers of one cutoff, sorted by id as text.

    values (n, 3); fitted, the positions of those the clusters are fitted on; ordered (n,) of 0/1
    and spend (n,) within the horizon.
    """

    cutoff_date: pd.Timestamp
    customer_ids: np.ndarray
    values: np.ndarray
    fitted: np.ndarray
    ordered: np.ndarray
    spend: np.ndarray


class Trial(NamedTuple):
    """One candidate at one cutoff: the points it was fitted on, their labels, its measures."""

    z: np.ndarray
    labels: np.ndarray
    measures: dict


# --- the whole ------------------------------------------------------------------------------------


def evaluate_candidates(
    snapshots: pd.DataFrame,
    outcomes: pd.DataFrame,
    cutoffs: pd.DataFrame,
    *,
    min_history_days: int,
    min_customers: int,
    seed: int = 0,
) -> Evaluation:
    """Measure the grid and choose by the rule.

    The same input in any order gives the same output; a shop that is too small or too young gives
    empty frames and a reason.

    Parameters
    ----------
    snapshots : DataFrame
        cutoff_date, customer_id, recency_days, frequency, monetary.
    outcomes : DataFrame
        cutoff_date, customer_id, and orders and spend in the horizon after.
    cutoffs : DataFrame
        int_cutoffs.
    min_history_days : int
        Before the earliest validation cutoff.
    min_customers : int
        With net spend, at each validation cutoff.
    seed : int

    Returns
    -------
    Evaluation

    Raises
    ------
    MissingOutcomeError
        Where a customer of a validation cutoff has no outcome.
    """
    threadpool_limits(1)  # two BLAS threads on 3,000 x 3 points only spin
    reason = why_not(snapshots, cutoffs, min_history_days, min_customers)
    if reason:
        return nothing(reason)
    populations = [
        population(snapshots, outcomes, cutoff_date) for cutoff_date in selection_dates(cutoffs)
    ]
    candidate_cutoffs = measure_grid(populations, seed)
    if candidate_cutoffs.empty:
        return nothing("every customer has the same recency, frequency and spend")
    candidates = choose(candidate_cutoffs)
    chosen = candidates[candidates["is_chosen"]]
    if chosen.empty:
        best = candidates.loc[candidates["k"].isin(ELIGIBLE_KS), "stability_ari"].max()
        found = "stability not measured" if pd.isna(best) else f"best stability {short(best)}"
        return Evaluation(
            candidates,
            candidate_cutoffs,
            None,
            f"none of {len(candidates)} candidates is stable and balanced enough ({found},"
            f" needed {short(MIN_STABILITY)}; smallest cluster {MIN_SHARE:.0%})",
        )
    transform, algorithm, k = chosen[KEY].iloc[0]
    return Evaluation(candidates, candidate_cutoffs, Choice(transform, algorithm, int(k)), "")


def nothing(reason: str) -> Evaluation:
    """No candidate, for a reason.

    Parameters
    ----------
    reason : str

    Returns
    -------
    Evaluation
        Its frames are empty, their columns typed.
    """
    text = ["transform", "algorithm", "verdict"]
    whole = ["k", "refits", "customers", "cutoffs_within_1se"]
    types = dict.fromkeys(text, "str") | dict.fromkeys(whole, "int64")
    types |= {"cutoff_date": "datetime64[us]", "is_eligible": "bool", "is_chosen": "bool"}
    candidates, candidate_cutoffs = (
        pd.DataFrame({name: pd.Series(dtype=types.get(name, "float64")) for name in columns})
        for columns in (CANDIDATE_COLUMNS, CUTOFF_COLUMNS)
    )
    return Evaluation(candidates, candidate_cutoffs, None, reason)


def why_not(
    snapshots: pd.DataFrame, cutoffs: pd.DataFrame, min_history_days: int, min_customers: int
) -> str:
    """Why this shop cannot be clustered yet.

    Parameters
    ----------
    snapshots, cutoffs : DataFrame
        As in evaluate_candidates.
    min_history_days, min_customers : int
        As in evaluate_candidates.

    Returns
    -------
    str
        In words; empty where it can.
    """
    days = int(cutoffs.loc[cutoffs["split"] == SERVING, "history_days"].iloc[0])
    dates = selection_dates(cutoffs)
    earliest = int(cutoffs.loc[cutoffs["cutoff_date"] == dates[0], "days_before_as_of"].iloc[0])
    needed = earliest + max(min_history_days, 1)
    if days < needed:
        return f"{counted(days, 'day')} of history; choosing clusters needs {needed}"
    buyers = snapshots[snapshots["monetary"].astype(float) > 0]
    fewest = min(int((buyers["cutoff_date"] == date).sum()) for date in dates)
    if fewest < min_customers:
        return (
            f"{counted(fewest, 'customer')} with net spend {earliest} days ago;"
            f" choosing clusters needs {min_customers}"
        )
    return ""


def selection_dates(cutoffs: pd.DataFrame) -> list:
    """The validation cutoffs of the clusters, earliest first."""
    return sorted(
        cutoffs.loc[cutoffs["is_cluster"] & (cutoffs["split"] == VALIDATION), "cutoff_date"]
    )


def population(
    snapshots: pd.DataFrame, outcomes: pd.DataFrame, cutoff_date: pd.Timestamp
) -> Population:
    """Everyone known at a cutoff, and what followed.

    Parameters
    ----------
    snapshots, outcomes : DataFrame
        As in evaluate_candidates.
    cutoff_date : Timestamp

    Returns
    -------
    Population
        Fitted are at most CHOICE_ROWS of those with net spend, evenly spread over their ids.

    Raises
    ------
    MissingOutcomeError
        Where a customer has no outcome.
    """
    known = in_order(snapshots[snapshots["cutoff_date"] == cutoff_date])
    later = outcomes[outcomes["cutoff_date"] == cutoff_date].set_index("customer_id")
    later = later.reindex(known["customer_id"])[["orders", "spend"]].astype(float)
    missing = int(later.isna().any(axis=1).sum())
    if missing:
        raise MissingOutcomeError(
            f"{counted(missing, 'customer')} known at {cutoff_date:%Y-%m-%d} without an outcome"
        )
    values = rfm(known)
    bought = np.flatnonzero(values[:, 2] > 0)
    return Population(
        cutoff_date,
        known["customer_id"].to_numpy(),
        values,
        bought[every_nth(len(bought), CHOICE_ROWS)],
        (later["orders"] > 0).to_numpy().astype(np.intp),
        np.maximum(later["spend"].to_numpy(), 0.0),
    )


# --- the grid -------------------------------------------------------------------------------------


def measure_grid(populations: list[Population], seed: int) -> pd.DataFrame:
    """Fit and measure every candidate at every cutoff.

    A candidate is refitted once where its clusters are large enough, more only while it may be
    chosen.

    Parameters
    ----------
    populations : list of Population
        One for each cutoff, earliest first.
    seed : int

    Returns
    -------
    DataFrame
        One row per cutoff and candidate that could be fitted (CUTOFF_COLUMNS).
    """
    trials: dict[tuple, Trial] = {}
    for number, people in enumerate(populations):
        trials |= trials_of(people, number, seed)
    scores: dict[tuple, list[float]] = {trial: [] for trial in trials}
    rows = grid_rows(populations, trials, scores)
    if rows.empty:
        return rows
    wanted, at_once = balanced(rows), 1
    while wanted.any():
        refit(trials, scores, set(wanted.index[wanted]), at_once, seed)
        rows = grid_rows(populations, trials, scores)
        wanted, at_once = undecided(rows), REFITS_AT_ONCE
    return rows


def grid_rows(
    populations: list[Population], trials: dict[tuple, Trial], scores: dict[tuple, list[float]]
) -> pd.DataFrame:
    """What is measured so far.

    Parameters
    ----------
    populations : list of Population
    trials : dict of tuple to Trial
        By cutoff number, transform, algorithm and k.
    scores : dict of tuple to list of float
        Of each trial the agreement of its refits, -1..1.

    Returns
    -------
    DataFrame
        CUTOFF_COLUMNS; the stability is null before the first refit.
    """
    rows = [
        {
            "cutoff_date": populations[trial[0]].cutoff_date,
            **dict(zip(KEY, trial[1:], strict=True)),
            **trials[trial].measures,
            "stability_ari": np.mean(agreed) if agreed else np.nan,
            "refits": len(agreed),
            "customers": len(populations[trial[0]].values),
        }
        for trial, agreed in scores.items()
    ]
    table = pd.DataFrame(rows, columns=CUTOFF_COLUMNS)
    table[MEASURES] = figures(table[MEASURES].astype(float))
    return table


def trials_of(people: Population, number: int, seed: int) -> dict[tuple, Trial]:
    """Fit every candidate at one cutoff and measure all but its stability.

    Parameters
    ----------
    people : Population
    number : int
        Of the cutoff, from 0.
    seed : int

    Returns
    -------
    dict of tuple to Trial
        By cutoff number, transform, algorithm and k; without those that have too few points.
    """
    halves = halves_of(people, number, seed)
    shown = np.sort(
        np.random.default_rng([seed, number, 2]).permutation(len(people.fitted))[:SILHOUETTE_ROWS]
    )
    found = {}
    for transform in TRANSFORMS:
        transformer = RFMTransformer(transform).fit(people.values[people.fitted])
        everyone = transformer.transform(people.values)
        z = everyone[people.fitted]
        names = []
        for algorithm in ALGORITHMS:
            for k, clusterer in clusterers(algorithm, z, KS, FULL_STARTS, seed).items():
                scored = clusterer.predict(everyone)
                labels = scored[people.fitted]
                measures = {
                    **shape(z, labels),
                    "smallest_share": np.bincount(scored, minlength=k).min() / len(scored),
                    **future(scored, people, halves),
                    "bic": clusterer.bic_,
                }
                names.append((number, transform, algorithm, k))
                found[names[-1]] = Trial(z, labels, measures)
        labellings = [found[name].labels[shown] for name in names]
        for name, value in zip(
            names, silhouettes(cdist(z[shown], z[shown]), labellings), strict=True
        ):
            found[name].measures["silhouette"] = value
    return found


def clusterers(
    algorithm: str, z: np.ndarray, ks: Iterable[int], n_init: int, seed: int
) -> dict[int, NearestCentroidClusterer]:
    """The algorithm's clusterer at each number of clusters that there are enough points for.

    n_init is never 1: a local optimum of k-means would look like an unstable k.

    Parameters
    ----------
    algorithm : str
        One of ALGORITHMS.
    z : ndarray of shape (n, d)
    ks : iterable of int
    n_init : int
        Starts, of which the best is kept.
    seed : int

    Returns
    -------
    dict of int to NearestCentroidClusterer
        Fitted, by k.
    """
    clusterer = ALGORITHMS[algorithm].clusterer
    return NearestCentroidClusterer(clusterer, n_init=n_init, random_state=seed).fit_each(z, ks)


def clusters_of(people: Population, choice: Choice, seed: int) -> np.ndarray:
    """The cluster of everyone at a cutoff, as the grid has scored them.

    Parameters
    ----------
    people : Population
        Of n customers.
    choice : Choice
        Of those that could be fitted at the cutoff.
    seed : int

    Returns
    -------
    ndarray of shape (n,)
        0..k-1.
    """
    transformer = RFMTransformer(choice.transform).fit(people.values[people.fitted])
    everyone = transformer.transform(people.values)
    z = everyone[people.fitted]
    return clusterers(choice.algorithm, z, [choice.k], FULL_STARTS, seed)[choice.k].predict(
        everyone
    )


def is_tree(algorithm: str) -> bool:
    """Whether one fit of the algorithm gives every smaller k as well."""
    return isinstance(ALGORITHMS[algorithm].clusterer, Tree)


def halves_of(people: Population, number: int, seed: int) -> np.ndarray:
    """The halves that everything at a cutoff is scored on, candidates and baselines alike.

    Parameters
    ----------
    people : Population
        Of n customers.
    number : int
        Of the cutoff, from 0.
    seed : int

    Returns
    -------
    ndarray of shape (repeats, n)
        As drawn_halves; FEWEST_REPEATS to MOST_REPEATS, the fewer the more customers.
    """
    n = len(people.values)
    repeats = int(np.clip(SCORED // n, FEWEST_REPEATS, MOST_REPEATS))
    return drawn_halves(n, repeats, [seed, number, 1])


def refit(
    trials: dict[tuple, Trial],
    scores: dict[tuple, list[float]],
    candidates: set[tuple],
    at_once: int,
    seed: int,
) -> None:
    """Append to scores the agreement of the next refits of the candidates, REFITS at most.

    A refit clusters 80% of the customers, drawn without replacement, the same for all of a cutoff;
    its agreement with the full fit is measured on those, both as scored.

    Parameters
    ----------
    trials : dict of tuple to Trial
        By cutoff number, transform, algorithm and k.
    scores : dict of tuple to list of float
        Of each trial the adjusted Rand index of each refit so far, -1..1; changed in place.
    candidates : set of tuple
        (transform, algorithm, k) of those to refit. Of an algorithm that is a tree the smaller k
        are scored as well.
    at_once : int
        Refits a candidate and cutoff.
    seed : int
    """
    runs: dict[tuple, list[int]] = {}
    for (number, transform, algorithm, k), done in scores.items():
        runs.setdefault((number, transform, algorithm, len(done)), []).append(k)
    for (number, transform, algorithm, done), ks in runs.items():
        wanted = [k for k in ks if (transform, algorithm, k) in candidates]
        if not wanted:
            continue
        # a tree gives every smaller k as well
        ks = [k for k in ks if k <= max(wanted)] if is_tree(algorithm) else wanted
        everyone = trials[number, transform, algorithm, ks[0]].z
        for turn in range(done, min(done + at_once, REFITS)):
            rng = np.random.default_rng([seed, number, 3, turn])
            part = np.sort(rng.permutation(len(everyone))[: round(SUBSAMPLE * len(everyone))])
            z = everyone[part]
            fits = clusterers(algorithm, z, ks, REFIT_STARTS, seed + turn)
            for k in ks:
                trial = number, transform, algorithm, k
                agreed = 0.0  # where a subsample has too few different customers
                if k in fits:
                    agreed = adjusted_rand_index(fits[k].labels_, trials[trial].labels[part])
                scores[trial].append(agreed)


# --- the measures ---------------------------------------------------------------------------------


def silhouettes(apart: np.ndarray, labellings: list[np.ndarray]) -> list[float]:
    """Mean silhouette (Rousseeuw 1987) of each labelling; a lone point counts 0.

    scikit-learn's silhouette_score goes through the distances, which are larger than the cache,
    once for each labelling; here one product serves them all, in a tenth of the time.

    Parameters
    ----------
    apart : ndarray of shape (n, n)
        Distances between the points.
    labellings : list of ndarray of shape (n,)
        Labels 0, 1, 2, ...

    Returns
    -------
    list of float
        -1..1; NaN of a labelling with one cluster.
    """
    if not labellings:
        return []
    members = [np.eye(int(labels.max()) + 1)[labels] for labels in labellings]
    totals = apart @ np.hstack(members)
    ends = np.cumsum([member.shape[1] for member in members])[:-1]
    return [
        silhouette(total, labels)
        for total, labels in zip(np.split(totals, ends, axis=1), labellings, strict=True)
    ]


def silhouette(total: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette of one labelling (Rousseeuw 1987).

    Parameters
    ----------
    total : ndarray of shape (n, clusters)
        Sums of each point's distances to the points of each cluster.
    labels : ndarray of shape (n,)
        0, 1, 2, ...

    Returns
    -------
    float
        -1..1; NaN with one cluster.
    """
    size = np.bincount(labels)
    if (size > 0).sum() < 2:
        return np.nan
    rows = np.arange(len(labels))
    own = total[rows, labels] / np.maximum(size[labels] - 1, 1)
    other = total / np.maximum(size, 1)
    other[:, size == 0] = np.inf
    other[rows, labels] = np.inf
    other = other.min(axis=1)
    widest = np.maximum(own, other)
    value = np.where(
        (size[labels] > 1) & (widest > 0), (other - own) / np.maximum(widest, 1e-300), 0
    )
    return float(value.mean())


def shape(z: np.ndarray, labels: np.ndarray) -> dict:
    """Inertia, Calinski-Harabasz and Davies-Bouldin of clusters around their members' means.

    scikit-learn's two functions take each cluster's mean and distances anew; here they are shared,
    in a tenth of the time.

    Parameters
    ----------
    z : ndarray of shape (n, d)
    labels : ndarray of shape (n,)
        0, 1, 2, ...; a label that nobody has counts as no cluster.

    Returns
    -------
    dict of str to float
        inertia, the sum of squared distances; calinski_harabasz (Calinski & Harabasz 1974), higher
        is better; davies_bouldin (Davies & Bouldin 1979), lower is better. These two are NaN with
        one cluster, calinski_harabasz also where the inertia is 0.
    """
    labels = (np.cumsum(np.bincount(labels) > 0) - 1)[labels]
    centres = centroids(z, labels)
    away = ((z - centres[labels]) ** 2).sum(axis=1)
    n, k, inertia = len(z), len(centres), float(away.sum())
    if k < 2:
        return {"calinski_harabasz": np.nan, "davies_bouldin": np.nan, "inertia": inertia}
    between = float(((z - z.mean(axis=0)) ** 2).sum()) - inertia
    width = np.bincount(labels, weights=np.sqrt(away)) / np.bincount(labels)
    gap = cdist(centres, centres)
    np.fill_diagonal(gap, np.inf)
    return {
        "calinski_harabasz": between / (k - 1) / (inertia / (n - k)) if inertia > 0 else np.nan,
        "davies_bouldin": float(((width[:, None] + width) / gap).max(axis=1).mean()),
        "inertia": inertia,
    }


def future(labels: np.ndarray, people: Population, halves: np.ndarray) -> dict:
    """What the clusters say about the horizon after the cutoff.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Cluster of each customer, 0, 1, 2, ...
    people : Population
        The n customers.
    halves : ndarray of shape (repeats, n)
        What halves_of returns.

    Returns
    -------
    dict of str to float
        future_order_auc, 0..1, its standard error future_order_auc_se, and top20_spend_share, 0..1,
        all 2-fold; future_spend_eta2, 0..1 and in sample, the share of the variance of log1p(spend)
        that lies between clusters: of spend itself a handful of wholesale customers would decide
        it. NaN where outcomes do not differ.
    """
    order_auc, top_share = two_fold(labels, people.ordered, people.spend, halves)
    events = int(people.ordered.sum())
    spend = log1p(people.spend)
    size = np.bincount(labels)
    means = np.bincount(labels, weights=spend) / np.maximum(size, 1)
    variance = ((spend - spend.mean()) ** 2).sum()
    return {
        "future_order_auc": order_auc,
        "future_order_auc_se": auc_standard_error(order_auc, events, len(labels) - events),
        "future_spend_eta2": (
            float((size * (means - spend.mean()) ** 2).sum() / variance) if variance > 0 else np.nan
        ),
        "top20_spend_share": top_share,
    }


# --- the rule -------------------------------------------------------------------------------------


def choose(candidate_cutoffs: pd.DataFrame) -> pd.DataFrame:
    """Means over the cutoffs, and the rule.

    1. eligible: k of ELIGIBLE_KS, measured at every cutoff; the mean stability above its floor,
       the smallest share above its own at each cutoff;
    2. of these, those whose AUC is within one standard error of the best eligible one's at the
       most cutoffs (where no outcome tells customers apart, all of them);
    3. of these the highest silhouette, rounded to .01; then the fewest clusters; then the exact
       silhouette.

    Candidates with fewer refits than REFITS are those that cannot come first (`undecided`).

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.

    Returns
    -------
    DataFrame
        One row per candidate (CANDIDATE_COLUMNS), by KEY; at most one is_chosen.
    """
    groups = candidate_cutoffs.groupby(KEY, sort=True)
    table = figures(groups[MEASURES].mean())
    table["lowest_smallest_share"] = groups["smallest_share"].min()
    table["refits"] = groups["refits"].min()
    table["is_eligible"] = eligible(candidate_cutoffs)
    table["is_in_reach"] = eligible(candidate_cutoffs, MAY_RISE)
    table["cutoffs_within_1se"] = within_one_error(candidate_cutoffs, table["is_eligible"])
    first = first_of(candidate_cutoffs, table["is_eligible"])
    table["is_chosen"] = table.index.isin(first)
    table = table.reset_index()
    best = table[table["is_chosen"]].iloc[0] if len(first) else None
    n_cutoffs = candidate_cutoffs["cutoff_date"].nunique()
    everywhere = (groups.size() == n_cutoffs).to_numpy()
    table["verdict"] = [verdict(row, best, n_cutoffs, everywhere[i]) for i, row in table.iterrows()]
    return table[CANDIDATE_COLUMNS]


def balanced(candidate_cutoffs: pd.DataFrame) -> pd.Series:
    """Whether each candidate's smallest cluster is large enough at each cutoff.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.

    Returns
    -------
    Series of bool
        By KEY.
    """
    return candidate_cutoffs.groupby(KEY)["smallest_share"].min() >= MIN_SHARE


def eligible(candidate_cutoffs: pd.DataFrame, may_rise: float = 0.0) -> pd.Series:
    """Whether each candidate is eligible by the refits it has had.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.
    may_rise : float
        Above 0: whether it may still be, where the refits to come would agree so much better than
        those done.

    Returns
    -------
    Series of bool
        By KEY.
    """
    groups = candidate_cutoffs.groupby(KEY)
    stability = groups["stability_ari"].mean()
    stability += may_rise * (1 - groups["refits"].min() / REFITS)
    # a k that some cutoff has too few different customers for is not measured at each
    measured = groups.size() == candidate_cutoffs["cutoff_date"].nunique()
    return (
        measured
        & stability.index.get_level_values("k").isin(ELIGIBLE_KS)
        & (stability >= MIN_STABILITY)
        & balanced(candidate_cutoffs)
    )


def undecided(candidate_cutoffs: pd.DataFrame) -> pd.Series:
    """Which candidates must be refitted more before it is known which one is chosen.

    They are the best at some cutoff, as what is near enough is measured from them, and the one that
    would be chosen.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.

    Returns
    -------
    Series of bool
        By KEY.
    """
    may = eligible(candidate_cutoffs, MAY_RISE)
    decisive = leaders(candidate_cutoffs, may).index.union(first_of(candidate_cutoffs, may))
    has_more = candidate_cutoffs.groupby(KEY)["refits"].min() < REFITS
    return may & has_more & may.index.isin(decisive)


def first_of(candidate_cutoffs: pd.DataFrame, is_eligible: pd.Series) -> pd.Index:
    """The first of the eligible candidates by steps 2 and 3 of the rule.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.
    is_eligible : Series of bool
        By KEY.

    Returns
    -------
    Index
        One KEY; none where no candidate is eligible.
    """
    order = candidate_cutoffs.groupby(KEY)[["silhouette"]].mean()
    order["rounded"] = order["silhouette"].round(2)
    order["near"] = within_one_error(candidate_cutoffs, is_eligible)
    order = order[is_eligible].sort_values(
        ["near", "rounded", "k", "silhouette", *KEY[:2]],
        ascending=[False, False, True, False, True, True],
    )
    return order.index[:1]


def leaders(candidate_cutoffs: pd.DataFrame, is_eligible: pd.Series) -> pd.DataFrame:
    """The best eligible AUC of each cutoff; the best of all where no candidate is eligible.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.
    is_eligible : Series of bool
        By KEY.

    Returns
    -------
    DataFrame
        One row of candidate_cutoffs per cutoff that has an AUC, by KEY.
    """
    rows = candidate_cutoffs.set_index(KEY)
    may_lead = is_eligible.reindex(rows.index).to_numpy() | (not is_eligible.any())
    rows = rows[may_lead].dropna(subset="future_order_auc")
    rows = rows.sort_values("future_order_auc", ascending=False, kind="stable")
    return rows.drop_duplicates("cutoff_date")


def within_one_error(candidate_cutoffs: pd.DataFrame, is_eligible: pd.Series) -> pd.Series:
    """At how many cutoffs each candidate's AUC is within the leader's standard error of its AUC.

    Parameters
    ----------
    candidate_cutoffs : DataFrame
        What measure_grid returns.
    is_eligible : Series of bool
        By KEY.

    Returns
    -------
    Series of int
        By KEY, for all candidates of is_eligible.
    """
    best = leaders(candidate_cutoffs, is_eligible).set_index("cutoff_date")
    floor = best["future_order_auc"] - best["future_order_auc_se"]
    rows = candidate_cutoffs.set_index(KEY)
    is_within = rows["future_order_auc"] >= rows["cutoff_date"].map(floor).astype(float)
    return is_within.groupby(KEY).sum().reindex(is_eligible.index).astype("int64")


def verdict(row: pd.Series, best: pd.Series | None, n_cutoffs: int, is_measured: bool) -> str:
    """Why a candidate was or was not chosen: the first step of the rule that tells.

    Parameters
    ----------
    row : Series
        The candidate's, of the table that choose makes.
    best : Series or None
        The chosen one's.
    n_cutoffs : int
    is_measured : bool
        Whether the candidate could be fitted at every cutoff.

    Returns
    -------
    str
        In words.
    """
    if row["k"] not in ELIGIBLE_KS:
        return f"shown only: {row['k']} clusters; {MIN_K} to {MAX_K} are eligible"
    if not is_measured:
        return f"not eligible: too few different customers for {row['k']} clusters"
    if not row["lowest_smallest_share"] >= MIN_SHARE:
        lowest = short(row["lowest_smallest_share"], 3)
        return (
            f"not eligible: smallest cluster's share {lowest} at one cutoff,"
            f" below {short(MIN_SHARE)}"
        )
    few = f"after {counted(row['refits'], 'refit')} of {REFITS}" if row["refits"] < REFITS else ""
    if np.isnan(row["stability_ari"]):
        return f"not eligible: refits drew too few different customers for {row['k']} clusters"
    if not row["is_in_reach"]:
        mean = short(row["stability_ari"], 3) + (f" {few}, too far" if few else "")
        return f"not eligible: mean stability {mean} below {short(MIN_STABILITY)}"
    counts = f"{row['cutoffs_within_1se']} of {n_cutoffs} cutoffs"
    near = "AUC within one standard error of the best at " + counts
    if np.isnan(row["future_order_auc"]):
        near = "no AUC, as all customers ordered again or none did"
    if row["is_chosen"]:
        return (
            f"chosen: stability {short(row['stability_ari'])}; {near}; of those the highest"
            f" silhouette, {short(row['silhouette'])}, with the fewest clusters"
        )
    return why_behind(row, best, near) + (f"; stopped {few}" if few else "")


def why_behind(row: pd.Series, best: pd.Series, near: str) -> str:
    """The step of the rule at which an eligible candidate comes after the chosen one."""
    if row["cutoffs_within_1se"] < best["cutoffs_within_1se"]:
        return f"{near}, the chosen one at {best['cutoffs_within_1se']}"
    mine, chosen = row["silhouette"], best["silhouette"]
    if np.round(mine, 2) < np.round(chosen, 2):
        return f"silhouette {short(mine)} lower than the chosen one's {short(chosen)}"
    if row["k"] > best["k"]:
        numbers = f"{row['k']} clusters for {best['k']}"
        return f"silhouette {short(mine)} as the chosen one's, with {numbers}"
    return f"silhouette {short(mine, 4)}, exactly, against the chosen one's {short(chosen, 4)}"


def short(value: float, digits: int = 2) -> str:
    """A figure without the 0 before its point: .71."""
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"
