"""Metrics of held-out predictions with bootstrap intervals.

SQL computes the metrics too (macro prediction_metrics); what it takes from here are the intervals.
A draw takes customers, not rows, so that one who is held out at two cutoffs is drawn as a whole.
"""

import functools
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from . import predictions
from .tables import NUMBER, TEXT, WHOLE, stacked

DRAWS = 200
MOST_CELLS = 5_000_000  # draws x rows that are weighed at once: 40 MB, and a few copies of it
SEED = 20111210
LEAST_PROBABILITY = 1e-15  # log(0) has no value; SQL uses the same
TOP_SHARE = 0.2
CONFIDENCE = (2.5, 97.5)  # percent
# which rows a metric's suffix stands for
SUFFIXES = {
    "": (predictions.REPORTING, predictions.UNTOUCHED),
    "_untouched": (predictions.UNTOUCHED,),
    "_choosing": (predictions.CHOOSING,),
}


TABLE = {
    "model": TEXT, "candidate": TEXT, "metric": TEXT, "value": NUMBER, "ci_low": NUMBER,
    "ci_high": NUMBER, "n": WHOLE, "decile": WHOLE, "predicted": NUMBER, "actual": NUMBER,
}  # fmt: skip


def table(candidates: Iterable[pd.DataFrame]):
    """Parts 'metric' and 'calibration', as below, for a dbt Python model.

    candidates: the held-out rows of one candidate after the other, as all of a large shop at once
    are millions of texts.
    """
    parts = {"metric": [pd.DataFrame()], "calibration": [pd.DataFrame()]}
    for holdout in candidates:
        parts["metric"].append(metrics(holdout))
        parts["calibration"].append(calibration(holdout))
    return stacked({part: pd.concat(frames) for part, frames in parts.items()}, TABLE)


def metrics(holdout: pd.DataFrame) -> pd.DataFrame:
    """Value and 95% interval of every metric of every candidate.

    holdout: see segmentation/predictions.py; of each model it may hold all candidates or some.
    Returns model, candidate, metric, value, ci_low, ci_high, n (held-out rows), one row for each
    metric that has a value; metrics at several choosing cutoffs are means over them.
    """
    rows = []
    for (model, candidate), told in _sorted(holdout).groupby(["model", "candidate"], sort=True):
        for suffix, used_for in SUFFIXES.items():
            part = told[told["used_for"].isin(used_for)]
            if len(part) == 0:
                continue
            by_cutoff = suffix == "_choosing"
            for metric, values in _metrics(part, by_cutoff).items():
                if np.isfinite(values[0]):
                    low, high = np.nanpercentile(values[1:], CONFIDENCE)
                    row = (model, candidate, metric + suffix, values[0], low, high, len(part))
                    rows.append(row)
    columns = ["model", "candidate", "metric", "value", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def calibration(holdout: pd.DataFrame) -> pd.DataFrame:
    """What was said beside what came true, by tenth of what was said, with a 95% interval.

    Of an event its probability, of classes that of the class that was said, of spend the amount.
    Returns model, candidate, decile (1 = lowest), n, predicted, actual, ci_low, ci_high over the
    reporting rows. Equal forecasts share a decile, so a constant one has a single row.
    """
    rows = []
    reported = holdout[holdout["used_for"].isin(SUFFIXES[""])]
    for (model, candidate), told in _sorted(reported).groupby(["model", "candidate"], sort=True):
        said, true = _said_and_true(told)
        if np.isnan(said).any():
            continue
        weights = np.vstack(list(_weights(told)))
        decile = 1 + (pd.Series(said).rank(method="min").to_numpy() - 1) * 10 // len(said)
        for tenth in np.unique(decile).astype(int):
            here = decile == tenth
            drawn = weights[:, here]
            size = drawn.sum(axis=1)
            means = drawn[size > 0] @ true[here] / size[size > 0]
            row = (tenth, here.sum(), said[here].mean(), means[0])
            rows.append((model, candidate, *row, *np.percentile(means[1:], CONFIDENCE)))
    columns = ["model", "candidate", "decile", "n", "predicted", "actual", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def auc(weights: np.ndarray, score: np.ndarray, event: np.ndarray) -> np.ndarray:
    """(d,) chance that one with the event scores higher than one without, ties counting half.

    weights (d, n): how often each of n rows was drawn, in each of d draws.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) > 0])  # one for each distinct score
    drawn, event = weights[:, order], event[order]
    events = np.add.reduceat(drawn * event, starts, axis=1)
    others = np.add.reduceat(drawn * (1 - event), starts, axis=1)
    beaten = np.cumsum(others, axis=1) - others / 2
    return _divided((events * beaten).sum(axis=1), events.sum(axis=1) * others.sum(axis=1))


def top_share(weights: np.ndarray, predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """(d,) share of all actual spend that the fifth with the highest predictions brings.

    The tie at the border is split evenly, so that no order of customers decides. weights as in auc.
    """
    order = np.argsort(-predicted, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(predicted[order]) < 0])
    drawn = weights[:, order]
    size = np.add.reduceat(drawn, starts, axis=1)
    spend = np.add.reduceat(drawn * actual[order], starts, axis=1)
    left = TOP_SHARE * size.sum(axis=1, keepdims=True) - (np.cumsum(size, axis=1) - size)
    taken = np.clip(left / np.maximum(size, 1), 0, 1)
    return _divided((taken * spend).sum(axis=1), spend.sum(axis=1))


def _metrics(part: pd.DataFrame, by_cutoff: bool) -> dict[str, np.ndarray]:
    """(1 + DRAWS,) of each metric: its value, then one for each draw."""
    found = [_of_draws(part, by_cutoff, weights) for weights in _weights(part)]
    return {metric: np.concatenate([values[metric] for values in found]) for metric in found[0]}


def _of_draws(part: pd.DataFrame, by_cutoff: bool, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(d,) of each metric, one for each of the draws whose weights (d, n) these are."""
    if not by_cutoff:
        return _of_rows(part, weights)
    cutoffs = part["cutoff_date"].to_numpy()
    each = [
        _of_rows(part[cutoffs == day], weights[:, cutoffs == day]) for day in np.unique(cutoffs)
    ]
    return {metric: np.mean([values[metric] for values in each], axis=0) for metric in each[0]}


def _of_rows(rows: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(d,) of each metric that fits the rows: of an event or of classes, of an amount."""
    found = {}
    if rows["actual_class"].notna().all():
        found |= _of_class(rows, weights)
    predicted, actual = (rows[name].to_numpy(float) for name in ("predicted_value", "actual_value"))
    if not np.isnan(predicted + actual).any():
        found["top20_spend_share"] = top_share(weights, predicted, actual)
        if rows["actual_class"].isna().all():  # else the amount may be a rank
            found["total_ratio"] = _divided(weights @ predicted, weights @ actual)
    return found


def _of_class(rows: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    found = {}
    size = weights.sum(axis=1)
    of_actual = rows["probability_of_actual"].to_numpy(float)
    if not np.isnan(of_actual).any():
        losses = -np.log(np.maximum(of_actual, LEAST_PROBABILITY))
        found["log_loss"] = _divided(weights @ losses, size)
    if _is_event(rows):
        said, happened = _said_and_true(rows)
        score = np.where(np.isnan(said), rows["predicted_value"].to_numpy(float), said)
        return found | {"auc": auc(weights, score, happened)}
    place = rows["rank_of_actual"].to_numpy(float)
    found["accuracy"] = _divided(weights @ (place == 1), size)
    if not np.isnan(place).any():
        found["top3_accuracy"] = _divided(weights @ (place <= 3), size)
    return found


def _said_and_true(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(n,) what was said, NaN where nothing was, and (n,) what came true."""
    if rows["actual_class"].isna().all():
        return rows["predicted_value"].to_numpy(float), rows["actual_value"].to_numpy(float)
    if _is_event(rows):
        true = (rows["actual_class"] == "1").to_numpy(float)
    else:
        true = (rows["rank_of_actual"] == 1).to_numpy(float)
    return rows["probability"].to_numpy(float), true


def _is_event(rows: pd.DataFrame) -> bool:
    return bool(rows["actual_class"].isin(["0", "1"]).all())


def _sorted(holdout: pd.DataFrame) -> pd.DataFrame:
    return holdout.sort_values(["model", "candidate", "cutoff_date", "customer_id"])


def _weights(rows: pd.DataFrame) -> Iterator[np.ndarray]:
    """(1 + DRAWS, n): once each, then how often each row's customer was drawn; some draws at a time."""
    position, customers = pd.factorize(rows["customer_id"], sort=True)
    draws = _draws(len(customers))
    at_once = max(1, MOST_CELLS // len(rows))
    for start in range(0, len(draws), at_once):
        yield draws[start : start + at_once, position].astype(float)


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
