"""The space customers are clustered in: recency, frequency, monetary, made symmetric and scaled.

A space is a power lambda, a mean and a scale per axis, so that SQL can compute the same numbers:
z = (yeo_johnson(x, lambda) - mean) / scale. log1p is Yeo-Johnson with lambda 0.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import fminbound
from scipy.stats import rankdata

from gift_shop.tables import SEARCHED, rounded, settled

AXES = ("recency", "frequency", "monetary")
COLUMNS = ["recency_days", "frequency", "monetary"]
TRANSFORMS = ("log1p", "yeo_johnson")
MAX_LAMBDA = 2.0  # a power beyond it flattens one end to nothing that the digits can hold


@dataclass(frozen=True)
class Space:
    """Transform of one kind; lambdas, mean and scale are (3,) in the order of AXES."""

    kind: str
    lambdas: np.ndarray
    mean: np.ndarray
    scale: np.ndarray


def rfm(snapshot: pd.DataFrame) -> np.ndarray:
    """(n, 3) floats of recency in days, number of orders and net spend, none below 0."""
    return np.maximum(snapshot[COLUMNS].astype(float).to_numpy(), 0.0)


def fit_space(values: np.ndarray, kind: str) -> Space:
    """Space of (n, 3) values >= 0; Yeo-Johnson's lambda by maximum likelihood (Biometrika 2000).

    An axis on which all are equal has scale 1, so that its z is 0.
    """
    if kind not in TRANSFORMS:
        raise ValueError(f"transform {kind!r} is none of {', '.join(TRANSFORMS)}")
    lambdas = np.zeros(3)
    if kind == "yeo_johnson":
        lambdas = rounded([best_lambda(column) for column in values.T], SEARCHED)
    powered = yeo_johnson(values, lambdas)
    spread = powered.std(axis=0)
    scale = np.where(spread > 1e-9 * np.maximum(1, np.abs(powered).max(axis=0)), spread, 1.0)
    return Space(kind, lambdas, rounded(powered.mean(axis=0)), rounded(scale))


def best_lambda(column: np.ndarray) -> float:
    """scipy's yeojohnson_normmax to the last bit, for values >= 0, without its checks at each step:
    they take ten times as long as the likelihood.
    """
    if column.min() == column.max():
        return 1.0
    logs, floats = np.log1p(column), np.finfo(float)
    total = logs.sum()

    def loss(power):
        powered = logs if abs(power) < floats.eps else np.expm1(power * logs) / power
        variance = powered.var()
        if variance < floats.tiny:
            return np.inf
        return len(logs) / 2 * np.log(variance) - (power - 1) * total

    # powers that neither overflow nor vanish at twenty times the largest value
    low, high = np.log(floats.tiny / floats.eps), np.log(floats.max * floats.eps)
    reach = 2 * np.log1p(20 * column.max())
    with np.errstate(invalid="ignore"):
        best = fminbound(loss, low / reach, high / reach, xtol=1.48e-8)
    return float(np.clip(best, -MAX_LAMBDA, MAX_LAMBDA))


def yeo_johnson(values: np.ndarray, lambdas: np.ndarray) -> np.ndarray:
    """((1 + x)^lambda - 1) / lambda for x >= 0, ln(1 + x) where lambda is 0; (n, 3)."""
    powers = np.where(lambdas == 0, 1.0, lambdas)
    return np.where(lambdas == 0, np.log(1 + values), (np.power(1 + values, powers) - 1) / powers)


def to_space(space: Space, values: np.ndarray) -> np.ndarray:
    """(n, 3) values of recency, frequency, monetary -> (n, 3) z."""
    return settled((yeo_johnson(values, space.lambdas) - space.mean) / space.scale)


def percentiles(values: np.ndarray) -> np.ndarray:
    """(n, 3) of 0..1, (average rank - .5) / n, higher is better: more recent, more orders, more."""
    better = values * np.array([-1.0, 1.0, 1.0])
    return (rankdata(better, axis=0) - 0.5) / len(values)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sorted by customer_id as text, so that no result depends on how the rows came."""
    return frame.sort_values("customer_id", key=lambda ids: ids.astype(str), ignore_index=True)


def every_nth(n: int, at_most: int) -> np.ndarray:
    """Positions of at most `at_most` of n sorted rows, evenly spread: a sample without chance."""
    return np.arange(n) if n <= at_most else np.arange(at_most) * n // at_most
