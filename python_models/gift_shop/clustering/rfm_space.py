"""The space customers are clustered in: recency, frequency, monetary, made symmetric and scaled.

It is a power lambda, a mean and a scale per axis, so that SQL can compute the same numbers. log1p is
Yeo-Johnson with lambda 0.
"""

from typing import Self

import numpy as np
import pandas as pd
from scipy.optimize import fminbound
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from gift_shop.clustering.placing import placed, yeo_johnson
from gift_shop.rounding import SEARCHED, rounded

AXES = ("recency", "frequency", "monetary")
COLUMNS = ["recency_days", "frequency", "monetary"]
TRANSFORMS = ("log1p", "yeo_johnson")
MAX_LAMBDA = 2.0  # a power beyond it flattens one end to nothing that the digits can hold


class RFMTransformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Power, then standard scale of values >= 0, with parameters of so few digits that SQL has the
    same: each is rounded before it is used.

    scikit-learn's PowerTransformer does not round between its steps, and takes ten times as long.

    Parameters
    ----------
    method : {"yeo_johnson", "log1p"}

    Attributes
    ----------
    lambdas_, mean_, scale_ : ndarray of shape (d,)
        z = (yeo_johnson(x, lambda) - mean) / scale. An axis on which all are equal has scale 1, so
        that its z is 0.
    """

    def __init__(self, method: str = "yeo_johnson"):
        self.method = method

    @classmethod
    def of(
        cls, method: str, lambdas: np.ndarray, mean: np.ndarray, scale: np.ndarray
    ) -> "RFMTransformer":
        """A fitted transformer, of parameters that were stored.

        Parameters
        ----------
        method : str
            One of TRANSFORMS.
        lambdas, mean, scale : ndarray of shape (d,)

        Returns
        -------
        RFMTransformer
        """
        transformer = cls(method)
        transformer.n_features_in_ = len(lambdas)
        transformer.lambdas_, transformer.mean_, transformer.scale_ = lambdas, mean, scale
        return transformer

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find the parameters.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            0 or more.
        y : None
            Ignored.

        Returns
        -------
        RFMTransformer
            Itself.

        Raises
        ------
        ValueError
            Of a method that is none of TRANSFORMS, or of values below 0.
        """
        if self.method not in TRANSFORMS:
            raise ValueError(f"method {self.method!r} is none of {', '.join(TRANSFORMS)}")
        X = self._checked(X, reset=True)
        self.lambdas_ = np.zeros(X.shape[1])
        if self.method == "yeo_johnson":
            self.lambdas_ = rounded([best_lambda(column) for column in X.T], SEARCHED)
        scaler = StandardScaler().fit(yeo_johnson(X, self.lambdas_))
        self.mean_, self.scale_ = rounded(scaler.mean_), rounded(scaler.scale_)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """z (n, d) of X (n, d) >= 0, without unit."""
        check_is_fitted(self)
        return placed(self._checked(X, reset=False), self.lambdas_, self.mean_, self.scale_)

    def _checked(self, X: np.ndarray, reset: bool) -> np.ndarray:
        X = validate_data(self, X, dtype=float, reset=reset)
        check_non_negative(X, "RFMTransformer")
        return X

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags


def rfm(snapshot: pd.DataFrame) -> np.ndarray:
    """Recency in days, number of orders and net spend (n, 3) of a snapshot, none below 0.

    Parameters
    ----------
    snapshot : DataFrame
        One row per customer, with COLUMNS.
    """
    return np.maximum(snapshot[COLUMNS].astype(float).to_numpy(), 0.0)


def best_lambda(column: np.ndarray) -> float:
    """Yeo-Johnson's lambda of the largest likelihood (Biometrika 2000), within MAX_LAMBDA.

    scipy's yeojohnson_normmax to the last bit, but without its checks at each step, which take ten
    times as long as the likelihood.

    Parameters
    ----------
    column : ndarray of shape (n,)
        Values >= 0.
    """
    if column.min() == column.max():
        return 1.0
    logs, floats = np.log1p(column), np.finfo(float)
    total = logs.sum()

    def loss(power: float) -> float:
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


def percentiles(values: np.ndarray) -> np.ndarray:
    """(average rank - .5) / n of each customer; higher is better.

    Parameters
    ----------
    values : ndarray of shape (n, 3)
        Recency (days), frequency, monetary.

    Returns
    -------
    ndarray of shape (n, 3)
        Between 0 and 1.
    """
    better = values * np.array([-1.0, 1.0, 1.0])
    return (rankdata(better, axis=0) - 0.5) / len(values)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame sorted by customer_id as text, so that no result depends on how the rows came."""
    return frame.sort_values("customer_id", key=lambda ids: ids.astype(str), ignore_index=True)


def every_nth(n: int, at_most: int) -> np.ndarray:
    """Positions in sorted rows, evenly spread: a sample without chance.

    Parameters
    ----------
    n : int
        Rows.
    at_most : int
        Positions.

    Returns
    -------
    ndarray of shape (min(n, at_most),)
    """
    return np.arange(n) if n <= at_most else np.arange(at_most) * n // at_most
