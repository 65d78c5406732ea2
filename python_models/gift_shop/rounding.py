"""How numbers are rounded, by five rules; macros/numbers/rounding.sql has the same in SQL.

The last bits of a sum, a logarithm or a power differ between processors, so each number is rounded
where it is computed.
"""

from typing import Any

import numpy as np

DIGITS = 8  # significant digits of every parameter that is stored
SEARCHED = 4  # of what a search has found: on a flat loss last bits decide where it stops


def rounded(values: Any, digits: int = DIGITS) -> np.ndarray:
    """Parameters to significant digits: what is stored is what is scored with, here and in SQL.

    Parameters
    ----------
    values : array_like
    digits : int

    Returns
    -------
    ndarray
        Of float, of the shape of the values.
    """
    values = np.asarray(values, dtype=float)
    numbers = (float(f"{value:.{digits}g}") for value in values.ravel())
    return np.fromiter(numbers, float, values.size).reshape(values.shape)


def settled(values: Any) -> Any:
    """To 8 decimals what is compared or clustered: there the last bit could decide a label."""
    return np.round(values, 8)


def log1p(values: Any) -> Any:
    """ln(1 + x) as models read it, to 9 decimals."""
    return np.round(np.log1p(values), 9)


def figures(values: Any) -> Any:
    """To 6 decimals what is published: probabilities, shares, distances, metrics."""
    return np.round(values, 6) + 0.0  # + 0.0 makes 0 of -0


def money(values: Any) -> Any:
    """Forecasts of money to 2 decimals."""
    return np.round(values, 2) + 0.0
