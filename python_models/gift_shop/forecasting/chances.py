"""The chances of each category, from what a customer bought, what everybody buys, and what was fitted.

NumPy alone, so that it is imported in no time: the build and predict.py, which answers a shop's
backend, work them out by these functions, from the same numbers.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

MOST, RECENT, BASKET = "most_bought", "recent_prior", "first_basket"
SEASON, SEASONAL = "season_prior", "seasonal_roots"
BLEND, SHARPENED, ROOTS = "blend", "sharpened_blend", "sharpened_roots"
LOGISTIC, HALF = "logistic_regression", "half_and_half"
# the rules of the next segment: without another order, as today, and what most customers came to
IDLE, TODAY, CLASS_SHARES = "unchanged_but_older", "todays_segment", "class_shares"

SHOWN = 3  # classes a customer is shown; a large shop has millions of rows of the rest
FLOOR = 0.02  # share of every forecast that is spread evenly: nothing is impossible
FACT_SCALE = 0.3  # spread of a standardised fact beside shares, whose own spread is about as wide
FACTS = ("log_net_spend", "log_lines", "log_products")
# of which Shares each is
MIXTURES = {BLEND: "basket", SHARPENED: "basket", ROOTS: "roots", SEASONAL: "roots"}
ALL = "all"  # class_key or feature of a parameter that belongs to none


class Shares(NamedTuple):
    """What is known of n customers: (n, k) shares over the k categories, whose rows sum to 1.

    Attributes
    ----------
    basket, roots : ndarray of shape (n, k)
        Of what they bought: by money, and by the roots of what the lines are worth.
    recent, past, season : ndarray of shape (n, k)
        Of what everybody bought before: lately, in all, and in the same season of the year before;
        lately, where that is not known.
    facts : ndarray of shape (n, 3)
        FACTS of what they bought.
    """

    basket: np.ndarray
    roots: np.ndarray
    recent: np.ndarray
    past: np.ndarray
    season: np.ndarray
    facts: np.ndarray


class Mixture(NamedTuple):
    """Of basket and prior: the basket's weight 0..1, the power by which the mixture is sharpened,
    the share of it that is spread evenly, and the season's weight 0..1 in the prior, whose rest is
    what sells now.
    """

    weight: float
    power: float = 1.0
    floor: float = FLOOR
    season: float = 0.0


class Regression(NamedTuple):
    """Of the k categories on the roots of the k shares and on the standardised FACTS.

    Attributes
    ----------
    mean, scale : ndarray of shape (3,)
        Of the facts.
    coefficients : ndarray of shape (k, k + 3)
    intercepts : ndarray of shape (k,)
        Minus infinity of a category that nobody had.
    """

    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray


class Fitted(NamedTuple):
    """What is fitted on earlier customers: mixtures by their names in MIXTURES, of which SEASONAL
    may be absent, and the regression.
    """

    mixtures: dict[str, Mixture]
    regression: Regression


class Parameters(NamedTuple):
    """All numbers by which a customer is forecast on a day.

    Attributes
    ----------
    categories : ndarray of shape (k,)
        Their keys.
    recent, past, season : ndarray of shape (k,)
        As in Shares.
    fitted : Fitted or None
        None where nothing could be fitted.
    """

    categories: np.ndarray
    recent: np.ndarray
    past: np.ndarray
    season: np.ndarray
    fitted: Fitted | None

    def rows(self) -> list[tuple[str, str, str, str, float]]:
        """Candidate, parameter, class_key, feature and value: what is published."""
        keys = self.categories.tolist()
        rows = [
            (candidate, "share", key, ALL, share)
            for candidate, shares in self._priors().items()
            for key, share in zip(keys, shares, strict=True)
        ]
        rows.append((BASKET, "weight", ALL, ALL, 1.0))
        if self.fitted is None:
            return rows
        rows.append((HALF, "weight", ALL, ALL, 0.5))
        for candidate, mixture in self.fitted.mixtures.items():
            rows += [
                (candidate, name, ALL, ALL, value)
                for name, value in mixture._asdict().items()
                if name != "season" or candidate == SEASONAL
            ]
        mean, scale, coefficients, intercepts = self.fitted.regression
        for name, values in (("mean", mean), ("scale", scale)):
            rows += [(LOGISTIC, name, ALL, fact, x) for fact, x in zip(FACTS, values, strict=True)]
        for number in np.flatnonzero(np.isfinite(intercepts)):
            rows.append((LOGISTIC, "intercept", keys[number], ALL, intercepts[number]))
            rows += [
                (LOGISTIC, "coefficient", keys[number], feature, value)
                for feature, value in zip([*keys, *FACTS], coefficients[number], strict=True)
            ]
        return rows

    def _priors(self) -> dict[str, np.ndarray]:
        """The shares by the candidates that go by them alone."""
        priors = {RECENT: self.recent, MOST: self.past}
        if self.fitted and SEASONAL in self.fitted.mixtures:
            priors[SEASON] = self.season
        return priors

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, str, float]]) -> Self:
        """The parameters of such rows, in any order."""
        values = {tuple(key): value for *key, value in rows}
        keys = sorted(key for candidate, _, key, _ in values if candidate == RECENT)
        recent, past = (
            np.array([values[candidate, "share", key, ALL] for key in keys])
            for candidate in (RECENT, MOST)
        )
        season = np.array(
            [
                values.get((SEASON, "share", key, ALL), lately)
                for key, lately in zip(keys, recent, strict=True)
            ]
        )
        fitted = None
        if (BLEND, "weight", ALL, ALL) in values:
            mixtures = {
                candidate: Mixture(
                    **{
                        name: values[candidate, name, ALL, ALL]
                        for name in Mixture._fields
                        if (candidate, name, ALL, ALL) in values
                    }
                )
                for candidate in MIXTURES
                if (candidate, "weight", ALL, ALL) in values
            }
            mean, scale = (
                np.array([values[LOGISTIC, name, ALL, fact] for fact in FACTS])
                for name in ("mean", "scale")
            )
            coefficients = [
                [values.get((LOGISTIC, "coefficient", key, x), 0.0) for x in [*keys, *FACTS]]
                for key in keys
            ]
            intercepts = [values.get((LOGISTIC, "intercept", key, ALL), -np.inf) for key in keys]
            fitted = Fitted(
                mixtures, Regression(mean, scale, np.array(coefficients), np.array(intercepts))
            )
        return cls(np.array(keys, dtype=object), recent, past, season, fitted)


def of_candidates(shares: Shares, fitted: Fitted | None) -> dict[str, np.ndarray]:
    """The chances that each candidate gives the categories.

    Parameters
    ----------
    shares : Shares
    fitted : Fitted or None
        Without it only the candidates that need nothing fitted have chances.

    Returns
    -------
    dict of str to ndarray of shape (n, k)
        Rows sum to 1.
    """
    plain = {MOST: shares.past, RECENT: shares.recent, BASKET: shares.basket}
    if fitted and SEASONAL in fitted.mixtures:
        plain[SEASON] = shares.season
    found = {candidate: with_floor(of_plain, FLOOR) for candidate, of_plain in plain.items()}
    if fitted is None:
        return found
    for candidate, mixture in fitted.mixtures.items():
        prior = blend(shares.season, shares.recent, mixture.season)
        found[candidate] = mixed(getattr(shares, MIXTURES[candidate]), prior, mixture)
    found[LOGISTIC] = with_floor(regressed(shares, fitted.regression), FLOOR)
    found[HALF] = (found[BLEND] + found[LOGISTIC]) / 2
    return found


def mixed(basket: np.ndarray, prior: np.ndarray, mixture: Mixture) -> np.ndarray:
    """Chances by a mixture of basket and prior.

    Parameters
    ----------
    basket, prior : ndarray of shape (n, k)
        Shares of the categories.
    mixture : Mixture

    Returns
    -------
    ndarray of shape (n, k)
    """
    blended = blend(basket, prior, mixture.weight)
    return with_floor(sharpened(blended, mixture.power), mixture.floor)


def blend(basket: np.ndarray, prior: np.ndarray, weight: float) -> np.ndarray:
    """weight x basket + (1 - weight) x prior.

    Parameters
    ----------
    basket, prior : ndarray of shape (n, k)
        Shares of the categories; rows sum to 1.
    weight : float
        0..1.

    Returns
    -------
    ndarray of shape (n, k)
    """
    return weight * basket + (1 - weight) * prior


def sharpened(probabilities: np.ndarray, power: float) -> np.ndarray:
    """Probabilities to a power, rows again summing to 1.

    Parameters
    ----------
    probabilities : ndarray of shape (n, k)
    power : float
        Above 1 the likely get likelier.

    Returns
    -------
    ndarray of shape (n, k)
    """
    powered = probabilities**power
    return powered / powered.sum(axis=1, keepdims=True)


def regressed(shares: Shares, regression: Regression) -> np.ndarray:
    """(n, k) chances by the regression; 0 of a category that nobody had."""
    inputs = of_regression(shares, regression.mean, regression.scale)
    logits = inputs @ regression.coefficients.T + regression.intercepts
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def of_regression(shares: Shares, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """(n, k + 3) inputs of the regression. Roots of the shares set a small one apart from none."""
    return np.column_stack([np.sqrt(shares.basket), FACT_SCALE * (shares.facts - mean) / scale])


def with_floor(probabilities: np.ndarray, floor: float) -> np.ndarray:
    """Probabilities of which a share is spread evenly: nothing is impossible.

    Parameters
    ----------
    probabilities : ndarray of shape (n, k)
        Rows sum to 1.
    floor : float
        The share, 0..1.

    Returns
    -------
    ndarray of shape (n, k)
    """
    return (1 - floor) * probabilities + floor / probabilities.shape[1]


def ranked(
    classes: np.ndarray, probabilities: np.ndarray, first: ArrayLike | None = None
) -> np.ndarray:
    """Classes of each row, the most probable first, ties in their order.

    Parameters
    ----------
    classes : ndarray of shape (k,)
    probabilities : ndarray of shape (n, k)
    first : array_like of shape (n,), optional
        The class that leads, whatever its probability.

    Returns
    -------
    ndarray of shape (n, k)
        Positions in classes.
    """
    score = -probabilities
    if first is not None:
        score = np.where(classes == np.asarray(first, dtype=object)[:, None], -np.inf, score)
    return np.argsort(score, axis=1, kind="stable")
