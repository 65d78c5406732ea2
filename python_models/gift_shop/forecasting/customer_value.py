"""Will a customer order again within the horizon, and for how much? Two small regressions.

Logistic regression predicts whether, Poisson regression how much, both from the same eight features
of a customer at a cutoff. They are trained on several earlier cutoffs stacked and held out at others;
trained up to today, their coefficients go to SQL, which scores everybody. Baselines and gradient
boosting stand beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import threadpoolctl
from numpy.typing import ArrayLike
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, PoissonRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from gift_shop.forecasting import predictions
from gift_shop.forecasting.protocol import Candidate, Forecast, not_tried, trained
from gift_shop.rounding import money, rounded
from gift_shop.tables import EXACT, counted
from gift_shop.timeline import Timeline

ORDER, SPEND = "customer_value_order", "customer_value_spend"
FEATURES = [
    "log_recency",
    "log_frequency",
    "log_monetary",
    "log_tenure",
    "log_avg_order_value",
    "log_gap",
    "log_recency_per_gap",
    "is_one_order_day",
]
LOGISTIC, POISSON, BOOSTING = "logistic_regression", "poisson_regression", "gradient_boosting"
IN_SEASON = "poisson_in_season"
BASE, PAST, FREQUENCY, MONETARY = "base_rate", "past_rate", "frequency_rank", "monetary_rank"
CANDIDATES = (
    Candidate(ORDER, BASE, "reference", is_baseline=True),
    Candidate(ORDER, PAST, "comparison", is_baseline=True),
    Candidate(ORDER, FREQUENCY, "comparison", is_baseline=True),
    Candidate(ORDER, MONETARY, "comparison", is_baseline=True),
    Candidate(ORDER, LOGISTIC, "contender", is_trained=True),
    Candidate(ORDER, BOOSTING, "comparison", is_trained=True),
    Candidate(SPEND, BASE, "comparison", is_baseline=True),
    Candidate(SPEND, PAST, "comparison", is_baseline=True),
    Candidate(SPEND, FREQUENCY, "comparison", is_baseline=True),
    Candidate(SPEND, MONETARY, "reference", is_baseline=True),
    Candidate(SPEND, POISSON, "contender", is_trained=True),
    Candidate(SPEND, IN_SEASON, "contender", is_trained=True),
    Candidate(SPEND, BOOSTING, "comparison", is_trained=True),
)
NO_SEASON = "the file does not reach a year and a horizon back from each cutoff that is held out"
MAX_TRAINING_CUTOFFS = 4
C, ALPHA = 1.0, 1e-3  # strength of regularisation: inverse for the logistic, direct for Poisson
BOOST = {"max_iter": 40, "max_leaf_nodes": 6, "learning_rate": 0.1, "min_samples_leaf": 60}


@dataclass(frozen=True)
class CustomerValue:
    """Forecaster of an order within the horizon and of the spend; models ORDER and SPEND.

    Parameters
    ----------
    min_customers : int
        Customers with a known outcome, below which no regression is tried.
    """

    min_customers: int = 50

    candidates: ClassVar[tuple[Candidate, ...]] = CANDIDATES

    def forecast(self, inputs: Mapping[str, pd.DataFrame]) -> Forecast:
        """Held-out predictions, coefficients for today, and notes.

        A cutoff is held out where its split is test or validation. With too little to train on the
        regressions are not tried: notes say why, and the coefficients hold the baselines alone, or
        nothing where no outcome is known at all.

        Parameters
        ----------
        inputs : mapping
            features: one row per cutoff and customer (int_customer_value_features): cutoff_date,
            customer_id, the FEATURES, frequency, monetary, tenure_days, and orders
            and spend within the horizon, null where it is not over.
            seasons: one row per cutoff (int_customer_value_seasons): cutoff_date and what a known
            customer spent on average in the horizon after it, in the one before it, and in both a
            year earlier, null where that is not known.
            cutoffs: the rows of int_cutoffs of these cutoffs, and of those that the file does not
            reach back to.

        Raises
        ------
        MissingOutcomeError
            Where a horizon is over and an outcome is missing.
        """
        threadpoolctl.threadpool_limits(1)
        timeline = Timeline.of(inputs["cutoffs"])
        table = _in_order(inputs["features"], timeline)
        is_held_out = table["split"].isin([predictions.TEST, predictions.VALIDATION])
        trained_at = {
            cutoff: (train, test)
            for cutoff, test in table[is_held_out].groupby("cutoff_date")
            if len(train := _known_at(table, cutoff, timeline.horizon_days))
        }
        levels = _levels(inputs["seasons"], [*trained_at, timeline.today])
        holdout = []
        for train, test in trained_at.values():
            why = self._why_not(train, timeline)
            holdout += _held_out(train, test, timeline.horizon_days, why, levels)

        train = _known_at(table, timeline.today, timeline.horizon_days)
        why = self._why_not(train, timeline)
        return Forecast.of(
            CANDIDATES,
            holdout=holdout,
            coefficients=_coefficients(train, timeline.today, levels, is_trained=why is None),
            notes=_notes(predictions.frame("holdout", holdout), why, levels),
        )

    def _why_not(self, train: pd.DataFrame, timeline: Timeline) -> str | None:
        """Why the regressions cannot be trained on these rows; None where they can."""
        history, needed = int(timeline.history_days[timeline.today]), _history_needed(timeline)
        if history < needed:
            return f"{counted(history, 'day')} of history, {needed} are needed"
        customers = train["customer_id"].nunique()
        if customers < self.min_customers:
            return (
                f"{counted(customers, 'customer')} with a known outcome,"
                f" {self.min_customers} are needed"
            )
        ordered = int((train["orders"] > 0).sum())
        if ordered == 0 or ordered == len(train):
            who = "nobody" if ordered == 0 else "everybody"
            return f"{who} ordered again: nothing to tell apart"
        if not train["spend"].sum() > 0:
            return "nothing was spent within the horizon"
        return None


class StoredScaler(StandardScaler):
    """Standardises by a mean and a scale as they are stored, so that SQL standardises likewise."""

    mean_: np.ndarray
    scale_: np.ndarray

    def fit(
        self, X: np.ndarray, y: object = None, sample_weight: np.ndarray | None = None
    ) -> "StoredScaler":
        """Mean and standard deviation of the columns, to the digits that are stored.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        y : object
            Ignored.
        sample_weight : ndarray of shape (n,), optional

        Returns
        -------
        StoredScaler
            Itself.
        """
        fitted = super().fit(X, y, sample_weight)
        self.mean_, self.scale_ = rounded(fitted.mean_), rounded(fitted.scale_)
        return self


def fit_order(train: pd.DataFrame) -> pd.DataFrame:
    """The logistic regression: orders again or not.

    Parameters
    ----------
    train : DataFrame
        FEATURES, and the orders in the horizon.

    Returns
    -------
    DataFrame
        Coefficients, one row per feature.
    """
    regression = make_pipeline(StoredScaler(), LogisticRegression(C=C, **EXACT))
    regression.fit(train[FEATURES].to_numpy(float), train["orders"] > 0)
    return _of_regression(ORDER, LOGISTIC, "logit", regression)


def fit_spend(train: pd.DataFrame) -> pd.DataFrame:
    """The Poisson regression of the spend.

    Parameters
    ----------
    train : DataFrame
        FEATURES, and the spend in the horizon, in the file's currency.

    Returns
    -------
    DataFrame
        Coefficients, one row per feature.
    """
    regression = make_pipeline(StoredScaler(), PoissonRegressor(alpha=ALPHA, **EXACT))
    regression.fit(train[FEATURES].to_numpy(float), train["spend"])
    return _of_regression(SPEND, POISSON, "log", regression)


def fit_spend_in_season(
    train: pd.DataFrame, cutoff: pd.Timestamp, levels: pd.DataFrame
) -> pd.DataFrame:
    """The Poisson regression of the spend beside what customers spent in the same horizon.

    Each horizon that is learned from counts by its level; for the one to come the level is that of
    the same season a year ago, grown as the horizon before it has grown since.

    Parameters
    ----------
    train : DataFrame
        FEATURES, cutoff_date, and the spend in the horizon, in the file's currency.
    cutoff : Timestamp
        Of the forecast.
    levels : DataFrame
        known and expected spend of a customer by cutoff_date, in the file's currency.

    Returns
    -------
    DataFrame
        Coefficients, one row per feature.
    """
    expected = levels.loc[cutoff, "expected"]
    level = np.maximum(train["cutoff_date"].map(levels["known"]).to_numpy(float) / expected, 0)
    spend = train["spend"].to_numpy(float) / np.where(level > 0, level, 1)
    regression = make_pipeline(StoredScaler(), PoissonRegressor(alpha=ALPHA, **EXACT))
    regression.fit(train[FEATURES].to_numpy(float), spend, poissonregressor__sample_weight=level)
    return _of_regression(SPEND, IN_SEASON, "log", regression)


def score(coefficients: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """Predictions of one model and candidate, by the arithmetic that SQL uses too.

    Parameters
    ----------
    coefficients : DataFrame
        Its rows of the part 'coefficients'.
    table : DataFrame
        n customers with the features that these rows name.

    Returns
    -------
    (n,) of float
        Probability of an order, or spend in the shop's currency.
    """
    total = np.full(len(table), coefficients["intercept"].iloc[0])
    for row in coefficients.dropna(subset=["feature"]).itertuples():
        total = (
            total + row.coefficient * (table[row.feature].to_numpy(float) - row.mean) / row.scale
        )
    link = coefficients["link"].iloc[0]
    if link == "logit":
        return 1 / (1 + np.exp(-total))
    return np.exp(total) if link == "log" else total


def _in_order(features: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Rows by cutoff and customer with the cutoff's split, outcome_until and history_days.

    Dates are timestamps, numbers floats.
    """
    cutoff = pd.to_datetime(features["cutoff_date"])
    table = features.assign(
        cutoff_date=cutoff,
        customer_id=features["customer_id"].astype(str),
        split=cutoff.map(timeline.split),
        outcome_until=cutoff.map(timeline.outcome_until),
        history_days=cutoff.map(timeline.history_days),
    )
    numbers = FEATURES + ["frequency", "monetary", "tenure_days", "orders", "spend"]
    table[numbers] = table[numbers].astype(float)
    timeline.check_outcomes(table, ["orders", "spend"])
    return table.sort_values(["cutoff_date", "customer_id"], ignore_index=True)


def _levels(seasons: pd.DataFrame, days: list[pd.Timestamp]) -> pd.DataFrame | None:
    """known and expected spend of a customer by cutoff; None where on one of these days nothing is expected."""
    levels = seasons.assign(cutoff_date=pd.to_datetime(seasons["cutoff_date"]))
    levels = levels.set_index("cutoff_date").astype(float)
    known, grown = levels["horizon_spend"], levels["before_spend"] / levels["before_season_spend"]
    levels = pd.DataFrame({"known": known, "expected": levels["season_spend"] * grown})
    return levels if (levels["expected"].reindex(days) > 0).all() else None


def _history_needed(timeline: Timeline) -> int:
    """Days of history with which a cutoff to choose at has an earlier one to train on."""
    chosen_at = timeline.split.index[timeline.split == predictions.VALIDATION].max()
    over = timeline.outcome_until.index[timeline.outcome_until <= chosen_at]
    return int(timeline.days_before_as_of[over.max()]) + timeline.horizon_days


def _known_at(table: pd.DataFrame, day: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """What can be trained on at a day: the latest cutoffs whose outcome was over by then.

    A cutoff needs a whole horizon of history, or all its customers look new.
    """
    usable = table[(table["outcome_until"] <= day) & (table["history_days"] >= horizon_days)]
    latest = np.sort(usable["cutoff_date"].unique())[-MAX_TRAINING_CUTOFFS:]
    return usable[usable["cutoff_date"].isin(latest)]


def _held_out(
    train: pd.DataFrame,
    test: pd.DataFrame,
    horizon_days: int,
    why: str | None,
    levels: pd.DataFrame | None,
) -> list[pd.DataFrame]:
    """Held-out rows of every candidate at one cutoff; where there is a why not, of the baselines."""
    ordered, spend = test["orders"].to_numpy() > 0, test["spend"].to_numpy()
    cutoff, split, until = test[["cutoff_date", "split", "outcome_until"]].iloc[0]

    def keys(model: str, candidate: str) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "model": model,
                "candidate": candidate,
                "split": split,
                "cutoff_date": cutoff,
                "trained_before": cutoff,
                "outcome_until": until,
                "customer_id": test["customer_id"].to_numpy(),
            }
        )

    def of_order(
        candidate: str, probability: np.ndarray | None, rank: np.ndarray | None = None
    ) -> pd.DataFrame:
        rows = predictions.of_event(keys(ORDER, candidate), probability, ordered)
        return rows if rank is None else rows.assign(predicted_value=rank)

    def of_spend(candidate: str, value: np.ndarray) -> pd.DataFrame:
        return keys(SPEND, candidate).assign(predicted_value=money(value), actual_value=spend)

    frequency, monetary = test["frequency"].to_numpy(), test["monetary"].to_numpy()
    horizons_past = test["tenure_days"].to_numpy() / horizon_days
    per_order = _ratio(train["spend"].sum(), train["frequency"].sum())
    per_amount = _ratio(train["spend"].sum(), train["monetary"].sum())
    everyone = np.ones(len(test))
    rows = [
        of_order(BASE, everyone * (train["orders"] > 0).mean()),
        of_order(PAST, 1 - np.exp(-frequency / horizons_past)),
        of_order(FREQUENCY, None, frequency),
        of_order(MONETARY, None, monetary),
        of_spend(BASE, everyone * train["spend"].mean()),
        of_spend(PAST, monetary / horizons_past),
        of_spend(FREQUENCY, frequency * per_order),
        of_spend(MONETARY, monetary * per_amount),
    ]
    if why is not None:
        return rows
    if levels is not None:
        rows.append(of_spend(IN_SEASON, score(fit_spend_in_season(train, cutoff, levels), test)))
    probability, value = _boosted(train, test)
    return rows + [
        of_order(LOGISTIC, score(fit_order(train), test)),
        of_order(BOOSTING, probability),
        of_spend(POISSON, score(fit_spend(train), test)),
        of_spend(BOOSTING, value),
    ]


def _boosted(train: pd.DataFrame, test: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(n,) probability of an order and (n,) spend by gradient boosting."""
    x, z = train[FEATURES].to_numpy(), test[FEATURES].to_numpy()
    settings = BOOST | {"early_stopping": False, "random_state": 0}
    order = HistGradientBoostingClassifier(**settings).fit(x, train["orders"] > 0)
    spend = HistGradientBoostingRegressor(loss="poisson", **settings).fit(x, train["spend"])
    return order.predict_proba(z)[:, 1], spend.predict(z)


def _coefficients(
    train: pd.DataFrame, today: pd.Timestamp, levels: pd.DataFrame | None, is_trained: bool
) -> list[pd.DataFrame]:
    """What SQL scores today's customers with: the baselines that may be used, the regressions."""
    if len(train) == 0:
        return []
    base = (train["orders"] > 0).mean()
    per_amount = _ratio(train["spend"].sum(), train["monetary"].sum())
    rows = [
        _coefficient_rows(ORDER, BASE, "identity", base),
        _coefficient_rows(SPEND, MONETARY, "identity", 0.0, ["monetary"], 0.0, 1.0, per_amount),
    ]
    if not is_trained:
        return rows
    rows += [fit_order(train), fit_spend(train)]
    return rows if levels is None else [*rows, fit_spend_in_season(train, today, levels)]


def _of_regression(model: str, candidate: str, link: str, fitted: Pipeline) -> pd.DataFrame:
    scaler, regression = fitted[0], fitted[-1]
    intercept, weights = np.ravel(regression.intercept_)[0], np.ravel(regression.coef_)
    return _coefficient_rows(
        model, candidate, link, intercept, FEATURES, scaler.mean_, scaler.scale_, weights
    )


def _coefficient_rows(
    model: str,
    candidate: str,
    link: str,
    intercept: float,
    features: Iterable[str | None] = (None,),
    mean: ArrayLike = np.nan,
    scale: ArrayLike = np.nan,
    weight: ArrayLike = np.nan,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": model,
            "candidate": candidate,
            "link": link,
            "feature": list(features),
            "mean": rounded(np.atleast_1d(mean)),
            "scale": rounded(np.atleast_1d(scale)),
            "coefficient": rounded(np.atleast_1d(weight)),
            "intercept": float(rounded(intercept)),
        }
    )


def _notes(holdout: pd.DataFrame, why: str | None, levels: pd.DataFrame | None) -> list[dict]:
    """Why regressions were not tried: today, or else at the cutoffs they would be chosen at."""
    validated = holdout.loc[holdout["split"] == predictions.VALIDATION, "candidate"]
    if why is None and not validated.isin([LOGISTIC, POISSON]).any():
        why = "no earlier cutoff with enough known outcomes to choose at"
    if why is not None:
        return not_tried(trained(CANDIDATES), why)
    if levels is not None:
        return []
    return not_tried([each for each in CANDIDATES if each.candidate == IN_SEASON], NO_SEASON)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
