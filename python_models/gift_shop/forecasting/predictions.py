"""The small frames that every forecaster returns (its output, gift_shop/forecasting/protocol.py).

- holdout: one row per model, candidate, cutoff date and customer: what was predicted and observed.
- serving: one row per model, candidate, customer and each of the three likeliest classes: what is
  predicted today.
- coefficients: one row per model, candidate and feature: what SQL scores customers with.
- parameters: one row per model, candidate and number that today's predictions are worked out from,
  so that predict.py works out one more; class_key and feature are 'all' where they do not matter.
- notes: one row per finding that is no prediction: which candidate could not be tried and why
  (metric 'not_tried'), how many customers cannot be scored (metric 'customers_not_scored').
- candidates: one row per model and candidate: its role, whether it is a baseline, is trained.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gift_shop import timeline
from gift_shop.forecasting.chances import SHOWN, ranked
from gift_shop.rounding import figures
from gift_shop.tables import DAY, FLAG, NUMBER, TEXT, WHOLE

# held-out rows have one purpose: a candidate is chosen by them, or tested on them; test_unseen are
# customers whom the choice has not seen while others it has (only the category of interest has these)
VALIDATION, TEST, TEST_UNSEEN = timeline.VALIDATION, timeline.TEST, "test_unseen"

COLUMNS = {
    "holdout": {
        "model": TEXT, "candidate": TEXT, "split": TEXT, "trained_before": DAY,
        "outcome_until": DAY, "cutoff_date": DAY, "customer_id": TEXT,
        "predicted_class": TEXT, "probability": NUMBER, "actual_class": TEXT,
        "probability_of_actual": NUMBER, "rank_of_actual": WHOLE, "top3_spend_share": NUMBER,
        "predicted_value": NUMBER, "actual_value": NUMBER,
    },
    "serving": {
        "model": TEXT, "candidate": TEXT, "customer_id": TEXT,
        "predicted_class": TEXT, "probability": NUMBER, "class_rank": WHOLE,
    },
    "coefficients": {
        "model": TEXT, "candidate": TEXT, "link": TEXT, "feature": TEXT, "mean": NUMBER,
        "scale": NUMBER, "coefficient": NUMBER, "intercept": NUMBER,
    },
    "parameters": {
        "model": TEXT, "candidate": TEXT, "parameter": TEXT, "class_key": TEXT, "feature": TEXT,
        "value": NUMBER,
    },
    "notes": {"model": TEXT, "candidate": TEXT, "metric": TEXT, "value": NUMBER, "note": TEXT},
    "candidates": {
        "model": TEXT, "candidate": TEXT, "role": TEXT, "is_baseline": FLAG, "is_trained": FLAG,
    },
}  # fmt: skip


PARAMETER = list(COLUMNS["parameters"])[1:]  # without the model


def frame(part: str, rows: Iterable[pd.DataFrame | dict]) -> pd.DataFrame:
    """A frame with the columns of its part, in their order.

    Parameters
    ----------
    part : str
        One of COLUMNS.
    rows : iterable of DataFrame or dict
        A dict is one row; other columns are left out, missing ones null.

    Returns
    -------
    DataFrame
        Without rows where there are none.
    """
    frames = [row if isinstance(row, pd.DataFrame) else pd.DataFrame([row]) for row in rows]
    columns = list(COLUMNS[part])
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat([rows.reindex(columns=columns) for rows in frames], ignore_index=True)


def of_event(
    keys: pd.DataFrame, probability: ArrayLike | None, happened: ArrayLike
) -> pd.DataFrame:
    """Held-out rows of a yes-no event.

    Parameters
    ----------
    keys : DataFrame
        n rows of model, candidate, split, dates and customer_id.
    probability : (n,) of 0..1, or None
        Of the event; None for a rank without probabilities.
    happened : (n,) of 0 or 1
    """
    happened = np.asarray(happened).astype(int)
    rows = keys.assign(actual_class=happened.astype(str))
    if probability is None:
        return rows
    of_event = figures(probability)
    of_actual = figures(np.where(happened == 1, of_event, 1 - of_event))
    predicted = (of_event >= 0.5).astype(int)
    return rows.assign(
        predicted_class=predicted.astype(str),
        probability=of_event,
        probability_of_actual=of_actual,
        rank_of_actual=np.where(predicted == happened, 1, 2),
    )


def of_classes(
    keys: pd.DataFrame,
    classes: ArrayLike,
    probabilities: np.ndarray,
    actual: ArrayLike,
    first: ArrayLike | None = None,
    later: np.ndarray | None = None,
) -> pd.DataFrame:
    """Held-out rows of a choice between classes.

    Parameters
    ----------
    keys : DataFrame
        As in of_event.
    classes : (k,) of str
    probabilities : (n, k)
        Rows sum to 1, or are NaN where only a class is predicted.
    actual : (n,) of str
        Of the classes or not; if not, its probability is 0 and its rank k + 1.
    first : (n,) of str, optional
        The class predicted, where a rule predicts it.
    later : (n, k), optional
        How what followed was shared out among the classes: the rows get what the SHOWN first ones hold.
    """
    classes, actual = np.asarray(classes, dtype=object), np.asarray(actual, dtype=object)
    probabilities = figures(probabilities)
    order = ranked(classes, probabilities, first)
    row = np.arange(len(actual))
    is_actual = classes[order] == actual[:, None]
    known = is_actual.any(axis=1)
    place = np.where(known, is_actual.argmax(axis=1), 0)
    probability = probabilities[row, order[:, 0]]
    rank = np.where(known, place + 1.0, len(classes) + 1.0)
    if later is not None:
        held = np.take_along_axis(later, order[:, :SHOWN], axis=1).sum(axis=1)
        keys = keys.assign(top3_spend_share=figures(held))
    return keys.assign(
        predicted_class=classes[order[:, 0]],
        probability=probability,
        actual_class=actual,
        probability_of_actual=np.where(known, probabilities[row, order[row, place]], 0.0),
        # without probabilities the classes after the first stand in no order
        rank_of_actual=np.where(np.isnan(probability) & (rank > 1), np.nan, rank),
    )


def today(
    model: str,
    candidate: str,
    customers: ArrayLike,
    classes: ArrayLike,
    probabilities: np.ndarray,
    first: ArrayLike | None = None,
) -> pd.DataFrame:
    """Serving rows, the best classes first.

    Parameters
    ----------
    model, candidate : str
    customers : array_like of shape (n,)
        Their ids.
    classes, probabilities, first
        As in of_classes.

    Returns
    -------
    DataFrame
        At most SHOWN rows a customer; where no probability is known the first class alone.
    """
    classes, probabilities = np.asarray(classes, dtype=object), figures(probabilities)
    order = ranked(classes, probabilities, first)[:, :SHOWN]
    n, k = order.shape
    rows = pd.DataFrame(
        {
            "model": model,
            "candidate": candidate,
            "customer_id": np.repeat(np.asarray(customers, dtype=object), k),
            "predicted_class": classes[order].ravel(),
            "probability": np.take_along_axis(probabilities, order, axis=1).ravel(),
            "class_rank": np.tile(np.arange(1, k + 1), n),
        }
    )
    return rows[rows["probability"].notna() | (rows["class_rank"] == 1)]
