"""The clusters that are served: fitted once, named, and written as a table that SQL scores from.

A customer belongs to the nearest centroid in the transformed space. How sure that is comes from
the margin: how much farther the second nearest is. See ML.md, 'Customer clusters'.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from threadpoolctl import threadpool_limits

from gift_shop.clustering.algorithms import centroids, distances, fit_labels, nearest
from gift_shop.clustering.archetypes import assign_archetypes, profiles
from gift_shop.clustering.rfm_space import (
    AXES,
    Space,
    every_nth,
    fit_space,
    in_order,
    percentiles,
    rfm,
    to_space,
)
from gift_shop.clustering.selection import Choice
from gift_shop.tables import SEARCHED, counted, figures, rounded, settled

FIT_ROWS = 50_000  # customers a model is fitted on at most; everyone is scored
WARD_ROWS = 10_000  # Ward needs the square of it
REFIT_ROWS = 20_000  # customers the confidence is fitted on at most
STARTS = 20  # of k-means, for what is served
REFITS, REFIT_STARTS = 20, 10  # with 3 starts a bad optimum passes for doubt: .88 against .94 agree
LONG_COLUMNS = ["part", "transform", "algorithm", "k", "key", "axis", "value"]


@dataclass(frozen=True)
class SegmentModel:
    """Everything that scores a customer; cluster c (0-based here) is cluster_no c + 1.

    centres (k, 3) in the transformed space, by ascending mean recency of their members;
    keys (k) the archetypes, costs (k,) their squared distances, profile (k, 3) mean percentiles;
    temperature the t of the confidence, in units of the transformed space.
    """

    choice: Choice
    space: Space
    centres: np.ndarray
    keys: tuple[str, ...]
    costs: np.ndarray
    profile: np.ndarray
    temperature: float


class Fit(NamedTuple):
    """A space and its centres, or None and the reason."""

    space: Space | None
    centres: np.ndarray | None
    fallback: str


# --- fitting --------------------------------------------------------------------------------------


def fit_segments(
    snapshot: pd.DataFrame,
    choice: Choice | None,
    archetypes: pd.DataFrame,
    *,
    seed: int = 0,
    with_confidence: bool = True,
) -> tuple[SegmentModel | None, str]:
    """The model of one snapshot (one row per customer), or None and the reason in words.

    Fitted on customers with net spend, named on all. Every parameter is rounded before
    Python itself uses it, so that SQL reads the same numbers.
    """
    threadpool_limits(1)
    if choice is None:
        return None, "no number of clusters was chosen"
    values = rfm(in_order(snapshot))
    bought = values[values[:, 2] > 0]
    fit = fit_centres(bought, choice, STARTS, seed)
    if fit.fallback:
        return None, fit.fallback
    space, centres = fit.space, fit.centres
    percentile = percentiles(values)
    profile = profiles(percentile, nearest(to_space(space, values), centres), len(centres))
    keys, costs = assign_archetypes(profile, archetypes)
    if not with_confidence:  # its twenty refits are most of the work
        return SegmentModel(
            choice, space, centres, tuple(keys), rounded(costs), rounded(profile), 1.0
        ), ""
    some = bought[every_nth(len(bought), REFIT_ROWS)]
    agreed = name_agreement(some, choice, keys, space, centres, values, archetypes, seed)
    away = np.sort(distances(to_space(space, some), centres), axis=1)
    temperature = fit_temperature(away[:, 1] - away[:, 0], agreed)
    return SegmentModel(
        choice, space, centres, tuple(keys), rounded(costs), rounded(profile), temperature
    ), ""


def fit_centres(values: np.ndarray, choice: Choice, starts: int, seed: int) -> Fit:
    """Space and centres of (n, 3) values, numbered by ascending mean recency of the members."""
    if len(values) < choice.k:
        return Fit(
            None, None, f"{counted(len(values), 'customer')} with net spend for {choice.k} clusters"
        )
    values = values[every_nth(len(values), WARD_ROWS if choice.algorithm == "ward" else FIT_ROWS)]
    space = fit_space(values, choice.transform)
    z = to_space(space, values)
    labels = fit_labels(choice.algorithm, z, [choice.k], starts, seed).get(choice.k)
    centres = None if labels is None else rounded(centroids(z, labels[0]))
    members = None if labels is None else np.bincount(nearest(z, centres), minlength=choice.k)
    if members is None or len(centres) < choice.k or not members.all():
        return Fit(None, None, f"customers are too alike for {choice.k} clusters")
    recency = np.bincount(nearest(z, centres), weights=values[:, 0]) / members
    # equal recency: the centre itself decides, never the order the library found them in
    return Fit(space, centres[np.lexsort((*centres.T[::-1], recency))], "")


def name_agreement(some, choice, keys, space, centres, everyone, archetypes, seed) -> np.ndarray:
    """(n,) share of bootstrap refits that give each of `some` customers the name it has.

    A refit draws customers with replacement and does all over: transform, clusters, names.
    """
    names = np.array(keys)[nearest(to_space(space, some), centres)]
    percentile = percentiles(everyone)
    same, refits = np.zeros(len(some)), 0
    for refit in range(REFITS):
        drawn = np.sort(np.random.default_rng([seed, refit]).integers(0, len(some), len(some)))
        again = fit_centres(some[drawn], choice, REFIT_STARTS, seed + refit)
        if again.fallback:
            continue
        labels = nearest(to_space(again.space, everyone), again.centres)
        profile = profiles(percentile, labels, choice.k)
        if np.isnan(profile).any():
            continue
        new_keys, _ = assign_archetypes(profile, archetypes)
        same += np.array(new_keys)[nearest(to_space(again.space, some), again.centres)] == names
        refits += 1
    return same / refits if refits else np.ones(len(some))


def confidence(margin: np.ndarray, temperature: float) -> np.ndarray:
    """.5 where two centroids are equally near, towards 1 as the second is farther away."""
    return 1 - 0.5 * np.exp(-margin / temperature)


def fit_temperature(margin: np.ndarray, agreed: np.ndarray) -> float:
    """The t whose confidence has the least squared error against the observed agreement (n,)."""

    def error(log_t):
        return float(((confidence(margin, np.exp(log_t)) - agreed) ** 2).mean())

    best = minimize_scalar(error, bounds=(np.log(1e-3), np.log(10.0)), method="bounded")
    return float(rounded(np.exp(best.x), SEARCHED))


# --- scoring and writing --------------------------------------------------------------------------


def score(model: SegmentModel, snapshot: pd.DataFrame) -> pd.DataFrame:
    """What int_customer_clusters.sql computes: one row per customer of one snapshot, by id.

    Columns: customer_id, cluster_no, segment_key, distance, runner_up_segment_key,
    runner_up_distance, confidence, reason_axis. The reason is the axis on which the customer is
    most nearer to its own centroid than to the runner-up's.
    """
    snapshot = in_order(snapshot)
    z = to_space(model.space, rfm(snapshot))
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
    """The model as rows of LONG_COLUMNS, which int_customer_clusters.sql reads.

    transform: key lambda, mean or scale, per axis (log1p is lambda 0); centroid and profile: key
    cluster_no, per axis; confidence: key t; segment: key cluster_no, axis the segment_key, value
    its squared distance to the archetype.
    """
    space = model.space
    rows = [
        ("transform", key, axis, getattr(space, name)[number])
        for key, name in (("lambda", "lambdas"), ("mean", "mean"), ("scale", "scale"))
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
    space: Space, snapshot: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Two principal components of the transformed features, of everyone.

    Returns customer_id, x, y; the explained share of the variance (2,); and the loadings (axis, x,
    y). A component's sign is that of its largest loading, which is made positive.
    """
    snapshot = in_order(snapshot)
    z = to_space(space, rfm(snapshot))
    z = z - z.mean(axis=0)
    variance, vectors = np.linalg.eigh(z.T @ z / max(len(z), 1))
    variance, vectors = variance[::-1][:2].clip(min=0), vectors[:, ::-1][:, :2]
    vectors = settled(vectors)
    largest = vectors[np.abs(vectors).argmax(axis=0), [0, 1]]
    vectors = vectors * np.where(largest < 0, -1.0, 1.0)
    x, y = figures(z @ vectors).T
    total = float((z**2).sum() / max(len(z), 1))
    explained = figures(variance / total) if total > 0 else np.zeros(2)
    return (
        pd.DataFrame({"customer_id": snapshot["customer_id"].astype(str), "x": x, "y": y}),
        explained,
        pd.DataFrame({"axis": AXES, "x": vectors[:, 0], "y": vectors[:, 1]}),
    )
