"""Metrics of held-out predictions with bootstrap intervals.

SQL computes the metrics too (macro prediction_metrics); what it takes from here are the intervals.
A draw takes customers, not rows, so that one who is held out at two cutoffs is drawn as a whole.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from gift_shop.forecasting import predictions
from gift_shop.rounding import figures
from gift_shop.tables import NUMBER, TEXT, WHOLE, stacked

DRAWS = 200
MOST_CELLS = 5_000_000  # draws x rows that are weighed at once: 40 MB, and a few copies of it
SEED = 20111210
LEAST_PROBABILITY = 1e-15  # log(0) has no value; SQL uses the same
TOP_SHARE = 0.2
CONFIDENCE = (2.5, 97.5)  # percent
# which rows a metric's suffix stands for
SUFFIXES = {
    "": (predictions.TEST, predictions.TEST_UNSEEN),
    "_test_unseen": (predictions.TEST_UNSEEN,),
    "_validation": (predictions.VALIDATION,),
}
# candidates that are held out on the same customers and compared: the first less the second
PAIRED = {"customer_segments": ("clusters", "rfm_groups")}
DIFFERENCE = "_difference"

TABLE = {
    "model": TEXT, "candidate": TEXT, "metric": TEXT, "value": NUMBER, "ci_low": NUMBER,
    "ci_high": NUMBER, "n": WHOLE, "decile": WHOLE, "predicted": NUMBER, "actual": NUMBER,
}  # fmt: skip


class Rows(NamedTuple):
    """n held-out rows of one candidate by cutoff and customer, each field (n,).

    Arrays: to cut a frame of texts into parts takes longer than its metrics.
    """

    split: np.ndarray
    cutoff: np.ndarray
    customer: np.ndarray  # numbered in the order of the ids
    is_class: np.ndarray  # a class was observed
    is_event: np.ndarray  # namely yes or no
    happened: np.ndarray  # yes
    probability: np.ndarray
    of_actual: np.ndarray
    place: np.ndarray
    of_top3: np.ndarray
    predicted: np.ndarray
    actual: np.ndarray

    @property
    def n(self) -> int:
        return len(self.customer)

    def of(self, rows: np.ndarray) -> "Rows":
        return Rows(*(field[rows] for field in self))


Candidates = list[tuple[str, str, Rows]]  # model, candidate and its rows
# model, candidate, metric and suffix: (1 + DRAWS,) values, and the held-out rows
Drawn = dict[tuple[str, str, str, str], tuple[np.ndarray, int]]


def table(candidates: Iterable[pd.DataFrame]) -> pa.Table:
    """Parts 'metric' and 'calibration', as below, for a dbt Python model.

    Parameters
    ----------
    candidates : iterable of DataFrame
        The held-out rows of one candidate after the other, as all of a large shop at once are
        millions of texts.
    """
    drawn: Drawn = {}
    calibrations = [pd.DataFrame()]
    for holdout in candidates:
        held_out = _by_candidate(holdout)
        drawn |= _drawn(held_out)
        calibrations.append(_calibration_of(held_out))
    parts = {"metric": _intervals(drawn), "calibration": pd.concat(calibrations)}
    return stacked(parts, TABLE)


def metrics(holdout: pd.DataFrame) -> pd.DataFrame:
    """Value and 95% interval of every metric of every candidate.

    Parameters
    ----------
    holdout : DataFrame
        See gift_shop/forecasting/predictions.py; of each model all candidates or some.

    Returns
    -------
    DataFrame
        model, candidate, metric, value, ci_low, ci_high, n (held-out rows), one row for each metric
        that has a value; metrics at several validation cutoffs are means over them. Of the models
        of PAIRED also the difference in each metric, on the same draws of customers.
    """
    return _intervals(_drawn(_by_candidate(holdout)))


def _drawn(candidates: Candidates) -> Drawn:
    """Every metric of the candidates that has a value."""
    found = {}
    for model, candidate, held_out in candidates:
        for suffix, split in SUFFIXES.items():
            part = held_out.of(np.isin(held_out.split, split))
            if part.n == 0:
                continue
            for metric, values in _metrics(part, by_cutoff=suffix == "_validation").items():
                if np.isfinite(values[0]):
                    found[model, candidate, metric, suffix] = values, part.n
    return found


def _differences(drawn: Drawn) -> Drawn:
    """By how much the one candidate of a pair has more of each metric that both have."""
    found = {}
    for (model, candidate, metric, suffix), (values, n) in drawn.items():
        one, other = PAIRED.get(model, ("", ""))
        theirs = drawn.get((model, other, metric, suffix))
        if candidate == one and theirs:
            found[model, candidate, metric + DIFFERENCE, suffix] = values - theirs[0], n
    return found


def _intervals(drawn: Drawn) -> pd.DataFrame:
    rows = []
    for (model, candidate, metric, suffix), (values, n) in (drawn | _differences(drawn)).items():
        low, high = np.nanpercentile(values[1:], CONFIDENCE)
        if (
            metric == "total_error"
        ):  # folded at zero: all draws may lie above a total that was right
            low = min(low, values[0])
        rows.append((model, candidate, metric + suffix, *figures([values[0], low, high]), n))
    columns = ["model", "candidate", "metric", "value", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def calibration(holdout: pd.DataFrame) -> pd.DataFrame:
    """Predicted beside observed, by tenth of what was predicted, with a 95% interval.

    Of an event its probability, of classes that of the class predicted, of spend the amount.

    Returns
    -------
    DataFrame
        model, candidate, decile (1 = lowest), n, predicted, actual, ci_low, ci_high over the test
        rows. Equal forecasts share a decile, so a constant one has a single row.
    """
    return _calibration_of(_by_candidate(holdout))


def _calibration_of(candidates: Candidates) -> pd.DataFrame:
    rows = []
    for model, candidate, held_out in candidates:
        part = held_out.of(np.isin(held_out.split, SUFFIXES[""]))
        predicted, observed = _predicted_and_observed(part)
        if part.n == 0 or np.isnan(predicted).any():
            continue
        weights = np.vstack(list(draws_of(part.customer)))
        rank = pd.Series(predicted).rank(method="min").to_numpy()
        decile = 1 + (rank - 1) * 10 // len(predicted)
        for tenth in np.unique(decile).astype(int):
            here = decile == tenth
            drawn = weights[:, here]
            size = drawn.sum(axis=1)
            means = drawn[size > 0] @ observed[here] / size[size > 0]
            values = [predicted[here].mean(), means[0], *np.percentile(means[1:], CONFIDENCE)]
            rows.append((model, candidate, tenth, here.sum(), *figures(values)))
    columns = ["model", "candidate", "decile", "n", "predicted", "actual", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def draws_of(customer: np.ndarray) -> Iterator[np.ndarray]:
    """How often each row's customer was drawn; rows of one customer are drawn together.

    Parameters
    ----------
    customer : ndarray of shape (n,)
        Whose the rows are.

    Yields
    ------
    ndarray of shape (d, n)
        Some of 1 + DRAWS draws at a time, of which the first has everybody once.
    """
    customers, position = np.unique(customer, return_inverse=True)
    draws = _draws(len(customers))
    at_once = max(1, MOST_CELLS // len(customer))
    for start in range(0, len(draws), at_once):
        yield draws[start : start + at_once, position].astype(float)


def auc(weights: np.ndarray, score: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each draw.

    It is the chance that one with the event scores higher than one without, ties counting half
    (Mann & Whitney 1947; Hanley & McNeil, Radiology 143, 1982).

    Parameters
    ----------
    weights : ndarray of shape (d, n)
        How often each of n rows was drawn, in each of d draws.
    score : ndarray of shape (n,)
        Higher where the event is held likelier; its unit does not matter.
    event : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    ndarray of shape (d,)
        0..1; NaN of a draw without an event, or of events alone.
    """
    others = np.flatnonzero(event == 0)
    others = others[np.argsort(score[others], kind="stable")]
    had, rivals = score[event == 1], score[others]
    events, others = weights[:, event == 1], np.take(weights, others, axis=1)
    lower = np.pad(np.cumsum(others, axis=1), ((0, 0), (1, 0)))  # drawn among the first so many
    beaten = (
        lower[:, np.searchsorted(rivals, had)] + lower[:, np.searchsorted(rivals, had, "right")]
    )
    return _divided((events * beaten).sum(axis=1) / 2, events.sum(axis=1) * others.sum(axis=1))


def top_share(weights: np.ndarray, predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Share of all actual spend that the fifth with the highest predictions brings.

    The tie at the border is split evenly, so that no order of customers decides.

    Parameters
    ----------
    weights : ndarray of shape (d, n)
        As in auc.
    predicted : ndarray of shape (n,)
        Whatever orders the rows: an amount or a rank.
    actual : ndarray of shape (n,)
        Spend, in the file's currency.

    Returns
    -------
    ndarray of shape (d,)
        NaN of a draw whose spend adds up to 0 or less.
    """
    order = np.argsort(-predicted, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(predicted[order]) < 0])
    size = np.take(weights, order, axis=1)
    spend = size * actual[order]
    if len(starts) < len(order):
        size, spend = (np.add.reduceat(values, starts, axis=1) for values in (size, spend))
    left = TOP_SHARE * size.sum(axis=1, keepdims=True) - (np.cumsum(size, axis=1) - size)
    taken = np.clip(left / np.maximum(size, 1), 0, 1)
    return _divided((taken * spend).sum(axis=1), spend.sum(axis=1))


def _metrics(part: Rows, by_cutoff: bool) -> dict[str, np.ndarray]:
    """(1 + DRAWS,) of each metric: its value, then one for each draw."""
    found = [_of_draws(part, by_cutoff, weights) for weights in draws_of(part.customer)]
    return {metric: np.concatenate([values[metric] for values in found]) for metric in found[0]}


def _of_draws(part: Rows, by_cutoff: bool, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(d,) of each metric, one for each of the draws whose weights (d, n) these are."""
    if not by_cutoff:
        return _of_rows(part, weights)
    days = [part.cutoff == day for day in np.unique(part.cutoff)]
    each = [_of_rows(part.of(day), weights[:, day]) for day in days]
    return {metric: np.mean([values[metric] for values in each], axis=0) for metric in each[0]}


def _of_rows(rows: Rows, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(d,) of each metric that fits the rows: of an event or of classes, of an amount."""
    found: dict[str, np.ndarray] = {}
    if rows.is_class.all():
        found |= _of_class(rows, weights)
    if not np.isnan(rows.of_top3).any():
        found["top3_spend_share"] = _divided(weights @ rows.of_top3, weights.sum(axis=1))
    if not np.isnan(rows.predicted + rows.actual).any():
        found["top20_spend_share"] = top_share(weights, rows.predicted, rows.actual)
        if not rows.is_class.any():  # else the amount may be a rank
            found["total_ratio"] = _divided(weights @ rows.predicted, weights @ rows.actual)
            found["total_error"] = np.abs(found["total_ratio"] - 1)
    return found


def _of_class(rows: Rows, weights: np.ndarray) -> dict[str, np.ndarray]:
    found = {}
    size = weights.sum(axis=1)
    if not np.isnan(rows.of_actual).any():
        losses = -np.log(np.maximum(rows.of_actual, LEAST_PROBABILITY))
        found["log_loss"] = _divided(weights @ losses, size)
    if rows.is_event.all():
        probability, happened = _predicted_and_observed(rows)
        score = np.where(np.isnan(probability), rows.predicted, probability)
        return found | {"auc": auc(weights, score, happened)}
    found["accuracy"] = _divided(weights @ (rows.place == 1), size)
    if not np.isnan(rows.place).any():
        found["top3_accuracy"] = _divided(weights @ (rows.place <= 3), size)
    return found


def _predicted_and_observed(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """(n,) predicted, NaN where nothing was, and (n,) observed."""
    if not rows.is_class.any():
        return rows.predicted, rows.actual
    observed = rows.happened if rows.is_event.all() else rows.place == 1
    return rows.probability, observed.astype(float)


def _by_candidate(holdout: pd.DataFrame) -> Candidates:
    """Model, candidate and rows of each candidate, by model and candidate."""
    return [
        (model, candidate, _rows(rows))
        for (model, candidate), rows in holdout.groupby(["model", "candidate"], sort=True)
    ]


def _rows(held_out: pd.DataFrame) -> Rows:
    customer = pd.factorize(held_out["customer_id"], sort=True)[0]
    cutoff = pd.to_datetime(held_out["cutoff_date"]).to_numpy()
    actual_class = held_out["actual_class"]
    numbers = (
        held_out[name].to_numpy(float)
        for name in ("probability", "probability_of_actual", "rank_of_actual", "top3_spend_share",
                     "predicted_value", "actual_value")
    )  # fmt: skip
    rows = Rows(
        held_out["split"].to_numpy(object),
        cutoff,
        customer,
        actual_class.notna().to_numpy(),
        actual_class.isin(["0", "1"]).to_numpy(),
        (actual_class == "1").to_numpy(bool),
        *numbers,
    )
    return rows.of(np.lexsort((customer, cutoff)))


@functools.lru_cache(maxsize=8)
def _draws(n: int) -> np.ndarray:
    """(1 + DRAWS, n): once each, then how often each of n was drawn; candidates share them."""
    rng = np.random.default_rng(SEED)
    drawn = np.ones((1 + DRAWS, n), np.uint8)  # nobody is drawn 256 times
    for draw in drawn[1:]:
        draw[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    return drawn


def _divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
