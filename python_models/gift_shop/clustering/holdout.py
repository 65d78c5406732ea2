"""How the clusters do on customers and days they have not seen, beside what they must beat.

Trained at the latest validation cutoff, whose outcome is over at the test cutoff, and tested there.
The evaluation only reports: whether the clusters are used is read from `selection_comparison`, at
the cutoffs the clusters were chosen at.
"""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gift_shop.clustering.rfm_groups import group_names
from gift_shop.clustering.rfm_space import percentiles
from gift_shop.clustering.segments import STARTS, fit_clusters
from gift_shop.clustering.selection import (
    Choice,
    Population,
    clusters_of,
    halves_of,
    population,
    selection_dates,
)
from gift_shop.evaluation import intervals
from gift_shop.evaluation.ranking_metrics import group_rates, two_fold_auc
from gift_shop.rounding import figures, money
from gift_shop.timeline import TEST

RANKS = {"recency_rank": 0, "frequency_rank": 1, "monetary_rank": 2}
PREDICTION_COLUMNS = [
    "candidate",
    "cutoff_date",
    "customer_id",
    "probability",
    "predicted_value",
    "actual_class",
    "actual_value",
]
COMPARISON_COLUMNS = ["candidate", "future_order_auc", "future_order_auc_se", "customers"]


def holdout_predictions(
    snapshots: pd.DataFrame,
    outcomes: pd.DataFrame,
    cutoffs: pd.DataFrame,
    choice: Choice | None,
    rfm_groups: pd.DataFrame,
    *,
    seed: int = 0,
) -> tuple[pd.DataFrame, str]:
    """Predictions at the test cutoff, of the clusters and what they must beat.

    Candidates: clusters, clusters_k3 (the same family with three), rfm_groups: a customer gets the
    order rate and mean spend of its group in the horizon after the training cutoff; recency_rank,
    frequency_rank, monetary_rank: the customer's percentile, as both.

    Parameters
    ----------
    snapshots, outcomes, cutoffs : DataFrame
        As in selection.evaluate_candidates.
    choice : Choice or None
        Without one there are only the candidates without clusters.
    rfm_groups : DataFrame
        Seed rfm_groups.
    seed : int

    Returns
    -------
    tuple of (DataFrame, str)
        Rows of PREDICTION_COLUMNS; why none are of clusters, or ''.

    Raises
    ------
    MissingOutcomeError
        Where a customer of the training or the test cutoff has no outcome.
    """
    threadpool_limits(1)
    nobody = pd.DataFrame(columns=PREDICTION_COLUMNS)
    by_date = cutoffs.set_index("cutoff_date")
    trained_at = selection_dates(cutoffs)[-1]
    if by_date["history_days"][trained_at] < 1:
        return nobody, f"less than {by_date['days_before_as_of'][trained_at]} days of history"
    training = population(snapshots, outcomes, trained_at)
    test = population(snapshots, outcomes, by_date.index[by_date["split"] == TEST][0])
    if not len(training.values):
        return nobody, "no customer at the cutoff to train at"
    groupings = {"rfm_groups": rfm_groupings(training, test, rfm_groups)}
    wanted, reason = {}, ""
    if choice:
        wanted["clusters"] = choice
        if choice.k != 3:
            wanted["clusters_k3"] = choice._replace(k=3)
    for name, candidate in wanted.items():
        both = cluster_groupings(training, test, candidate, seed)
        if not isinstance(both, str):
            groupings[name] = both
        elif name == "clusters":
            reason = both
    found = {name: group_predictions(training, *both) for name, both in sorted(groupings.items())}
    rank = figures(percentiles(test.values))
    found |= {name: (rank[:, axis], rank[:, axis]) for name, axis in RANKS.items()}
    frames = [
        pd.DataFrame(
            {
                "candidate": name,
                "cutoff_date": test.cutoff_date,
                "customer_id": test.customer_ids,
                "probability": probability,
                "predicted_value": value,
                "actual_class": np.where(test.ordered == 1, "1", "0"),
                "actual_value": test.spend,
            }
        )
        for name, (probability, value) in found.items()
    ]
    return pd.concat(frames, ignore_index=True), reason


def rfm_groupings(
    training: Population, test: Population, rfm_groups: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """RFM groups of the customers, by the scores of each cutoff.

    Parameters
    ----------
    training, test : Population
        Of n and of m customers.
    rfm_groups : DataFrame
        Seed rfm_groups.

    Returns
    -------
    tuple of (ndarray of shape (n,), ndarray of shape (m,))
        Numbers of groups.
    """
    names = np.unique(rfm_groups["rfm_group"].to_numpy(dtype=str))
    then, now = (
        np.searchsorted(names, group_names(people.values, rfm_groups).astype(str))
        for people in (training, test)
    )
    return then, now


def cluster_groupings(
    training: Population, test: Population, choice: Choice, seed: int
) -> tuple[np.ndarray, np.ndarray] | str:
    """Clusters of the customers, fitted at the training cutoff.

    Parameters
    ----------
    training, test : Population
        Of n and of m customers.
    choice : Choice
    seed : int

    Returns
    -------
    tuple of (ndarray of shape (n,), ndarray of shape (m,)), or str
        Numbers of clusters; or the reason why there are none.
    """
    clusters = fit_clusters(training.values[training.values[:, 2] > 0], choice, STARTS, seed)
    if isinstance(clusters, str):
        return clusters
    return clusters.predict(training.values), clusters.predict(test.values)


def group_predictions(
    training: Population, group_then: np.ndarray, group_now: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What each test customer's group did in the horizon after the training cutoff.

    Parameters
    ----------
    training : Population
    group_then : ndarray of shape (n,)
        Group of each training customer.
    group_now : ndarray of shape (m,)
        Group of each test customer.

    Returns
    -------
    tuple of (ndarray of shape (m,), ndarray of shape (m,))
        Order rate, 0..1, and mean spend in the shop's currency.
    """
    size = int(max(group_then.max(), group_now.max(initial=0))) + 1
    n, orders, spend = (
        np.bincount(group_then, weights=w, minlength=size)
        for w in (None, training.ordered, training.spend)
    )
    return figures(group_rates(n, orders))[group_now], money(group_rates(n, spend))[group_now]


def selection_comparison(
    snapshots: pd.DataFrame,
    outcomes: pd.DataFrame,
    cutoffs: pd.DataFrame,
    choice: Choice | None,
    rfm_groups: pd.DataFrame,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """How well the chosen clusters and the named RFM groups tell who orders again, and the difference.

    At the validation cutoffs, on the halves that the candidates were scored on. The errors are of a
    paired bootstrap: each draw takes the same customers for both, at every cutoff they are known at.

    Parameters
    ----------
    snapshots, outcomes, cutoffs : DataFrame
        As in selection.evaluate_candidates.
    choice : Choice or None
        Without one there is no row but of rfm_groups.
    rfm_groups : DataFrame
        Seed rfm_groups.
    seed : int

    Returns
    -------
    DataFrame
        COMPARISON_COLUMNS, one row each for candidate clusters, rfm_groups and difference (clusters
        less rfm_groups): future_order_auc, the mean over the cutoffs where outcomes differ, its
        standard error, and the customers drawn from. No row where nobody is known at any cutoff.
    """
    threadpool_limits(1)
    known = [
        (people, halves_of(people, number, seed))
        for number, date in enumerate(selection_dates(cutoffs))
        if len((people := population(snapshots, outcomes, date)).values)
    ]
    if not known:
        return pd.DataFrame(columns=COMPARISON_COLUMNS)
    groups = {"rfm_groups": [_numbered_groups(people, rfm_groups) for people, _ in known]}
    if choice:
        groups["clusters"] = [clusters_of(people, choice, seed) for people, _ in known]
    customers = np.concatenate([people.customer_ids for people, _ in known])
    ends = np.cumsum([len(people.values) for people, _ in known])[:-1]
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in groups}
    for weights in intervals.draws_of(customers):
        at_cutoffs = np.split(weights, ends, axis=1)
        for name, group in groups.items():
            each = [
                two_fold_auc(of, people.ordered, halves, drawn_here)
                for of, (people, halves), drawn_here in zip(group, known, at_cutoffs, strict=True)
            ]
            drawn[name].append(np.array(each))
    areas = {name: _mean_of_measured(np.hstack(parts)) for name, parts in drawn.items()}
    if choice:
        areas["difference"] = areas["clusters"] - areas["rfm_groups"]
    n = len(np.unique(customers))
    rows = [
        (name, *figures([area[0], _standard_error(area[1:])]), n) for name, area in areas.items()
    ]
    return pd.DataFrame(rows, columns=COMPARISON_COLUMNS)


def _numbered_groups(people: Population, rfm_groups: pd.DataFrame) -> np.ndarray:
    names = group_names(people.values, rfm_groups).astype(str)
    return np.unique(names, return_inverse=True)[1]


def _mean_of_measured(areas: np.ndarray) -> np.ndarray:
    """(draws,) means of (cutoffs, draws), without cutoffs where all customers ordered or none did."""
    measured = areas[np.isfinite(areas[:, 0])]
    return measured.mean(axis=0) if len(measured) else np.full(areas.shape[1], np.nan)


def _standard_error(draws: np.ndarray) -> float:
    found = draws[np.isfinite(draws)]  # without those that left a half of few without an order
    return float(found.std(ddof=1)) if len(found) > 1 else np.nan
