"""Names for clusters: each gets the archetype it is most like, no archetype twice.

An archetype is a row of seed segment_archetypes: a key, a name and a target percentile of each of
recency, frequency and monetary (1 is best: most recent, most orders, most spend).
"""

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


def assign_archetypes(
    profile: np.ndarray, archetypes: pd.DataFrame
) -> tuple[list[str], np.ndarray]:
    """The one-to-one assignment of archetypes to clusters with the least total squared distance.

    Hungarian method (Kuhn 1955).

    Parameters
    ----------
    profile : ndarray of shape (k, 3)
        Mean percentiles of each cluster, 0..1.
    archetypes : DataFrame
        Seed segment_archetypes: segment_key and TARGETS.

    Returns
    -------
    tuple of (list of str, ndarray of shape (k,))
        Key of each cluster's archetype, and its squared distance.

    Raises
    ------
    ValueError
        Where there are fewer archetypes than clusters, or a key stands twice.
    """
    rows = archetypes.sort_values("segment_key", ignore_index=True)  # their order must not matter
    if rows["segment_key"].duplicated().any():
        raise ValueError("seed segment_archetypes: a segment_key stands more than once")
    if len(rows) < len(profile):
        raise ValueError(
            f"seed segment_archetypes has {len(rows)} archetypes for {len(profile)} clusters;"
            " add some"
        )
    targets = rows[TARGETS].astype(float).to_numpy()
    cost = ((profile[:, None, :] - targets[None, :, :]) ** 2).sum(axis=2)
    clusters, chosen = linear_sum_assignment(cost)
    return rows["segment_key"].iloc[chosen].tolist(), cost[clusters, chosen]
