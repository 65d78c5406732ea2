"""How well a score orders customers: AUC with its standard error, share of spend in the top fifth.

Scores may be tied (a segment gives all its members one score); ties count half in the AUC and
share what is left of the top fifth, so that no figure depends on the order of the rows.
"""

import math

import numpy as np
from scipy.stats import rankdata

from gift_shop.tables import settled

TOP_SHARE = 0.2


def auc(score: np.ndarray, event: np.ndarray) -> float:
    """Chance (0..1) that a customer with the event has a higher score than one without; ties half.

    score (n,), event (n,) of 0/1. NaN where all or none have the event.
    """
    event = np.asarray(event, dtype=bool)
    n_events, n_others = int(event.sum()), int((~event).sum())
    if not n_events or not n_others:
        return math.nan
    ranks = rankdata(score)[event].sum()
    return float((ranks - n_events * (n_events + 1) / 2) / (n_events * n_others))


def auc_standard_error(auc_value: float, n_events: int, n_others: int) -> float:
    """Standard error of an AUC by Hanley & McNeil (Radiology 143, 1982), exponential scores."""
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
    """Share (0..1) of all spend that the `share` of customers with the highest scores bring.

    score, spend (n,). The tie at the border is split evenly among its customers. NaN where
    nothing was spent.
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
    """The AUC of customers in groups; score, events and non-events of each group are (..., g)."""
    wins = (score[..., :, None] > score[..., None, :]) * 1.0
    wins += 0.5 * (score[..., :, None] == score[..., None, :])
    won = np.einsum("...i,...ij,...j->...", n_events, wins, n_others)
    pairs = n_events.sum(axis=-1) * n_others.sum(axis=-1)
    return np.where(pairs > 0, won / np.maximum(pairs, 1), np.nan)


def grouped_top_spend_share(
    score: np.ndarray, n: np.ndarray, spend: np.ndarray, share: float = TOP_SHARE
) -> np.ndarray:
    """The top_spend_share of customers in groups; score, size and spend of each are (..., g)."""
    before = ((score[..., None, :] > score[..., :, None]) * n[..., None, :]).sum(axis=-1)
    tied = ((score[..., None, :] == score[..., :, None]) * n[..., None, :]).sum(axis=-1)
    wanted = share * n.sum(axis=-1, keepdims=True)
    taken = np.clip((wanted - before) / np.maximum(tied, 1), 0, 1)
    total = spend.sum(axis=-1)
    brought = (taken * spend).sum(axis=-1)
    return np.where(total > 0, brought / np.where(total > 0, total, 1), np.nan)


def drawn_halves(n: int, repeats: int, seed) -> np.ndarray:
    """(repeats, n) of 0.0 and 1.0: n customers split in two halves, over and over."""
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(n) % 2 for _ in range(repeats)], dtype=float)


def two_fold(
    group: np.ndarray, ordered: np.ndarray, spend: np.ndarray, halves: np.ndarray
) -> tuple[float, float]:
    """AUC and top-fifth share of spend of groups, each half scored by what the other half did.

    group (n,) of 0..g-1, ordered (n,) of 0/1, spend (n,), halves of drawn_halves. Each is the mean
    over repeats and halves; a group without members in the learning half gets the rate of all.
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


def group_rates(n: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Mean of each group (..., g), from sizes and totals; that of all where a group is empty."""
    everyone = total.sum(axis=-1, keepdims=True) / np.maximum(n.sum(axis=-1, keepdims=True), 1)
    return np.where(n > 0, total / np.maximum(n, 1), everyone)
