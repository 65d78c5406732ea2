"""Will a customer order again within the horizon, and for how much? Two small regressions.

Logistic regression says whether, Poisson regression how much, both on the same eight facts of a
customer at a cutoff. They learn from several earlier cutoffs stacked, are held out at others, and
what they learnt up to today goes to SQL as coefficients. Baselines and gradient boosting stand
beside them.
"""

import numpy as np
import pandas as pd
import threadpoolctl
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from gift_shop.forecasting import predictions
from gift_shop.tables import EXACT, counted, money, rounded
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
BASE, PAST, FREQUENCY, MONETARY = "base_rate", "past_rate", "frequency_rank", "monetary_rank"
MAX_TRAINING_CUTOFFS = 4
C, ALPHA = 1.0, 1e-3  # strength of regularisation: inverse for the logistic, direct for Poisson
BOOST = {"max_iter": 40, "max_leaf_nodes": 6, "learning_rate": 0.1, "min_samples_leaf": 60}


def learn(
    features: pd.DataFrame,
    cutoffs: pd.DataFrame,
    min_customers: int = 50,
) -> dict[str, pd.DataFrame]:
    """Held-out predictions, coefficients for today, and notes; see gift_shop/forecasting/predictions.py.

    features: one row per cutoff and customer (int_customer_value_features): cutoff_date,
    customer_id, the FEATURES, frequency, monetary, tenure_days, and orders and spend within the
    horizon, null where it is not over. cutoffs: the rows of int_cutoffs of these cutoffs, and of
    those that the file does not reach back to. Rows in any order.
    A cutoff is held out where it has a split, test or validation. With too little to learn from
    the regressions are not tried: notes say why, and the coefficients hold the baselines alone, or
    nothing where no outcome is known at all. Raises MissingOutcomeError.
    """
    threadpoolctl.threadpool_limits(1)
    timeline = Timeline.of(cutoffs)
    table = _in_order(features, timeline)
    horizon_days = timeline.horizon_days
    history, needed = int(timeline.history_days[timeline.today]), _history_needed(timeline)

    def why_not(train: pd.DataFrame) -> str | None:
        if history < needed:
            return f"{counted(history, 'day')} of history, {needed} are needed"
        return _why_not(train, min_customers)

    holdout, notes = [], []
    is_held_out = table["split"].isin([predictions.TEST, predictions.VALIDATION])
    for (cutoff, split), test in table[is_held_out].groupby(["cutoff_date", "split"]):
        train = _known_at(table, cutoff, horizon_days)
        if len(train) == 0:
            continue
        holdout += _held_out(train, test, split, horizon_days, why_not(train))

    train = _known_at(table, timeline.today, horizon_days)
    reason = why_not(train)
    for model, regression in ((ORDER, LOGISTIC), (SPEND, POISSON)):
        split = {rows["split"].iloc[0] for rows in holdout if _is(rows, model, regression)}
        if reason is not None:
            why = reason
        elif predictions.VALIDATION not in split:
            why = "no earlier cutoff with enough known outcomes to choose at"
        else:
            continue
        notes += predictions.not_tried(model, [regression, BOOSTING], why)
    return {
        "holdout": predictions.frame("holdout", holdout),
        "coefficients": predictions.frame("coefficients", _coefficients(train, reason)),
        "notes": predictions.frame("notes", notes),
    }


def fit_order(train: pd.DataFrame) -> pd.DataFrame:
    """Coefficients (one row per feature) of the logistic regression: orders again or not."""
    mean, scale = _standard(train)
    x = (train[FEATURES].to_numpy(float) - mean) / scale
    fitted = LogisticRegression(C=C, **EXACT).fit(x, train["orders"] > 0)
    return _as_rows(ORDER, LOGISTIC, "logit", mean, scale, fitted.coef_[0], fitted.intercept_[0])


def fit_spend(train: pd.DataFrame) -> pd.DataFrame:
    """Coefficients (one row per feature) of the Poisson regression of the spend."""
    mean, scale = _standard(train)
    x = (train[FEATURES].to_numpy(float) - mean) / scale
    fitted = PoissonRegressor(alpha=ALPHA, **EXACT).fit(x, train["spend"])
    return _as_rows(SPEND, POISSON, "log", mean, scale, fitted.coef_, fitted.intercept_)


def score(coefficients: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """(n,) predictions of one model and candidate, by the arithmetic that SQL uses too."""
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


def _history_needed(timeline: Timeline) -> int:
    """Days of history with which a cutoff to choose at has an earlier one to learn from."""
    chosen_at = timeline.split.index[timeline.split == predictions.VALIDATION].max()
    over = timeline.outcome_until.index[timeline.outcome_until <= chosen_at]
    return int(timeline.days_before_as_of[over.max()]) + timeline.horizon_days


def _known_at(table: pd.DataFrame, day: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """What can be learnt from on a day: the latest cutoffs whose outcome was over by then.

    A cutoff needs a whole horizon of history, or all its customers look new.
    """
    usable = table[(table["outcome_until"] <= day) & (table["history_days"] >= horizon_days)]
    latest = np.sort(usable["cutoff_date"].unique())[-MAX_TRAINING_CUTOFFS:]
    return usable[usable["cutoff_date"].isin(latest)]


def _why_not(train: pd.DataFrame, min_customers: int) -> str | None:
    """Why the regressions cannot learn from these rows; None where they can."""
    customers = train["customer_id"].nunique()
    if customers < min_customers:
        return f"{counted(customers, 'customer')} with a known outcome, {min_customers} are needed"
    ordered = int((train["orders"] > 0).sum())
    if ordered == 0 or ordered == len(train):
        return f"{'nobody' if ordered == 0 else 'everybody'} ordered again: nothing to tell apart"
    if not train["spend"].sum() > 0:
        return "nothing was spent within the horizon"
    return None


def _held_out(train, test, split: str, horizon_days: int, reason: str | None) -> list[pd.DataFrame]:
    """Held-out rows of every candidate at one cutoff; baselines only where there is a reason."""
    ordered, spend = test["orders"].to_numpy() > 0, test["spend"].to_numpy()
    cutoff, until = test["cutoff_date"].iloc[0], test["outcome_until"].iloc[0]

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

    def of_order(candidate: str, probability, rank=None) -> pd.DataFrame:
        rows = predictions.of_event(keys(ORDER, candidate), probability, ordered)
        return rows if rank is None else rows.assign(predicted_value=rank)

    def of_spend(candidate: str, value) -> pd.DataFrame:
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
    if reason is not None:
        return rows
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


def _coefficients(train: pd.DataFrame, reason: str | None) -> list[pd.DataFrame]:
    """What SQL scores today's customers with: the baselines that may be used, the regressions."""
    if len(train) == 0:
        return []
    none = np.array([])
    base = (train["orders"] > 0).mean()
    per_amount = _ratio(train["spend"].sum(), train["monetary"].sum())
    rows = [
        _as_rows(ORDER, BASE, "identity", none, none, none, base, features=[None]),
        _as_rows(SPEND, MONETARY, "identity", [0.0], [1.0], [per_amount], 0.0, ["monetary"]),
    ]
    return rows if reason is not None else [*rows, fit_order(train), fit_spend(train)]


def _standard(train: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(8,) mean and (8,) scale of the features; scale 1 where all are equal."""
    x = train[FEATURES].to_numpy(float)
    spread = x.std(axis=0)
    return rounded(x.mean(axis=0)), rounded(np.where(spread > 1e-9, spread, 1.0))


def _as_rows(model, candidate, link, mean, scale, coefficient, intercept, features=FEATURES):
    columns = {"mean": mean, "scale": scale, "coefficient": coefficient}
    if features == [None]:
        columns = {name: [np.nan] for name in columns}
    return pd.DataFrame(
        {"model": model, "candidate": candidate, "link": link, "feature": features}
        | {name: rounded(values) for name, values in columns.items()}
        | {"intercept": float(rounded(intercept))}
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _is(rows: pd.DataFrame, model: str, candidate: str) -> bool:
    return rows["model"].iloc[0] == model and rows["candidate"].iloc[0] == candidate
