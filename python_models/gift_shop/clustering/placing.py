"""Where a customer lies in the space of the clusters, by stored parameters and without scikit-learn."""

import numpy as np

from gift_shop.rounding import settled


def placed(
    values: np.ndarray, lambdas: np.ndarray, mean: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Recency, frequency and monetary in the transformed space: a power, then a standard scale.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        0 or more.
    lambdas, mean, scale : ndarray of shape (d,)
        Of each axis.

    Returns
    -------
    ndarray of shape (n, d)
        Without unit.
    """
    return settled((yeo_johnson(values, lambdas) - mean) / scale)


def yeo_johnson(values: np.ndarray, lambdas: np.ndarray) -> np.ndarray:
    """((1 + x)^lambda - 1) / lambda, ln(1 + x) where lambda is 0 (Yeo & Johnson 2000, for x >= 0).

    In the words of macro yeo_johnson, rather than scipy's yeojohnson, which goes by expm1.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        0 or more.
    lambdas : ndarray of shape (d,)

    Returns
    -------
    ndarray of shape (n, d)
    """
    powers = np.where(lambdas == 0, 1.0, lambdas)
    return np.where(lambdas == 0, np.log(1 + values), (np.power(1 + values, powers) - 1) / powers)
