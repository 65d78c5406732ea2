"""Which segment will a new customer be in one horizon from now?

Today's segment of a customer first seen lately is known; what is predicted is the next. Two rules
and the shares of the classes stand beside three classifiers. The segments of a forecast are those
of the centroids fitted at its own cutoff, before and after: a definition fitted later would let
later customers into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import threadpoolctl
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gift_shop.forecasting import predictions
from gift_shop.forecasting.chances import ALL, CLASS_SHARES, IDLE, TODAY, with_floor
from gift_shop.forecasting.protocol import Candidate, Forecast, not_tried, trained
from gift_shop.rounding import settled
from gift_shop.tables import EXACT, counted
from gift_shop.timeline import Timeline

MODEL = "segment_transition"
FEATURES = [
    "log_recency",
    "log_frequency",
    "log_monetary",
    "log_tenure",
    "log_avg_order_value",
    "log_lines",
    "log_units",
]
LOGISTIC, FOREST, BOOSTING = "logistic_regression", "random_forest", "gradient_boosting"
CANDIDATES = (
    Candidate(MODEL, IDLE, "reference", is_baseline=True),
    Candidate(MODEL, TODAY, "contender", is_baseline=True),
    Candidate(MODEL, CLASS_SHARES, "contender", is_baseline=True),
    Candidate(MODEL, LOGISTIC, "contender", is_trained=True),
    Candidate(MODEL, FOREST, "contender", is_trained=True),
    Candidate(MODEL, BOOSTING, "contender", is_trained=True),
)
FLOOR = 0.01  # share of every forecast that is spread evenly: nothing is impossible
PRIOR_WEIGHT = 5.0  # a rule's hit rates lean on the shares of all as if on so many customers


@dataclass(frozen=True)
class SegmentTransition:
    """Forecaster of the segment of a customer first seen lately, one horizon from now.

    Parameters
    ----------
    min_examples : int
        New customers seen one horizon later, below which no classifier is tried.
    are_groups : bool
        Whether segments are RFM groups, so that there are no centroids and no examples.
    """

    min_examples: int = 100
    are_groups: bool = False

    candidates: ClassVar[tuple[Candidate, ...]] = CANDIDATES

    def forecast(self, inputs: Mapping[str, pd.DataFrame]) -> Forecast:
        """Held-out predictions, today's predictions, and notes.

        A definition date is held out at itself, by candidates trained on the cutoffs whose horizon
        was over by then.

        Parameters
        ----------
        inputs : mapping
            examples: one row per definition_date, cutoff_date and customer first seen shortly
            before the cutoff (int_segment_transition_examples): the FEATURES; segment_now,
            segment_if_idle (orders and money as they are, recency one horizon longer) and
            segment_later (one horizon on, null where that is not over), all by the centroids
            fitted at definition_date.
            cutoffs: int_cutoffs.

        Raises
        ------
        MissingOutcomeError
            Where a horizon is over and a segment_later is missing.
        """
        threadpoolctl.threadpool_limits(1)
        timeline = Timeline.of(inputs["cutoffs"])
        table = _in_order(inputs["examples"], timeline)
        holdout, serving, parameters, whys = [], [], [], {}
        for day in sorted(table["definition_date"].unique()):
            defined = table[table["definition_date"] == day]
            over = defined["outcome_until"] <= day
            train, asked = defined[over], defined[defined["cutoff_date"] == day]
            whys[day] = _why_not(train, self.min_examples)
            classes = _classes(train, asked)
            if day == timeline.today and len(train):
                parameters = _parameters(train, classes)
            if len(asked) == 0:
                continue
            for candidate, predicted in _predictions(train, asked, classes, whys[day]).items():
                if day == timeline.today:
                    customers = asked["customer_id"]
                    serving.append(
                        predictions.today(MODEL, candidate, customers, classes, *predicted)
                    )
                else:
                    holdout.append(
                        _judged(asked, candidate, classes, predicted, timeline.split[day])
                    )
        notes = _notes(whys, timeline, self.are_groups)
        return Forecast.of(
            CANDIDATES, holdout=holdout, serving=serving, parameters=parameters, notes=notes
        )


def hit_rates(predicted: np.ndarray, later: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Chance of each class to come, by the class that a rule predicts.

    Counts of a row lean on the shares of all as if PRIOR_WEIGHT more customers had been seen, so
    that a class seldom predicted has rates too.

    Parameters
    ----------
    predicted, later : (n,) of str
        The class that the rule predicted and the one that came.
    classes : (k,) of str

    Returns
    -------
    (k, k) of float
        Rows by the class predicted, sum 1.
    """
    counts = pd.crosstab(predicted, later).reindex(index=classes, columns=classes)
    counts = counts.fillna(0).to_numpy()
    shares = counts.sum(axis=0) / counts.sum()
    n = counts.sum(axis=1, keepdims=True)
    return settled((counts + PRIOR_WEIGHT * shares) / (n + PRIOR_WEIGHT))


def _in_order(examples: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    cutoff = pd.to_datetime(examples["cutoff_date"])
    table = examples.assign(
        definition_date=pd.to_datetime(examples["definition_date"]),
        cutoff_date=cutoff,
        outcome_until=cutoff.map(timeline.outcome_until),
        customer_id=examples["customer_id"].astype(str),
    )
    table[FEATURES] = table[FEATURES].astype(float)
    for column in ("segment_now", "segment_if_idle", "segment_later"):
        table[column] = table[column].astype(object).where(table[column].notna(), None)
    timeline.check_outcomes(table, ["segment_later"])
    return table.sort_values(["definition_date", "cutoff_date", "customer_id"], ignore_index=True)


def _classes(train: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """(k,) keys of the segments that were known at the cutoff, sorted."""
    rules = ["segment_now", "segment_if_idle"]
    known = [train[[*rules, "segment_later"]], asked[rules]]
    return np.array(sorted({key for part in known for key in part.to_numpy().ravel()}), object)


def _why_not(train: pd.DataFrame, min_examples: int) -> str | None:
    """Why the classifiers cannot be trained on these rows; None where they can."""
    if len(train) < min_examples:
        return f"{counted(len(train), 'new customer')} seen one horizon later, {min_examples} are needed"
    if train["segment_later"].nunique() < 2:
        return f"all {len(train)} new customers went to one segment: nothing to tell apart"
    return None


def _predictions(
    train: pd.DataFrame, asked: pd.DataFrame, classes: np.ndarray, why: str | None
) -> dict[str, tuple]:
    """(n, k) probabilities, and the (n,) classes that are predicted where a rule predicts them.

    A rule's probabilities are how often it was right; unknown (NaN) where nobody is known yet.
    """
    later = train["segment_later"].to_numpy()
    found = {}
    for candidate, column in ((IDLE, "segment_if_idle"), (TODAY, "segment_now")):
        rule = asked[column].to_numpy()
        probabilities = np.full((len(asked), len(classes)), np.nan)
        if len(train):
            rates = hit_rates(train[column].to_numpy(), later, classes)
            probabilities = rates[np.searchsorted(classes, rule)]
        found[candidate] = (probabilities, rule)
    if len(train):
        shares = np.array([(later == key).mean() for key in classes])
        found[CLASS_SHARES] = (np.tile(shares, (len(asked), 1)), None)
    if why is None:
        x, z = train[FEATURES].to_numpy(), asked[FEATURES].to_numpy()
        for candidate, classifier in _classifiers().items():
            fitted = make_pipeline(StandardScaler(), classifier).fit(x, later.astype(str))
            probabilities = np.zeros((len(asked), len(classes)))
            seen = np.searchsorted(classes, fitted.classes_.astype(object))
            probabilities[:, seen] = fitted.predict_proba(z)
            found[candidate] = (probabilities, None)
    return {
        candidate: (with_floor(probabilities, FLOOR), rule)
        for candidate, (probabilities, rule) in found.items()
    }


def _parameters(train: pd.DataFrame, classes: np.ndarray) -> list[dict]:
    """How often each rule is right by the class that it predicts, and the shares of the classes."""
    alike = pd.DataFrame({"segment_if_idle": classes, "segment_now": classes})
    found = _predictions(train, alike, classes, why="only rules have such parameters")
    return [
        {"model": MODEL, "candidate": candidate, "parameter": "chance", "value": value}
        | {"class_key": key, "feature": ALL}
        for candidate, (probabilities, _) in found.items()
        for key, value in zip(classes, probabilities.diagonal(), strict=True)
    ]


def _classifiers() -> dict:
    boost = {"max_iter": 30, "max_leaf_nodes": 6, "min_samples_leaf": 20, "early_stopping": False}
    return {
        LOGISTIC: LogisticRegression(C=1.0, **EXACT),
        FOREST: RandomForestClassifier(60, min_samples_leaf=10, random_state=0),
        BOOSTING: HistGradientBoostingClassifier(random_state=0, **boost),
    }


def _judged(
    asked: pd.DataFrame, candidate: str, classes: np.ndarray, predicted: tuple, split: str
) -> pd.DataFrame:
    """Held-out rows of one candidate at one cutoff."""
    probabilities, rule = predicted
    cutoff = asked["cutoff_date"].iloc[0]
    keys = asked[["cutoff_date", "customer_id", "outcome_until"]].assign(
        model=MODEL, candidate=candidate, split=split, trained_before=cutoff
    )
    later = asked["segment_later"].to_numpy()
    return predictions.of_classes(keys, classes, probabilities, later, rule)


def _notes(whys: dict, timeline: Timeline, are_groups: bool) -> list[dict]:
    """Why classifiers were not tried: today, or else at the cutoffs they would be chosen at."""
    validation = [day for day in whys if timeline.split[day] == predictions.VALIDATION]
    why = whys.get(timeline.today, "no customer was first seen lately")
    if are_groups:
        why = "segments are RFM groups: no clusters to forecast by"
    if why is None and not validation:
        why = "no earlier cutoff with enough history to choose at"
    if why is None and all(whys[day] for day in validation):
        why = f"at {validation[-1]:%Y-%m-%d}, where one is chosen: {whys[validation[-1]]}"
    return [] if why is None else not_tried(trained(CANDIDATES), why)
