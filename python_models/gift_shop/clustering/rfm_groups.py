"""The usual eleven RFM groups: scores 1-5 of recency, frequency and monetary, and a name per cell.

The same definition as macro score_1_to_5 and seed rfm_groups; here for the baseline that the
clusters must beat.
"""

import numpy as np
import pandas as pd
from scipy.stats import rankdata


def scores(values: np.ndarray) -> np.ndarray:
    """Scores of 1 to 5; 5 is best, equals score equally.

    Parameters
    ----------
    values : ndarray of shape (n, 3)
        Recency (days), frequency, monetary.

    Returns
    -------
    ndarray of shape (n, 3)
        3 in a column whose values are all equal.
    """
    better = values * np.array([-1.0, 1.0, 1.0])
    rank = rankdata(better, method="min", axis=0).astype(np.int64)
    score = np.minimum(5, 1 + 5 * (rank - 1) // max(len(values) - 1, 1))
    return np.where(better.min(axis=0) == better.max(axis=0), 3, score)


def cells(rfm_groups: pd.DataFrame) -> np.ndarray:
    """Which row of the seed covers each cell of scores.

    Parameters
    ----------
    rfm_groups : DataFrame
        Seed rfm_groups.

    Returns
    -------
    ndarray of shape (5, 5, 5)
        Row number at [recency score - 1, frequency score - 1, monetary score - 1].

    Raises
    ------
    ValueError
        Where a cell is covered twice or not at all.
    """
    covers = np.zeros((5, 5, 5), dtype=int)
    row_of = np.zeros((5, 5, 5), dtype=np.intp)
    for number, row in enumerate(rfm_groups.to_dict("records")):
        box = tuple(slice(int(row[f"{a}_from"]) - 1, int(row[f"{a}_to"])) for a in "rfm")
        covers[box] += 1
        row_of[box] = number
    if (covers != 1).any():
        r, f, m = np.argwhere(covers != 1)[0] + 1
        raise ValueError(
            f"seed rfm_groups covers cell {r}{f}{m} {covers[r - 1, f - 1, m - 1]} times, not once"
        )
    return row_of


def group_names(values: np.ndarray, rfm_groups: pd.DataFrame) -> np.ndarray:
    """The RFM group of each customer.

    Parameters
    ----------
    values : ndarray of shape (n, 3)
        Recency (days), frequency, monetary.
    rfm_groups : DataFrame
        Seed rfm_groups.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    ValueError
        Where the seed covers a cell twice or not at all.
    """
    r, f, m = (scores(values) - 1).T
    return rfm_groups["rfm_group"].to_numpy(dtype=object)[cells(rfm_groups)[r, f, m]]
