"""How well a score orders customers: AUC with its standard error, share of spend in the top fifth.

Scores may be tied (a segment gives all its members one score); ties count half in the AUC and
share what is left of the top fifth, so that no figure depends on the order of the rows.
"""

import math

import numpy as np
from sklearn.metrics import roc_auc_score

from gift_shop.rounding import settled

TOP_SHARE = 0.2


def auc(score: np.ndarray, event: np.ndarray) -> float:
    """Chance that a customer with the event has a higher score than one without; ties half.

    Parameters
    ----------
    score : ndarray of shape (n,)
    event : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    float
        0..1; NaN where all or none have the event.
    """
    return float(roc_auc_score(event, score)) if 0 < np.mean(event) < 1 else math.nan


def auc_standard_error(auc_value: float, n_events: int, n_others: int) -> float:
    """Standard error of an AUC by Hanley & McNeil (Radiology 143, 1982), exponential scores.

    Parameters
    ----------
    auc_value : float
        0..1.
    n_events, n_others : int
        With the event and without.

    Returns
    -------
    float
        NaN where all or none have the event, or the AUC is NaN.
    """
    if not n_events or not n_others or math.isnan(auc_value):
        return math.nan
    q1 = auc_value / (2 - auc_value)
    q2 = 2 * auc_value**2 / (1 + auc_value)
    variance = (
        auc_value * (1 - auc_value)
        + (n_events - 1) * (q1 - auc_value**2)
        + (n_others - 1) * (q2 - auc_value**2)
    ) / (n_events * n_others)
    return math.sqrt(max(variance, 0.0))


def top_spend_share(score: np.ndarray, spend: np.ndarray, share: float = TOP_SHARE) -> float:
    """Share of all spend that the customers with the highest scores bring.

    The tie at the border is split evenly among its customers.

    Parameters
    ----------
    score, spend : ndarray of shape (n,)
    share : float
        Of the customers, 0..1.

    Returns
    -------
    float
        0..1; NaN where nothing was spent.
    """
    total = spend.sum()
    if not total > 0:
        return math.nan
    level = np.unique(-np.asarray(score, dtype=float), return_inverse=True)[1]
    n = np.bincount(level)
    before = np.cumsum(n) - n
    taken = np.clip((share * len(spend) - before) / n, 0, 1)
    return float(taken @ np.bincount(level, weights=spend) / total)


def grouped_auc(score: np.ndarray, n_events: np.ndarray, n_others: np.ndarray) -> np.ndarray:
    """The AUC of customers in groups of one score each.

    From sums by group, as two_fold takes thousands of it, on up to ten groups.

    Parameters
    ----------
    score, n_events, n_others : ndarray of shape (..., g)
        Of each group.

    Returns
    -------
    ndarray of shape (...)
        0..1; NaN where all or none have the event.
    """
    wins = (score[..., :, None] > score[..., None, :]) * 1.0
    wins += 0.5 * (score[..., :, None] == score[..., None, :])
    won = np.einsum("...i,...ij,...j->...", n_events, wins, n_others)
    pairs = n_events.sum(axis=-1) * n_others.sum(axis=-1)
    return np.where(pairs > 0, won / np.maximum(pairs, 1), np.nan)


def grouped_top_spend_share(
    score: np.ndarray, n: np.ndarray, spend: np.ndarray, share: float = TOP_SHARE
) -> np.ndarray:
    """The top_spend_share of customers in groups of one score each.

    Parameters
    ----------
    score, n, spend : ndarray of shape (..., g)
        Of each group: score, customers, spend of all of them.
    share : float
        Of the customers, 0..1.

    Returns
    -------
    ndarray of shape (...)
        0..1; NaN where nothing was spent.
    """
    before = ((score[..., None, :] > score[..., :, None]) * n[..., None, :]).sum(axis=-1)
    tied = ((score[..., None, :] == score[..., :, None]) * n[..., None, :]).sum(axis=-1)
    wanted = share * n.sum(axis=-1, keepdims=True)
    taken = np.clip((wanted - before) / np.maximum(tied, 1), 0, 1)
    total = spend.sum(axis=-1)
    brought = (taken * spend).sum(axis=-1)
    return np.where(total > 0, brought / np.where(total > 0, total, 1), np.nan)


def drawn_halves(n: int, repeats: int, seed: int | list[int]) -> np.ndarray:
    """Customers split in two halves, over and over.

    Parameters
    ----------
    n : int
        Customers.
    repeats : int
    seed : int or list of int

    Returns
    -------
    ndarray of shape (repeats, n)
        0.0 and 1.0.
    """
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(n) % 2 for _ in range(repeats)], dtype=float)


def two_fold(
    group: np.ndarray, ordered: np.ndarray, spend: np.ndarray, halves: np.ndarray
) -> tuple[float, float]:
    """AUC and top-fifth share of spend of groups, each half scored by what the other half did.

    A group without members in the other half gets the rate of all of that half.

    Parameters
    ----------
    group : ndarray of shape (n,)
        0..g-1.
    ordered : ndarray of shape (n,)
        0 or 1.
    spend : ndarray of shape (n,)
    halves : ndarray of shape (repeats, n)
        Of drawn_halves.

    Returns
    -------
    tuple of (float, float)
        Means over repeats and halves, 0..1; NaN where a half leaves one undefined.
    """
    member = np.eye(int(group.max()) + 1)[group]
    columns = np.hstack([member, member * ordered[:, None], member * spend[:, None]])
    one = halves @ columns
    sums = np.stack([one, columns.sum(axis=0) - one]).reshape(2, len(halves), 3, -1)
    n, orders, money = sums[:, :, 0], sums[:, :, 1], sums[:, :, 2]
    rate, mean_spend = (group_rates(n, total)[::-1] for total in (orders, money))
    return (
        float(grouped_auc(rate, orders, n - orders).mean()),
        float(grouped_top_spend_share(settled(mean_spend), n, money).mean()),
    )


def two_fold_auc(
    group: np.ndarray, ordered: np.ndarray, halves: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The AUC of two_fold for each draw of customers, who stay in their halves.

    Parameters
    ----------
    group, ordered, halves
        As in two_fold.
    weights : ndarray of shape (d, n)
        How often each of n customers was drawn, in each of d draws.

    Returns
    -------
    ndarray of shape (d,)
        0..1; NaN of a draw that leaves a half without an event, or with events alone.
    """
    member = np.eye(int(group.max()) + 1)[group]
    columns = np.hstack([member, member * ordered[:, None]])
    everyone = weights @ columns
    areas = []
    for half in halves:  # all at once would be weights for each repeat
        one = weights @ (half[:, None] * columns)
        sums = np.stack([one, everyone - one]).reshape(2, len(weights), 2, -1)
        n, orders = sums[:, :, 0], sums[:, :, 1]
        areas.append(grouped_auc(group_rates(n, orders)[::-1], orders, n - orders))
    return np.mean(areas, axis=(0, 1))


def group_rates(n: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Mean of each group; that of all for an empty one.

    Parameters
    ----------
    n, total : ndarray of shape (..., g)
        Size and total of each group.

    Returns
    -------
    ndarray of shape (..., g)
    """
    everyone = total.sum(axis=-1, keepdims=True) / np.maximum(n.sum(axis=-1, keepdims=True), 1)
    return np.where(n > 0, total / np.maximum(n, 1), everyone)
