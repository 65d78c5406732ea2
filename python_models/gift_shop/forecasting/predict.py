"""What one new customer may want next, from the published file and without a build.

`make predict BASKET=basket.csv`, or with rows on standard input, prints the chances of the
categories, the likely segment and why. A shop's backend calls `predict` with the lines. The figures
are those that a build has of a customer who bought the same: both come of chances.py and
placing.py, from the numbers in model_parameters. Nothing that trains is imported.
"""

import csv
import datetime as dt
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from gift_shop import paths
from gift_shop.clustering.placing import placed
from gift_shop.errors import BasketError
from gift_shop.forecasting import chances
from gift_shop.forecasting.chances import ALL, BLEND, CLASS_SHARES, HALF, IDLE, LOGISTIC, TODAY
from gift_shop.rounding import figures, log1p, settled

INTEREST, NEXT, CLUSTERS = "category_of_interest", "segment_transition", "customer_segments"
# metrics of a candidate that was held out where the choice is made: without them it shows no chance
TRIED = {INTEREST: "log_loss_validation", NEXT: "accuracy_validation"}
NEEDED, OPTIONAL = ("stock_code", "quantity", "unit_price"), ("ordered_on", "invoice_no")
AXES = ("recency", "frequency", "monetary")


class Line(NamedTuple):
    """A line of a customer's orders, prices in the file's currency.

    Without a day it is of the day before the build's as-of date, or of the day of the other lines;
    without an invoice number all lines of a day are one order.
    """

    stock_code: str
    quantity: Decimal | float
    unit_price: Decimal | float
    ordered_on: dt.date | None = None
    invoice_no: str = ""


class Category(NamedTuple):
    key: str
    name: str
    chance: float | None  # None where no way to predict could be tried on earlier customers


class Segment(NamedTuple):
    key: str
    name: str
    chance: float | None  # None as above
    today: str  # the name of today's
    horizon_days: int


class Prediction(NamedTuple):
    """What is predicted of one customer, as table new_customers has it.

    Attributes
    ----------
    categories : tuple of Category
        All of them, the likeliest first; empty where none could be forecast.
    reason : str
        What speaks for the first, or why there is none.
    segment : Segment or None
        The likely one after the horizon; None where there are no clusters.
    notes : tuple of str
        What to know about it: unknown products, why there is no segment.
    """

    categories: tuple[Category, ...]
    reason: str
    segment: Segment | None
    notes: tuple[str, ...]


class Basket(NamedTuple):
    """Lines, and of the products that the build knows the category and whether a person named it."""

    codes: list[str]
    amounts: list[Decimal]
    days: list[dt.date]
    invoices: list[tuple[dt.date, str]]
    categories: dict[str, tuple[str, bool]]


class Published:
    """What a prediction reads of the published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection
        ((self.as_of_date,),) = self.rows("select as_of_date from build_info")
        self.parameters = defaultdict(list)
        self.used = {}
        for model, *row, is_used in self.rows(
            "select model, candidate, parameter, class_key, feature, value, is_used from model_parameters"
        ):
            self.parameters[model].append(tuple(row))
            if is_used and row[0] != ALL:
                self.used[model] = row[0]

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.connection.execute(query, values).fetchall()

    def values(self, model: str, candidate: str, parameter: str) -> dict[str, float]:
        """The values of a parameter by class_key."""
        return {
            key: value
            for *of, key, _, value in self.parameters[model]
            if of == [candidate, parameter]
        }

    def is_tried(self, model: str, candidate: str) -> bool:
        """Whether its chances were held out where the choice is made."""
        query = "from model_metrics where model = ? and candidate = ? and metric = ?"
        return bool(self.rows(query, model, candidate, TRIED[model]))

    def why_not(self, model: str) -> str | None:
        """Why a model could not be tried."""
        ((note,),) = self.rows(
            "select min(note) from model_metrics where model = ? and metric = 'not_tried'", model
        )
        return note


def predict(lines: Iterable[Line], database: Path | None = None) -> Prediction:
    """What is known of a new customer by the lines of the orders so far.

    Parameters
    ----------
    lines : iterable of Line
    database : Path, optional
        The published file; by default that of GIFT_SHOP_PUBLISHED.

    Returns
    -------
    Prediction

    Raises
    ------
    BasketError
        Of an empty basket, a line that is no sale, and where nothing is published.
    """
    lines = list(lines)
    if not lines:
        raise BasketError("the basket is empty: a line with a product is needed")
    database = database or paths.published() / "gift_shop.duckdb"
    if not database.exists():
        raise BasketError(f"{database} is not there: nothing is published yet, run make build")
    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            published = Published(connection)
        except duckdb.CatalogException:
            raise BasketError(f"{database} is of an earlier version: run make build") from None
        basket = _basket(lines, published)
        categories, reason = _categories(basket, published)
        segment, note = _segment(basket, published)
    unknown = ", ".join(sorted(set(basket.codes) - basket.categories.keys()))
    if unknown:
        unknown = f"not known to the published build, so without a category: {unknown}"
    return Prediction(categories, reason, segment, tuple(filter(None, (unknown, note))))


def read(text: str) -> list[Line]:
    """The lines of a CSV with columns stock_code, quantity, unit_price and, where they are known,
    ordered_on and invoice_no; capitals and underscores do not matter.

    Parameters
    ----------
    text : str
        Set apart by commas, semicolons or tabs.

    Raises
    ------
    BasketError
        Of a missing column or a value that cannot be read.
    """
    header = text.lstrip("\ufeff\r\n").partition("\n")[0]
    rows = csv.reader(
        text.lstrip("\ufeff\r\n").splitlines(), delimiter=max(",;\t", key=header.count)
    )
    names = [re.sub(r"[\W_]", "", name).lower() for name in next(rows, [])]
    places = {
        name: names.index(name.replace("_", ""))
        for name in (*NEEDED, *OPTIONAL)
        if name.replace("_", "") in names
    }
    if names and not places.keys() >= set(NEEDED):
        raise BasketError(
            f"the basket needs columns {', '.join(NEEDED)} in its first line: {header.strip()}"
        )
    return [
        _read(number, {name: (*row, *len(names) * [""])[at].strip() for name, at in places.items()})
        for number, row in enumerate(rows, start=2)
        if any(row)
    ]


def _read(number: int, row: dict[str, str]) -> Line:
    try:
        day = dt.date.fromisoformat(row["ordered_on"][:10]) if row.get("ordered_on") else None
        quantity, price = Decimal(row["quantity"]), Decimal(row["unit_price"])
    except (InvalidOperation, ValueError):
        raise BasketError(
            f"line {number} of the basket cannot be read: quantity and unit_price are plain numbers,"
            " ordered_on is a day like 2011-12-09"
        ) from None
    return Line(row["stock_code"], quantity, price, day, row.get("invoice_no", ""))


def _basket(lines: list[Line], published: Published) -> Basket:
    last = max((line.ordered_on for line in lines if line.ordered_on), default=None)
    otherwise = last or published.as_of_date - dt.timedelta(days=1)
    codes, amounts, days = [], [], []
    for code, quantity, price, day, _ in lines:
        codes.append(code.strip().upper())
        if not codes[-1] or not all(math.isfinite(x) and x > 0 for x in (quantity, price)):
            raise BasketError(
                f"product {codes[-1] or 'without a code'}, quantity {quantity}, unit_price {price}: a"
                " line of a basket has a code, and a quantity and a price above 0"
            )
        amounts.append(round(Decimal(str(quantity)) * Decimal(str(price)), 4))
        days.append(day or otherwise)
    invoices = [(day, line.invoice_no) for day, line in zip(days, lines, strict=True)]
    known = published.rows(
        "select stock_code, category_key, is_named_by_people from products"
        " where stock_code in (select unnest(cast(? as varchar[])))",
        codes,
    )
    categories = {code: (key, by_people) for code, key, by_people in known}
    return Basket(codes, amounts, days, invoices, categories)


def _categories(basket: Basket, published: Published) -> tuple[tuple[Category, ...], str]:
    """All categories, the likeliest first, and what speaks for the first."""
    parameters = chances.Parameters.of(published.parameters[INTEREST])
    used = published.used.get(INTEREST)
    if used is None:
        why = published.why_not(INTEREST) or "nothing is known yet to train on"
        return (), f"no forecast: {why}"
    found = chances.of_candidates(_shares(basket, parameters), parameters.fitted)
    (order,) = chances.ranked(parameters.categories, figures(found[used]))
    names = dict(published.rows("select category_key, category_name from product_categories"))
    is_tried = published.is_tried(INTEREST, used)
    categories = tuple(
        Category(key, names[key], chance if is_tried else None)
        for key, chance in zip(
            parameters.categories[order], figures(found[used])[0, order].tolist(), strict=True
        )
    )
    by_shares = None
    if used in (LOGISTIC, HALF):
        first = chances.ranked(parameters.categories, figures(found[BLEND]))[0, 0]
        by_shares = names[parameters.categories[first]]
    return categories, _reason(categories[0], by_shares, basket, published)


def _shares(basket: Basket, parameters: chances.Parameters) -> chances.Shares:
    money: dict[str, Decimal] = defaultdict(Decimal)
    roots: dict[str, float] = defaultdict(float)
    for code, amount in zip(basket.codes, basket.amounts, strict=True):
        key, by_people = basket.categories.get(code, ("", False))
        if by_people:
            money[key] += amount
            roots[key] += round(math.sqrt(amount), 8)
    facts = [
        float(sum(money.values())),
        len(basket.codes),
        len(set(zip(basket.invoices, basket.codes, strict=True))),
    ]
    recent = parameters.recent[None]
    by_money, by_roots = (
        np.array([[float(spent.get(key, 0)) for key in parameters.categories]])
        for spent in (money, roots)
    )
    return chances.Shares(
        by_money / by_money.sum() if money else recent,
        by_roots / by_roots.sum() if roots else recent,
        recent,
        parameters.past[None],
        parameters.season[None],
        log1p(np.array([facts])),
    )


def _reason(first: Category, by_shares: str | None, basket: Basket, published: Published) -> str:
    """What speaks for a category: the sentence of new_customers.sql."""
    total = own = Decimal(0)
    for code, amount in zip(basket.codes, basket.amounts, strict=True):
        if code in basket.categories:
            total += amount
            own += amount if basket.categories[code][0] == first.key else 0
    lately = published.values(INTEREST, ALL, "revenue_share").get(first.key, 0.0)
    days = published.values(INTEREST, ALL, "prior_days")[ALL]
    share = float(figures(float(own / total))) if total else 0.0
    reason = f"{first.name}: "
    if share > 0:
        reason += f"{_percent(share)} of what this customer has bought"
    else:
        reason += "not bought by this customer so far"
    if lately > 0:
        reason += f", {_percent(lately)} of what everybody bought in the last {days:.0f} days"
    if by_shares not in (None, first.name):
        reason += (
            f"; by such shares it would be {by_shares}, but earlier customers with such baskets"
            " went on to this one"
        )
    return reason


def _segment(basket: Basket, published: Published) -> tuple[Segment | None, str | None]:
    """The likely segment after the horizon, by the rule in use, and what to know about it."""
    horizon = int(published.values(NEXT, ALL, "horizon_days")[ALL])
    now, idle = (_nearest(basket, published, days) for days in (0, horizon))
    if now is None or idle is None:
        return (
            None,
            f"no segment is predicted: {published.why_not(NEXT) or 'there are no clusters'}",
        )
    used, note = published.used.get(NEXT, IDLE), None
    if NEXT not in published.used:
        note = (
            "a build predicts the segment by a classifier; here it is by the rule that a customer only"
            " grows older"
        )
    rates = published.values(NEXT, used, "chance")
    if used == CLASS_SHARES:
        then = max(sorted(rates), key=rates.__getitem__)
    else:
        then = now if used == TODAY else idle
    chance = float(figures(rates[then])) if then in rates else None
    names = dict(published.rows("select segment_key, segment_name from segments"))
    return Segment(
        then,
        names.get(then, then),
        chance if published.is_tried(NEXT, used) else None,
        names.get(now, now),
        horizon,
    ), note


def _nearest(basket: Basket, published: Published, idle_days: int) -> str | None:
    """The segment of the nearest centroid after so many days without an order; None without any."""
    values = {
        (parameter, key, axis): value
        for _, parameter, key, axis, value in published.parameters[CLUSTERS]
    }
    if not values:
        return None
    last = max(basket.days)
    asked_on = max(published.as_of_date, last + dt.timedelta(days=1))
    rfm = [
        (asked_on - last).days + idle_days,
        len(set(basket.invoices)),
        float(sum(basket.amounts)),
    ]
    space = (
        np.array([values[name, ALL, axis] for axis in AXES]) for name in ("lambda", "mean", "scale")
    )
    z = placed(np.array([rfm], dtype=float), *space)
    clusters = sorted({int(key) for name, key, _ in values if name == "centroid"})
    centres = np.array([[values["centroid", str(no), axis] for axis in AXES] for no in clusters])
    nearest = clusters[int(settled(np.sqrt(((z - centres) ** 2).sum(axis=1))).argmin())]
    ((key,),) = published.rows(
        "select min(segment_key) from customer_segments where cluster_no = ?", nearest
    )
    return key


def _percent(share: float) -> str:
    """A share in percent, in the words of macro percent."""
    if 0 < share < 0.0005:
        return "less than 0.1%"
    if 0.995 <= share < 1:
        return "more than 99%"
    return f"{100 * share:,.{1 if 0 < share < 0.0995 else 0}f}%"


def _chance(probability: float | None) -> str:
    """A chance in percent, in the words of macro chance."""
    if probability is None:
        return "not known"
    if probability < 0.01 or probability > 0.99:
        return "less than 1%" if probability < 0.01 else "more than 99%"
    return f"{100 * probability:.0f}%"


def in_words(prediction: Prediction) -> str:
    """A prediction for people to read."""
    width = max((len(category.name) for category in prediction.categories), default=0)
    parts = [f"{each.name:{width}}  {_chance(each.chance)}" for each in prediction.categories]
    if prediction.segment:
        _, name, chance, today, days = prediction.segment
        parts.append(
            f"Segment today: {today}; in {days} days most likely: {name} ({_chance(chance)})"
        )
    return "\n".join([*parts, f"Why: {prediction.reason}", *prediction.notes])


def main(path: str = "") -> None:
    """Print the prediction of a file, or of standard input; a mistake is one sentence."""
    try:
        basket = Path(path).read_text(encoding="utf-8-sig") if path else sys.stdin.read()
        print(in_words(predict(read(basket))))
    except BasketError as error:
        sys.exit(str(error))
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{path or 'standard input'} cannot be read: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
