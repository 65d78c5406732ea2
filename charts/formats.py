"""Numbers, money and dates as people read them; one place, so that no two pages round differently."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

Number = int | float | Decimal

NOTHING = "–"
# keys whose words are not the key's own
NAMES = {
    "kmeans": "k-means",
    "bisecting_kmeans": "Bisecting k-means",
    "yeo_johnson": "Yeo-Johnson",
    "log1p": "log(1 + x)",
    "clusters_k3": "Clusters, k = 3",
    "rfm_groups": "RFM groups",
    "todays_segment": "Today's segment",
    "frequency_rank": "Rank by orders",
    "monetary_rank": "Rank by spend",
    "recency_rank": "Rank by recency",
    "recent_prior": "What sells now",
    "most_bought": "Best sellers",
    "sharpened_roots": "Sharpened blend of roots",
    "seasonal_roots": "Blend of roots and season",
    "season_prior": "Same season last year",
    "poisson_in_season": "Poisson regression in season",
    "hindsight": "Known in hindsight",
    "auc": "AUC",
    "ami": "Adjusted mutual information",
    "stability_ari": "Stability (adjusted Rand index)",
    "accuracy": "Share right",
    "top3_accuracy": "Share right among three",
    "top3_spend_share": "Share of spend in the three shown",
    "top20_spend_share": "Share of spend in the fifth ranked first",
    "total_ratio": "Forecast total by what came",
    "total_error": "Error of the total",
}
# of a metric: what of, or on whom
SUFFIXES = {
    "_validation": ", on validation",
    "_test_unseen": ", on customers never seen",
    "_difference": ", difference to the best baseline",
}


def whole(value: Number | None) -> str:
    """A whole number, rounded half up as SQL does: 4,334."""
    if value is None:
        return NOTHING
    return f"{Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP):,}"


def units(value: Number | None) -> str:
    """A quantity, with the decimals it has where goods are sold by weight: 1,234 or 0.25."""
    return NOTHING if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")


def money(value: Number | None) -> str:
    """A whole amount in the shop's currency: £8,251,692."""
    if value is None:
        return NOTHING
    text = whole(abs(Decimal(str(value))))
    return ("-" if Decimal(str(value)) < 0 and text != "0" else "") + currency() + text


def exact_money(value: Number) -> str:
    """An amount with its pennies: £8,251,692.41."""
    amount = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{'-' if amount < 0 else ''}{currency()}{abs(amount):,}"


def percent(share: Number | None) -> str:
    """A share in percent with two figures: 61%, 3.7%."""
    if not share:
        return NOTHING if share is None else "0%"
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.995 <= share < 1:
        return ">99%"
    places = Decimal(1) if abs(Decimal(str(share))) >= Decimal("0.0995") else Decimal("0.1")
    return f"{(Decimal(str(share)) * 100).quantize(places, ROUND_HALF_UP)}%"


def figure(value: Number | None, places: int = 2) -> str:
    """A measure without a unit: 0.73."""
    return NOTHING if value is None else f"{value:.{places}f}"


def day(value: dt.date | None) -> str:
    """A day: 10 Dec 2011."""
    return NOTHING if value is None else f"{value.day} {value:%b %Y}"


def days(number: int | None) -> str:
    """A number of days: 70 days."""
    return f"{whole(number)} day{'' if number == 1 else 's'}"


def month(value: dt.date) -> str:
    """A month: Dec 2011."""
    return f"{value:%b %Y}"


def plain(key: str | None) -> str:
    """A key as words: lapsed_big_order becomes Lapsed big order."""
    for suffix, words in SUFFIXES.items():
        if key and key.endswith(suffix):
            return plain(key.removesuffix(suffix)) + words
    return NOTHING if not key else NAMES.get(key) or key.replace("_", " ").capitalize()


_sign = ""


def use_currency(sign: str | None) -> None:
    """Write amounts with a sign from now on: build_info.currency, null where it is not known."""
    global _sign
    _sign = sign or ""


def currency() -> str:
    """What stands before an amount."""
    return f"{_sign} " if _sign[-1:].isalpha() else _sign


def money_unit() -> str:
    """What amounts are in, for a caption: £, or money."""
    return _sign or "money"
