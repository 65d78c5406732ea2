"""Which category will a new customer buy most of? Walk-forward, from the baskets of the first day.

A customer's category is predicted on the day after, from these baskets and from what others bought
before. What is fitted (the blend's weight, the regression) is fitted on customers whose later baskets
were known before the block of days in which the order fell.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd
import threadpoolctl
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from gift_shop.forecasting import chances, predictions
from gift_shop.forecasting.chances import (
    BASKET,
    BLEND,
    FLOOR,
    HALF,
    LOGISTIC,
    MOST,
    RECENT,
    ROOTS,
    SEASON,
    SEASONAL,
    SHARPENED,
    SHOWN,
    Fitted,
    Mixture,
    Parameters,
    Regression,
    Shares,
    blend,
    mixed,
    sharpened,
    with_floor,
)
from gift_shop.forecasting.protocol import Candidate, Forecast, not_tried, trained
from gift_shop.rounding import figures, log1p, rounded, settled
from gift_shop.tables import counted
from gift_shop.timeline import Timeline

MODEL = "category_of_interest"
# not forecasts: what three categories hold where they are drawn, and where they are known
RANDOM, HINDSIGHT = "three_at_random", "hindsight"
CANDIDATES = (
    Candidate(MODEL, MOST, "comparison", is_baseline=True),
    Candidate(MODEL, RECENT, "comparison", is_baseline=True),
    Candidate(MODEL, SEASON, "comparison", is_baseline=True),
    # where nothing could be trained, today's customers are shown what they bought
    Candidate(MODEL, BASKET, "fallback", is_baseline=True),
    # the plain mixture is what the others must beat
    Candidate(MODEL, BLEND, "reference", is_baseline=True, is_trained=True),
    Candidate(MODEL, SHARPENED, "contender", is_trained=True),
    Candidate(MODEL, ROOTS, "contender", is_trained=True),
    Candidate(MODEL, SEASONAL, "contender", is_trained=True),
    Candidate(MODEL, LOGISTIC, "contender", is_trained=True),
    Candidate(MODEL, HALF, "contender", is_trained=True),
    Candidate(MODEL, RANDOM, "comparison", is_baseline=True),
    Candidate(MODEL, HINDSIGHT, "comparison"),
)

WEIGHTS = np.arange(21) / 20  # the blend's weight of the basket is one of these
# what the sharpened ones try: shares are spread wider than chances are, as the winner takes all
SHARP_WEIGHTS = np.arange(2, 9) / 10
POWERS = (1.0, 1.5, 2.0, 2.5, 3.0)
FLOORS = (FLOOR, 0.05, 0.1, 0.15, 0.2, 0.25)
SEASON_WEIGHTS = (0.25, 0.5, 0.75, 1.0)
C = 1.0  # inverse strength of the regression's regularisation
HALF_LIFE_DAYS = 60  # an earlier customer counts half after so many days: assortments change


class Table(NamedTuple):
    """n examples: their keys with has_season, and what is known of them over the k classes."""

    keys: pd.DataFrame
    classes: np.ndarray
    shares: Shares

    def of(self, rows: np.ndarray) -> "Table":
        """The examples where rows (n,) is true, or those at positions."""
        shares = Shares(*(each[rows] for each in self.shares))
        return Table(self.keys.iloc[rows].reset_index(drop=True), self.classes, shares)


@dataclass(frozen=True)
class CategoryOfInterest:
    """Forecaster of the category that leads a new customer's baskets after the first day.

    Parameters
    ----------
    min_examples : int
        Customers with a known later basket, below which nothing is trained.
    """

    min_examples: int = 100

    candidates: ClassVar[tuple[Candidate, ...]] = CANDIDATES

    def forecast(self, inputs: Mapping[str, pd.DataFrame]) -> Forecast:
        """Held-out predictions, today's predictions, and notes.

        The choice is read from outcomes known at the test cutoff; these rows carry that day as their
        cutoff_date, the test rows the day on which the customer's category was predicted.

        Parameters
        ----------
        inputs : mapping
            examples: one row per customer and is_serving (int_category_of_interest_examples): the
            baskets of the first day with cutoff_date, the day after, or all baskets so far with the
            as-of date; net_spend, lines, products; trained_before, the first day of its block, before
            which parameters are fitted; is_tested, where it was first seen from tested_from on.
            basket_shares: is_serving, customer_id, category_key, basket_share and root_share > 0.
            priors: net spend by prior_date and category_key, that of the last days, and that of the
            same season of the year before, null where the file does not reach back so far.
            outcomes: known_at, customer_id and category_key of the customer's later baskets by what
            was known then, with spend_share > 0 and place, 1 of the category that led; of days on
            which nothing is judged that one alone.
            categories: category_key of all categories that the products have, bought lately or not.
            cutoffs: int_cutoffs.
        """
        threadpoolctl.threadpool_limits(1)
        timeline = Timeline.of(inputs["cutoffs"])
        today, chosen_on = timeline.today, timeline.test
        outcomes = inputs["outcomes"]
        outcomes = outcomes.assign(known_at=pd.to_datetime(outcomes["known_at"]))
        categories = np.array(sorted(set(inputs["categories"]["category_key"])), dtype=object)
        if len(categories) < 2:
            kinds = "one category" if len(categories) else "no category"
            one = f"people have named products of {kinds}: nothing to choose between"
            return Forecast.of(CANDIDATES, notes=not_tried(CANDIDATES, one))

        examples, priors = inputs["examples"], inputs["priors"]
        shares = (inputs["basket_shares"], priors)
        is_serving = examples["is_serving"].astype(bool)
        first = _table(examples[~is_serving], *shares, categories)
        asked = _table(examples[is_serving], *shares, categories)
        tested = first.of(first.keys["is_tested"].to_numpy(bool))

        why_no_season = _why_no_season(first, outcomes, chosen_on, self.min_examples)
        with_season = why_no_season is None
        found: dict[str, list] = {}
        untried: dict[pd.Timestamp, str] = {}
        blocks = tested.keys["trained_before"]
        for block in sorted(blocks.unique()):
            rows = (blocks == block).to_numpy()
            fitted, why = _fit_before(block, first, outcomes, self.min_examples, with_season)
            if why:
                untried[block] = why
            of_block = tested.of(rows).shares
            for candidate, probabilities in chances.of_candidates(of_block, fitted).items():
                found.setdefault(candidate, []).append((np.flatnonzero(rows), probabilities))
        holdout = [
            judged
            for candidate, predicted in found.items()
            for until in (today, chosen_on)
            for judged in _judged(tested, candidate, predicted, outcomes, until, chosen_on)
        ]
        for until in (today, chosen_on):
            holdout += _bounds(tested, outcomes, until, chosen_on)

        fitted, why = _fit_before(today, first, outcomes, self.min_examples, with_season)
        recent, past, season, _ = _priors(priors, pd.Series([today]), categories)
        parameters = [
            {"model": MODEL} | dict(zip(predictions.PARAMETER, row, strict=True))
            for row in Parameters(categories, recent[0], past[0], season[0], fitted).rows()
        ]
        customers = asked.keys["customer_id"]
        serving = [
            predictions.today(MODEL, candidate, customers, categories, probabilities)
            for candidate, probabilities in chances.of_candidates(asked.shares, fitted).items()
        ]
        held_out = predictions.frame("holdout", holdout)
        notes = _not_scored(tested, outcomes, today)
        tested_from = pd.to_datetime(examples["tested_from"]).max()
        notes += _untried(held_out, why, untried, tested_from, chosen_on)
        if why_no_season:
            noted = {note["candidate"] for note in notes if note["metric"] == "not_tried"}
            seasonal = (each for each in CANDIDATES if each.candidate in {SEASON, SEASONAL} - noted)
            notes += not_tried(seasonal, why_no_season)
        return Forecast.of(
            CANDIDATES, holdout=[held_out], serving=serving, parameters=parameters, notes=notes
        )


def fit_weight(basket: np.ndarray, recent: np.ndarray, actual: np.ndarray) -> float:
    """The weight of WEIGHTS with the least log-loss; the smaller one where two are equal.

    Parameters
    ----------
    basket, recent : ndarray of shape (n, k)
        Shares of the categories.
    actual : ndarray of shape (n,)
        Column of the category that led later baskets.

    Returns
    -------
    float
    """
    row = np.arange(len(actual))
    losses = [
        -np.log(with_floor(blend(basket, recent, weight), FLOOR)[row, actual]).mean()
        for weight in WEIGHTS
    ]
    return float(WEIGHTS[int(np.argmin(rounded(losses)))])


def fit_sharp(basket: np.ndarray, recent: np.ndarray, actual: np.ndarray) -> Mixture:
    """The mixture with the least log-loss.

    Parameters
    ----------
    basket, recent, actual
        As in fit_weight.

    Returns
    -------
    Mixture
        Of SHARP_WEIGHTS, POWERS and FLOORS; the first of equals.
    """
    row, k = np.arange(len(actual)), basket.shape[1]
    settings = list(itertools.product(SHARP_WEIGHTS.tolist(), POWERS, FLOORS))
    of_actual = {
        (weight, power): sharpened(blend(basket, recent, weight), power)[row, actual]
        for weight, power in itertools.product(SHARP_WEIGHTS.tolist(), POWERS)
    }
    losses = [
        -np.log((1 - floor) * of_actual[weight, power] + floor / k).mean()
        for weight, power, floor in settings
    ]
    return Mixture(*settings[int(np.argmin(rounded(losses)))])


def fit_season(
    roots: np.ndarray, season: np.ndarray, recent: np.ndarray, actual: np.ndarray, plain: Mixture
) -> Mixture:
    """The mixture whose prior is one of SEASON_WEIGHTS the season, with the least log-loss.

    Parameters
    ----------
    roots, season, recent, actual
        As in fit_sharp, season like recent.
    plain : Mixture
        The one without a season, which has the power and the floor.

    Returns
    -------
    Mixture
        The first of equals.
    """
    row = np.arange(len(actual))
    tried = [
        plain._replace(weight=weight, season=of_season)
        for weight, of_season in itertools.product(SHARP_WEIGHTS.tolist(), SEASON_WEIGHTS)
    ]
    losses = [
        -np.log(mixed(roots, blend(season, recent, each.season), each)[row, actual]).mean()
        for each in tried
    ]
    return tried[int(np.argmin(rounded(losses)))]


def _table(
    examples: pd.DataFrame,
    basket_shares: pd.DataFrame,
    priors: pd.DataFrame,
    categories: np.ndarray,
) -> Table:
    """Examples sorted by customer, with their shares over the categories."""
    keys = examples.assign(
        customer_id=examples["customer_id"].astype(str),
        cutoff_date=pd.to_datetime(examples["cutoff_date"]),
        first_order_on=pd.to_datetime(examples["first_order_on"]),
        trained_before=pd.to_datetime(examples["trained_before"]),
    ).sort_values("customer_id", ignore_index=True)
    is_serving = bool(keys["is_serving"].any())
    bought = basket_shares[basket_shares["is_serving"] == is_serving]
    basket, roots = (
        _wide(bought, "customer_id", share, keys["customer_id"], categories)
        for share in ("basket_share", "root_share")
    )
    # the day of the order itself is left out of the priors, save for today's customers
    prior_dates = keys["cutoff_date"] if is_serving else keys["first_order_on"]
    recent, past, season, has_season = _priors(priors, prior_dates, categories)
    keys = keys.assign(has_season=has_season)
    facts = log1p(keys[["net_spend", "lines", "products"]].astype(float).to_numpy())
    basket, roots = (_shares(of_basket, otherwise=recent) for of_basket in (basket, roots))
    return Table(keys, categories, Shares(basket, roots, recent, past, season, facts))


def _priors(
    priors: pd.DataFrame, dates: pd.Series, categories: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(n, k) shares of what everybody bought before each date: lately, in all, and in the same
    season of the year before; and (n,) whether that one is known.
    """
    priors = priors.assign(prior_date=pd.to_datetime(priors["prior_date"]))
    recent, past, season = (
        _wide(priors, "prior_date", spend, dates, categories)
        for spend in ("recent_net_spend", "net_spend", "season_net_spend")
    )
    past = settled(_shares(past, otherwise=np.full(len(categories), 1 / len(categories))))
    recent = settled(_shares(recent, otherwise=past))
    known = priors.loc[priors["season_net_spend"].notna(), "prior_date"]
    return recent, past, settled(_shares(season, otherwise=recent)), dates.isin(known).to_numpy()


def _wide(
    rows: pd.DataFrame, key: str, value: str, index: pd.Series, categories: np.ndarray
) -> np.ndarray:
    """(n, k) values by key and category_key, in the order of index and categories; 0 if absent."""
    wide = rows.pivot(index=key, columns="category_key", values=value)
    return wide.reindex(index=index, columns=categories).fillna(0.0).to_numpy(float)


def _shares(amounts: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """(n, k) amounts as shares of their row; `otherwise` where a row has none."""
    total = amounts.sum(axis=1, keepdims=True)
    return np.where(total > 0, amounts / np.where(total > 0, total, 1), otherwise)


def _known(table: Table, outcomes: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """(n,) category that led each customer's later baskets as known on a day; null if unknown."""
    led = outcomes[(outcomes["known_at"] == day) & (outcomes["place"] == 1)]
    return table.keys["customer_id"].map(led.set_index("customer_id")["category_key"])


def _later(table: Table, outcomes: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """(n, k) shares of each customer's later spend as known on a day; 0 where there was none."""
    known = outcomes[outcomes["known_at"] == day]
    customers = table.keys["customer_id"]
    return _wide(known, "customer_id", "spend_share", customers, table.classes)


def _learned_from(
    first: Table, outcomes: pd.DataFrame, day: pd.Timestamp
) -> tuple[pd.Series, np.ndarray]:
    """(n,) category that led later baskets, and which customers are learned from before a day."""
    leading = _known(first, outcomes, day)
    return leading, (leading.notna() & (first.keys["cutoff_date"] <= day)).to_numpy()


def _why_no_season(
    first: Table, outcomes: pd.DataFrame, chosen_on: pd.Timestamp, min_examples: int
) -> str | None:
    """Why the season cannot be learned from before the choice; None where it can."""
    _, rows = _learned_from(first, outcomes, chosen_on)
    n = int((rows & first.keys["has_season"].to_numpy()).sum())
    if n >= min_examples:
        return None
    customers = counted(n, "customer")
    return (
        f"by {chosen_on:%Y-%m-%d} the file had {customers} with a known later basket and a year"
        f" of sales before them, {min_examples} are needed"
    )


def _fit_before(
    day: pd.Timestamp,
    first: Table,
    outcomes: pd.DataFrame,
    min_examples: int,
    with_season: bool,
) -> tuple[Fitted | None, str | None]:
    """Fitted and None, or None and why not, from customers and outcomes known before a day."""
    leading, rows = _learned_from(first, outcomes, day)
    n = int(rows.sum())
    if n < min_examples:
        customers = counted(n, "customer")
        return None, f"{customers} with a known later basket, {min_examples} are needed"
    table = first.of(rows)
    actual = np.searchsorted(first.classes, leading[rows].to_numpy(dtype=object))
    if len(np.unique(actual)) < 2:
        return None, f"one category leads the later baskets of all {n} customers"
    age = (day - table.keys["first_order_on"]).dt.days.to_numpy()
    shares = table.shares
    mixtures = {
        BLEND: Mixture(fit_weight(shares.basket, shares.recent, actual)),
        SHARPENED: fit_sharp(shares.basket, shares.recent, actual),
        ROOTS: fit_sharp(shares.roots, shares.recent, actual),
    }
    if with_season:
        plain, known = mixtures[ROOTS], table.keys["has_season"].to_numpy()
        # until there is enough to learn it from, the season has no weight
        mixtures[SEASONAL] = plain
        if known.sum() >= min_examples:
            roots, season, recent = shares.roots[known], shares.season[known], shares.recent[known]
            mixtures[SEASONAL] = fit_season(roots, season, recent, actual[known], plain)
    return Fitted(mixtures, _fit_regression(shares, actual, age)), None


def _fit_regression(shares: Shares, actual: np.ndarray, age_days: np.ndarray) -> Regression:
    """Regression of actual (n,), positions of categories; recent customers count more."""
    scaler = StandardScaler().fit(shares.facts)
    mean, scale = rounded(scaler.mean_), rounded(scaler.scale_)
    importance = 0.5 ** (age_days / HALF_LIFE_DAYS)
    fitted = LogisticRegression(C=C, tol=1e-3, max_iter=200).fit(
        chances.of_regression(shares, mean, scale),
        actual,
        sample_weight=importance * len(importance) / importance.sum(),
    )
    # lbfgs stops on the way, where last bits lead it
    of_classes, constants = rounded(fitted.coef_), rounded(fitted.intercept_)
    if len(fitted.classes_) == 2:  # the library has the second against the first
        of_classes, constants = (np.stack([0 * of[0], of[0]]) for of in (of_classes, constants))
    k = shares.basket.shape[1]
    coefficients, intercepts = np.zeros((k, k + len(mean))), np.full(k, -np.inf)
    coefficients[fitted.classes_], intercepts[fitted.classes_] = of_classes, constants
    return Regression(mean, scale, coefficients, intercepts)


def _judged(
    tested: Table,
    candidate: str,
    predicted: list[tuple],
    outcomes: pd.DataFrame,
    until: pd.Timestamp,
    chosen_on: pd.Timestamp,
) -> list[pd.DataFrame]:
    """Held-out rows of one candidate, judged by what was known on a day.

    predicted: of each block the positions of its examples, (n, k) chances.
    """
    positions, probabilities = (np.concatenate(part) for part in zip(*predicted, strict=True))
    table = tested.of(positions)
    keys, rows = _judged_keys(table, outcomes, until, chosen_on)
    if not len(keys):
        return []
    actual, later = _known(table, outcomes, until)[rows], _later(table, outcomes, until)[rows]
    keys = keys.assign(candidate=candidate)
    return [predictions.of_classes(keys, table.classes, probabilities[rows], actual, later=later)]


def _judged_keys(
    table: Table, outcomes: pd.DataFrame, until: pd.Timestamp, chosen_on: pd.Timestamp
) -> tuple[pd.DataFrame, np.ndarray]:
    """Keys of the held-out rows that are judged by what was known on a day, and which (n,) they are."""
    is_choice = until == chosen_on
    rows = _known(table, outcomes, until).notna().to_numpy()
    if is_choice:
        rows = rows & (table.keys["cutoff_date"] < chosen_on).to_numpy()
    keys = table.keys.loc[rows, ["cutoff_date", "customer_id", "trained_before"]].assign(
        model=MODEL, outcome_until=until
    )
    keys["split"] = np.where(
        keys["cutoff_date"] > chosen_on, predictions.TEST_UNSEEN, predictions.TEST
    )
    if is_choice:
        keys["split"], keys["cutoff_date"] = predictions.VALIDATION, chosen_on
    return keys, rows


def _bounds(
    tested: Table, outcomes: pd.DataFrame, until: pd.Timestamp, chosen_on: pd.Timestamp
) -> list[pd.DataFrame]:
    """What three categories hold of the later spend on average where they are drawn, and at most."""
    keys, rows = _judged_keys(tested, outcomes, until, chosen_on)
    best = np.sort(_later(tested, outcomes, until)[rows], axis=1)[:, -SHOWN:]
    k = len(tested.classes)
    held = {RANDOM: min(SHOWN / k, 1.0), HINDSIGHT: figures(best.sum(axis=1))}
    return [keys.assign(candidate=each, top3_spend_share=held[each]) for each in held]


def _not_scored(tested: Table, outcomes: pd.DataFrame, today: pd.Timestamp) -> list[dict]:
    """How many of the customers to be tested have no later basket to test them on."""
    missing = int(_known(tested, outcomes, today).isna().sum())
    people = counted(len(tested.keys), "customer")
    note = f"of {people}, without a basket after the first day (of products that people have named)"
    row = {"metric": "customers_not_scored", "value": missing, "note": note}
    return [{"model": MODEL, "candidate": each.candidate} | row for each in CANDIDATES]


def _untried(
    held_out: pd.DataFrame,
    why: str | None,
    untried: dict,
    tested_from: pd.Timestamp,
    chosen_on: pd.Timestamp,
) -> list[dict]:
    """Notes on what could not be trained: today, at the choice, or in the first blocks only."""
    candidates = trained(CANDIDATES)
    is_trained = held_out["candidate"].isin([each.candidate for each in candidates])
    if why is None and tested_from > chosen_on:
        why = (
            f"the history is {(tested_from - chosen_on).days} days too short: customers first seen after"
            " enough of it are needed at the choice, one horizon before the as-of date"
        )
    if why is None and not (is_trained & (held_out["split"] == predictions.VALIDATION)).any():
        why = next(iter(untried.values()), None) or (
            f"no customer first seen from {tested_from:%Y-%m-%d} on, after enough history, has a later"
            f" basket before {chosen_on:%Y-%m-%d}: nothing to choose by"
        )
    if why is not None:
        return not_tried(candidates, why)
    if not untried:
        return []
    why = f"not for customers first seen soon after {max(untried):%Y-%m-%d} or before: "
    tried = [each for each in candidates if each.candidate in set(held_out["candidate"])]
    notes = not_tried(tried, why + untried[max(untried)])
    return [note | {"metric": "partly_tried"} for note in notes]
