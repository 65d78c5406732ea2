"""The small frames that every learner returns, and the one table they travel to SQL in.

- holdout: one row per model, candidate, cutoff date and customer: what was said, what came true.
- serving: one row per model, candidate, customer and each of the three likeliest classes: what is
  said today.
- coefficients: one row per model, candidate and feature: what SQL scores customers with.
- notes: one row per finding that is no prediction: which candidate could not be tried and why
  (metric 'not_tried'), how many customers cannot be scored (metric 'customers_not_scored').
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from gift_shop import timeline
from gift_shop.tables import DAY, NUMBER, TEXT, WHOLE, figures, stacked

# held-out rows serve one purpose: choosing a candidate, reporting on it, or reporting on customers
# whom the choice has not seen although the others it has (only the category of interest has these)
VALIDATION, TEST, TEST_UNSEEN = timeline.VALIDATION, timeline.TEST, "test_unseen"
SHOWN = 3  # classes a customer is shown; a large shop has millions of rows of the rest

COLUMNS = {
    "holdout": {
        "model": TEXT, "candidate": TEXT, "split": TEXT, "cutoff_date": DAY,
        "trained_before": DAY, "outcome_until": DAY, "customer_id": TEXT,
        "predicted_class": TEXT, "probability": NUMBER, "actual_class": TEXT,
        "probability_of_actual": NUMBER, "rank_of_actual": WHOLE,
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
    "notes": {"model": TEXT, "candidate": TEXT, "metric": TEXT, "value": NUMBER, "note": TEXT},
}  # fmt: skip


def with_floor(probabilities: np.ndarray, floor: float) -> np.ndarray:
    """(n, k) probabilities of which the share `floor` is spread evenly: nothing is impossible."""
    return (1 - floor) * probabilities + floor / probabilities.shape[1]


def frame(kind: str, rows) -> pd.DataFrame:
    """A frame with the columns of its kind, in their order, from frames or dicts; may be empty."""
    parts = [row if isinstance(row, pd.DataFrame) else pd.DataFrame([row]) for row in rows]
    columns = list(COLUMNS[kind])
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)


def of_event(keys: pd.DataFrame, probability, happened) -> pd.DataFrame:
    """Held-out rows of a yes-no event.

    keys: (n) rows of model, candidate, split, dates, customer_id; probability (n,) 0..1 of the
    event, or None for a rank without probabilities; happened (n,) of 0/1.
    """
    happened = np.asarray(happened).astype(int)
    rows = keys.assign(actual_class=happened.astype(str))
    if probability is None:
        return rows
    probability = figures(probability)
    of_actual = figures(np.where(happened == 1, probability, 1 - probability))
    said_yes = (probability >= 0.5).astype(int)
    return rows.assign(
        predicted_class=said_yes.astype(str),
        probability=probability,
        probability_of_actual=of_actual,
        rank_of_actual=np.where(said_yes == happened, 1, 2),
    )


def of_classes(keys: pd.DataFrame, classes, probabilities, actual, first=None) -> pd.DataFrame:
    """Held-out rows of a choice between classes.

    keys: as in of_event; classes (k,) names; probabilities (n, k), rows sum to 1 or are NaN where
    only a class is said; actual (n,) names, of the classes or not (then the probability of the
    actual is 0 and its rank k + 1); first (n,): the class that is said, where a rule says it.
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
    return keys.assign(
        predicted_class=classes[order[:, 0]],
        probability=probability,
        actual_class=actual,
        probability_of_actual=np.where(known, probabilities[row, order[row, place]], 0.0),
        # without probabilities the classes after the first stand in no order
        rank_of_actual=np.where(np.isnan(probability) & (rank > 1), np.nan, rank),
    )


def today(model, candidate, customers, classes, probabilities, first=None) -> pd.DataFrame:
    """Serving rows of n customers, the best of k classes first; arguments as in of_classes."""
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


def ranked(classes: np.ndarray, probabilities: np.ndarray, first=None) -> np.ndarray:
    """(n, k) positions of classes, most probable first, ties in their order; `first` leads."""
    score = -probabilities
    if first is not None:
        score = np.where(classes == np.asarray(first, dtype=object)[:, None], -np.inf, score)
    return np.argsort(score, axis=1, kind="stable")


def not_tried(model: str, candidates, why: str) -> list[dict]:
    """Notes that say why candidates have no figures."""
    return [
        {"model": model, "candidate": candidate, "metric": "not_tried", "note": why}
        for candidate in candidates
    ]


def one_table(frames: dict[str, pd.DataFrame]) -> pa.Table:
    """All frames of a learner under each other, marked by `part`, for a dbt Python model."""
    return stacked(
        frames, {name: kind for kinds in COLUMNS.values() for name, kind in kinds.items()}
    )
