"""The clusters that are served: fitted once, named, and written as a table that SQL scores from.

A customer belongs to the nearest centroid in the transformed space. How sure that is comes from
the margin: how much farther the second nearest is.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from gift_shop.clustering.algorithms import (
    ALGORITHMS,
    NearestCentroidClusterer,
    distances,
    nearest,
)
from gift_shop.clustering.archetypes import Archetypes, medians, profiles
from gift_shop.clustering.rfm_space import (
    AXES,
    RFMTransformer,
    every_nth,
    in_order,
    percentiles,
    rfm,
)
from gift_shop.clustering.selection import Choice
from gift_shop.rounding import SEARCHED, figures, rounded, settled
from gift_shop.tables import counted

REFIT_ROWS = 20_000  # customers the confidence is fitted on at most
STARTS = 20  # of k-means, for what is served
REFITS, REFIT_STARTS = 20, 10  # with 3 starts a bad optimum passes for doubt: .88 against .94 agree
LONG_COLUMNS = ["part", "transform", "algorithm", "k", "key", "axis", "value"]


@dataclass(frozen=True)
class SegmentModel:
    """Everything that scores a customer; cluster c (0-based here) is cluster_no c + 1.

    Attributes
    ----------
    choice : Choice
    transformer : RFMTransformer
    centres : ndarray of shape (k, 3)
        In the transformed space, by ascending mean recency of their members.
    keys : tuple of str, length k
        The archetypes.
    costs : ndarray of shape (k,)
        Squared distance of each cluster's profile to its archetype.
    profile : ndarray of shape (k, 3)
        Mean percentiles of the members, 0..1.
    temperature : float
        The t of the confidence, in units of the transformed space.
    """

    choice: Choice
    transformer: RFMTransformer
    centres: np.ndarray
    keys: tuple[str, ...]
    costs: np.ndarray
    profile: np.ndarray
    temperature: float


# --- fitting --------------------------------------------------------------------------------------


def fit_segments(
    snapshot: pd.DataFrame,
    choice: Choice | None,
    archetypes: Archetypes,
    *,
    seed: int = 0,
    with_confidence: bool = True,
) -> tuple[SegmentModel | None, str]:
    """The model of one snapshot, fitted on customers with net spend, named on all.

    Every parameter is rounded before Python itself uses it, so that SQL reads the same numbers.

    Parameters
    ----------
    snapshot : DataFrame
        One row per customer, with customer_id and rfm_space.COLUMNS.
    choice : Choice or None
    archetypes : Archetypes
    seed : int
    with_confidence : bool
        Whether the temperature is fitted; its refits are most of the work.

    Returns
    -------
    tuple of (SegmentModel or None, str)
        The model and '', or None and the reason in words.
    """
    threadpool_limits(1)
    if choice is None:
        return None, "no number of clusters was chosen"
    values = rfm(in_order(snapshot))
    bought = values[values[:, 2] > 0]
    clusters = fit_clusters(bought, choice, STARTS, seed)
    if isinstance(clusters, str):
        return None, clusters
    transformer, centres = clusters["rfm"], clusters["clusters"].cluster_centers_
    labels = clusters.predict(values)
    profile = profiles(percentiles(values), labels, len(centres))
    keys, costs = archetypes.assign(profile, medians(values[:, 0], labels, len(centres)))
    temperature = 1.0
    if with_confidence:
        some = bought[every_nth(len(bought), REFIT_ROWS)]
        names = np.array(keys)[clusters.predict(some)]
        agreed = name_agreement(some, names, choice, values, archetypes, seed)
        away = np.sort(clusters.transform(some), axis=1)
        temperature = fit_temperature(away[:, 1] - away[:, 0], agreed)
    return SegmentModel(
        choice, transformer, centres, tuple(keys), rounded(costs), rounded(profile), temperature
    ), ""


def fit_clusters(values: np.ndarray, choice: Choice, starts: int, seed: int) -> Pipeline | str:
    """The clusters of a choice, numbered by ascending mean recency of their members.

    Parameters
    ----------
    values : ndarray of shape (n, 3)
        Recency, frequency and monetary of customers with net spend; a sample of them is fitted
        where they are more than the algorithm can take.
    choice : Choice
    starts : int
        Of k-means.
    seed : int

    Returns
    -------
    Pipeline or str
        Steps 'rfm' (RFMTransformer) and 'clusters' (NearestCentroidClusterer, its centres rounded);
        or the reason why there is none.
    """
    if len(values) < choice.k:
        return f"{counted(len(values), 'customer')} with net spend for {choice.k} clusters"
    algorithm = ALGORITHMS[choice.algorithm]
    values = values[every_nth(len(values), algorithm.max_rows)]
    transformer = RFMTransformer(choice.transform)
    z = transformer.fit_transform(values)
    each = NearestCentroidClusterer(algorithm.clusterer, n_init=starts, random_state=seed).fit_each(
        z, [choice.k]
    )
    too_alike = f"customers are too alike for {choice.k} clusters"
    if choice.k not in each:
        return too_alike
    clusterer = each[choice.k]
    centres = rounded(clusterer.cluster_centers_)
    labels = nearest(z, centres)
    members = np.bincount(labels, minlength=choice.k)
    if not members.all():
        return too_alike
    recency = np.bincount(labels, weights=values[:, 0]) / members
    # equal recency: the centre itself decides, never the order the library found them in
    clusterer.cluster_centers_ = centres[np.lexsort((*centres.T[::-1], recency))]
    clusterer.labels_ = nearest(z, clusterer.cluster_centers_)
    return Pipeline([("rfm", transformer), ("clusters", clusterer)])


def name_agreement(
    some: np.ndarray,
    names: np.ndarray,
    choice: Choice,
    everyone: np.ndarray,
    archetypes: Archetypes,
    seed: int,
) -> np.ndarray:
    """Share of bootstrap refits that give each customer the name it has.

    A refit draws customers with replacement and does all over: transform, clusters, names.

    Parameters
    ----------
    some : ndarray of shape (n, 3)
        The customers in question; refits draw from them.
    names : ndarray of shape (n,)
        Their archetypes.
    choice : Choice
    everyone : ndarray of shape (m, 3)
        On whom clusters are named.
    archetypes : Archetypes
    seed : int

    Returns
    -------
    ndarray of shape (n,)
        0..1; 1 where no refit could be made.
    """
    percentile = percentiles(everyone)
    same, refits = np.zeros(len(some)), 0
    for refit in range(REFITS):
        drawn = np.sort(np.random.default_rng([seed, refit]).integers(0, len(some), len(some)))
        again = fit_clusters(some[drawn], choice, REFIT_STARTS, seed + refit)
        if isinstance(again, str):
            continue
        labels = again.predict(everyone)
        profile = profiles(percentile, labels, choice.k)
        if np.isnan(profile).any():
            continue
        new_keys, _ = archetypes.assign(profile, medians(everyone[:, 0], labels, choice.k))
        same += np.array(new_keys)[again.predict(some)] == names
        refits += 1
    return same / refits if refits else np.ones(len(some))


def confidence(margin: np.ndarray, temperature: float) -> np.ndarray:
    """.5 where two centroids are equally near, towards 1 as the second is farther away.

    Parameters
    ----------
    margin : ndarray of shape (n,)
        By how much the second nearest is farther, in units of the transformed space.
    temperature : float
        In the same units.
    """
    return 1 - 0.5 * np.exp(-margin / temperature)


def fit_temperature(margin: np.ndarray, agreed: np.ndarray) -> float:
    """The t whose confidence has the least squared error against the observed agreement.

    Parameters
    ----------
    margin : ndarray of shape (n,)
        In units of the transformed space.
    agreed : ndarray of shape (n,)
        Share of refits that agree, 0..1.
    """

    def error(log_t: float) -> float:
        return float(((confidence(margin, np.exp(log_t)) - agreed) ** 2).mean())

    best = minimize_scalar(error, bounds=(np.log(1e-3), np.log(10.0)), method="bounded")
    return float(rounded(np.exp(best.x), SEARCHED))


# --- scoring and writing --------------------------------------------------------------------------


def score(model: SegmentModel, snapshot: pd.DataFrame) -> pd.DataFrame:
    """What int_customer_clusters.sql computes, for one snapshot.

    Parameters
    ----------
    model : SegmentModel
    snapshot : DataFrame
        One row per customer, with customer_id and rfm_space.COLUMNS.

    Returns
    -------
    DataFrame
        One row per customer, by id: customer_id, cluster_no, segment_key, distance,
        runner_up_segment_key, runner_up_distance, confidence, reason_axis. The reason is the axis
        on which the customer is most nearer to its own centroid than to the runner-up's.
    """
    snapshot = in_order(snapshot)
    z = model.transformer.transform(rfm(snapshot))
    away = settled(distances(z, model.centres))
    order = np.argsort(away, axis=1, kind="stable")
    own, other = order[:, 0], order[:, 1]
    rows = np.arange(len(z))
    for_own = settled((z - model.centres[other]) ** 2 - (z - model.centres[own]) ** 2)
    keys = np.array(model.keys)
    return pd.DataFrame(
        {
            "customer_id": snapshot["customer_id"].astype(str),
            "cluster_no": own + 1,
            "segment_key": keys[own],
            "distance": figures(away[rows, own]),
            "runner_up_segment_key": keys[other],
            "runner_up_distance": figures(away[rows, other]),
            "confidence": figures(
                confidence(away[rows, other] - away[rows, own], model.temperature)
            ),
            "reason_axis": np.array(AXES)[for_own.argmax(axis=1)],
        }
    )


def long_table(model: SegmentModel) -> pd.DataFrame:
    """The model as rows, which int_customer_clusters.sql reads.

    transform: key lambda, mean or scale, per axis (log1p is lambda 0); centroid and profile: key
    cluster_no, per axis; confidence: key t; segment: key cluster_no, axis the segment_key, value
    its squared distance to the archetype.

    Parameters
    ----------
    model : SegmentModel

    Returns
    -------
    DataFrame
        LONG_COLUMNS.
    """
    rows = [
        ("transform", key, axis, getattr(model.transformer, name)[number])
        for key, name in (("lambda", "lambdas_"), ("mean", "mean_"), ("scale", "scale_"))
        for number, axis in enumerate(AXES)
    ]
    for part, values in (("centroid", model.centres), ("profile", model.profile)):
        rows += [
            (part, str(cluster + 1), axis, values[cluster, number])
            for cluster in range(len(values))
            for number, axis in enumerate(AXES)
        ]
    rows += [
        ("segment", str(cluster + 1), key, model.costs[cluster])
        for cluster, key in enumerate(model.keys)
    ]
    rows.append(("confidence", "t", "", model.temperature))
    table = pd.DataFrame(rows, columns=["part", "key", "axis", "value"])
    return table.assign(**model.choice._asdict())[LONG_COLUMNS]


def customer_map(
    transformer: RFMTransformer, snapshot: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Two principal components of the transformed features, of everyone.

    Parameters
    ----------
    transformer : RFMTransformer
        Fitted.
    snapshot : DataFrame
        One row per customer, one customer at least.

    Returns
    -------
    tuple of (DataFrame, ndarray of shape (2,))
        customer_id, x, y; the share of the variance that each component explains, 0..1. A
        component's largest loading is positive.
    """
    snapshot = in_order(snapshot)
    z = transformer.transform(rfm(snapshot))
    z = z - z.mean(axis=0)
    if z.any():
        pca = PCA(2, svd_solver="covariance_eigh").fit(z)
        vectors, explained = pca.components_.T, figures(pca.explained_variance_ratio_)
    else:  # all alike, or one alone: no direction tells them apart
        vectors, explained = np.eye(3, 2), np.zeros(2)
    # PCA makes the largest loading positive too, but of two that are equal the last bit decides
    vectors = settled(vectors)
    largest = vectors[np.abs(vectors).argmax(axis=0), [0, 1]]
    vectors = vectors * np.where(largest < 0, -1.0, 1.0)
    x, y = figures(z @ vectors).T
    return (
        pd.DataFrame({"customer_id": snapshot["customer_id"].astype(str), "x": x, "y": y}),
        explained,
    )
