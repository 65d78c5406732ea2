"""Names for clusters: each gets the archetype it is most like, no archetype twice.

An archetype is a row of seed segment_archetypes: a key, a name, what the name claims, and a target
percentile of each of recency, frequency and monetary (1 is best: most recent, most orders, most spend).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

TARGETS = ["recency_percentile", "frequency_percentile", "monetary_percentile"]


def profiles(percentile: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Mean percentiles of each cluster's members.

    Parameters
    ----------
    percentile : ndarray of shape (n, 3)
        0..1 of recency, frequency and monetary; 1 is best.
    labels : ndarray of shape (n,)
        0..n_clusters-1.
    n_clusters : int

    Returns
    -------
    ndarray of shape (n_clusters, 3)
        0..1; NaN where a cluster has no members.
    """
    n = np.bincount(labels, minlength=n_clusters).astype(float)
    sums = [np.bincount(labels, weights=column, minlength=n_clusters) for column in percentile.T]
    return np.column_stack(sums) / np.where(n > 0, n, np.nan)[:, None]


def medians(recency: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Median recency of each cluster's members.

    Parameters
    ----------
    recency : ndarray of shape (n,)
        Days since the last order.
    labels : ndarray of shape (n,)
        0..n_clusters-1.
    n_clusters : int

    Returns
    -------
    ndarray of shape (n_clusters,)
        Days; NaN where a cluster has no members.
    """
    return pd.Series(recency).groupby(labels).median().reindex(range(n_clusters)).to_numpy()


@dataclass(frozen=True)
class Archetypes:
    """The archetypes and what their names may claim at a cutoff (int_segment_bounds).

    Attributes
    ----------
    seed : DataFrame
        Seed segment_archetypes: segment_key, claims (recent, lapsed, none; scores, of those that say
        nothing about when customers were here) and TARGETS.
    recent_within_days : float
        Median recency of a cluster, at most, whose name claims recent customers.
    may_have_lapsed : bool
        Whether a name may claim lapsed customers.
    """

    seed: pd.DataFrame
    recent_within_days: float = np.inf
    may_have_lapsed: bool = True

    def assign(
        self, profile: np.ndarray, median_recency: np.ndarray
    ) -> tuple[list[str], np.ndarray]:
        """The one-to-one assignment to clusters with the least total squared distance.

        Hungarian method (Kuhn 1955). A cluster whose archetype claims what does not hold of it is
        then named by its scores: the nearest in frequency and monetary that is left.

        Parameters
        ----------
        profile : ndarray of shape (k, 3)
            Mean percentiles of each cluster, 0..1.
        median_recency : ndarray of shape (k,)
            Days.

        Returns
        -------
        tuple of (list of str, ndarray of shape (k,))
            Key of each cluster's archetype, and its squared distance.

        Raises
        ------
        ValueError
            Where there are fewer archetypes than clusters, or a key stands twice.
        """
        seed = self.seed.sort_values("segment_key", ignore_index=True)  # order must not matter
        if seed["segment_key"].duplicated().any():
            raise ValueError("seed segment_archetypes: a segment_key stands more than once")
        by_scores = seed["claims"] == "scores"
        named, scores = seed[~by_scores], seed[by_scores]
        chosen, costs = _nearest(profile, named, TARGETS)
        claims = named["claims"].to_numpy()[chosen]
        false = (claims == "recent") & (median_recency > self.recent_within_days)
        if not self.may_have_lapsed:
            false |= claims == "lapsed"
        keys = named["segment_key"].to_numpy()[chosen]
        if false.any():
            others, costs[false] = _nearest(profile[false], scores, TARGETS[1:])
            keys[false] = scores["segment_key"].to_numpy()[others]
        return keys.tolist(), costs


def _nearest(
    profile: np.ndarray, rows: pd.DataFrame, targets: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """For each cluster the number of its row, and the squared distance in the targets."""
    if len(rows) < len(profile):
        raise ValueError(
            f"seed segment_archetypes has {len(rows)} archetypes for {len(profile)} clusters;"
            " add some"
        )
    values = profile[:, -len(targets) :]
    cost = ((values[:, None, :] - rows[targets].astype(float).to_numpy()) ** 2).sum(axis=2)
    clusters, chosen = linear_sum_assignment(cost)
    return chosen, cost[clusters, chosen]
