"""What is regular in the data?"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from charts import components, formats, palette

TITLE = "Explore"
QUESTION = "What is regular in the data: where, when, what and how often do people buy?"

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    return components.join(
        [
            components.section("What stands out", _findings(data)),
            components.section("Where and when", _countries(data), _hours(data)),
            components.section("How much and how often", _sizes(data), _gaps(data), _cohorts(data)),
            components.section("What", _best(data), _returned(data)),
        ]
    )


def _findings(data: SimpleNamespace) -> Markup:
    items = components.join(Markup("<li>{}</li>").format(f.finding) for f in data.findings)
    return components.figure(
        "Key findings",
        f"{len(data.findings)} regularities",
        "Each sentence is written from the figures of this build.",
        items and Markup('<ol class="findings">{}</ol>').format(items),
        "There is too little data for findings.",
    )


def _countries(data: SimpleNamespace) -> Markup:
    def bars(column: str, text: Callable[..., str], rows: list[SimpleNamespace]) -> Markup:
        rows = sorted(rows, key=lambda c: -getattr(c, column))[:15]
        return components.bars(
            ["Country", {"net_amount": "Net revenue"}.get(column, column.capitalize())],
            [
                (
                    c.country,
                    c.country,
                    palette.MAIN,
                    [(getattr(c, column), text(getattr(c, column)))],
                )
                for c in rows
            ],
        )

    largest = data.countries[:1]
    others = data.countries[1:]
    choices = [
        ("net_amount", "net revenue", bars("net_amount", formats.money, data.countries)),
        ("customers", "customers", bars("customers", formats.whole, data.countries)),
        ("orders", "orders", bars("orders", formats.whole, data.countries)),
    ]
    if others:
        choices.append(
            (
                "others",
                f"net revenue without {largest[0].country}",
                bars("net_amount", formats.money, others),
            )
        )
    return components.figure(
        "The largest countries",
        f"{formats.money_unit()} net revenue, customers or orders",
        "Bars compare within the list; up to 15 countries are shown. A customer counts for the "
        "country of the last order.",
        largest and components.panels("countries", "Show", choices),
        "There are no sales yet.",
    )


def _hours(data: SimpleNamespace) -> Markup:
    hours = range(min((h.hour for h in data.hours), default=0), 1 + _last(data.hours))
    cells = {
        (h.weekday_no, h.hour): (
            h.orders,
            formats.whole(h.orders),
            (
                f"{h.weekday} {h.hour}:00: {formats.whole(h.orders)} orders, "
                f"{formats.money(h.net_amount)} net"
            ),
        )
        for h in data.hours
    }
    return components.figure(
        "Orders by weekday and hour",
        "orders",
        "The darker a field, the more orders begin in that hour of that day; empty fields had none.",
        components.heat(
            "Weekday",
            list(enumerate(DAYS, start=1)),
            [(hour, f"{hour}:00") for hour in hours],
            cells,
        ),
        "There are no orders yet.",
    )


def _last(hours: list[SimpleNamespace]) -> int:
    return max((h.hour for h in hours), default=0)


def _sizes(data: SimpleNamespace) -> Markup:
    rows = [
        (
            s.band_no,
            s.size_band,
            palette.MAIN,
            [(s.orders, formats.whole(s.orders)), (s.net_amount, formats.money(s.net_amount))],
        )
        for s in data.sizes
    ]
    return components.figure(
        "Orders and net revenue by size of order",
        f"orders; {formats.money_unit()}",
        "Bands of the value of an order before returns: how many orders each has, and what they brought "
        "after returns.",
        components.bars([f"Order value ({formats.money_unit()})", "Orders", "Net revenue"], rows),
        "There are no orders yet.",
    )


def _gap(band: Any) -> str:
    if band.from_days is None:
        return "ordered on one day only"
    if band.to_days is None:
        return f"over {band.from_days - 1} days"
    return (
        f"{band.from_days} to {band.to_days} days"
        if band.from_days
        else f"up to {band.to_days} days"
    )


def _gaps(data: SimpleNamespace) -> Markup:
    rows = [
        (
            g.from_days,
            _gap(g),
            palette.MUTED if g.from_days is None else palette.MAIN,
            [(g.customers, f"{formats.whole(g.customers)} ({formats.percent(g.share)})")],
        )
        for g in data.gaps
    ]
    return components.figure(
        "Customers by their usual days between two orders",
        "customers, % of all",
        "For each customer the median of the days between order days. A customer who has waited much "
        "longer than usual may be leaving.",
        components.bars(["Usual gap", "Customers"], rows),
        "There are no customers yet.",
    )


def _cohorts(data: SimpleNamespace) -> Markup:
    rows = {c.cohort_month: c.cohort_customers for c in data.cohorts if c.months_since > 0}
    latest = max((c.months_since for c in data.cohorts), default=0)
    cells = {
        (c.cohort_month, c.months_since): (
            c.retention_rate,
            formats.percent(c.retention_rate) + ("" if c.is_complete_month else "*"),
            f"{formats.whole(c.customers)} of {formats.whole(c.cohort_customers)} customers",
        )
        for c in data.cohorts
        if c.months_since > 0
    }
    return components.figure(
        "Who comes back: customers by the month of their first order",
        "% of a row's customers that ordered in the month",
        "Read a row from left to right: of the customers won in that month, how many ordered so many "
        "months later. * marks a month that is not complete. In the first row many are older "
        "customers whom the file sees for the first time.",
        components.heat(
            "First order",
            [(m, f"{formats.month(m)} ({formats.whole(n)} customers)") for m, n in rows.items()],
            [(n, f"+{n}") for n in range(1, latest + 1)],
            cells,
        ),
        "Nobody has had a month to come back in yet.",
    )


def _best(data: SimpleNamespace) -> Markup:
    rows = [
        (
            p.stock_code,
            f"{p.description} ({p.stock_code})",
            palette.MAIN,
            [(p.revenue, formats.money(p.revenue))],
        )
        for p in data.best
    ]
    return components.figure(
        "Products with the highest net revenue",
        f"{formats.money_unit()}",
        "The 15 highest; the page Products lists them all.",
        components.bars(["Product", "Net revenue"], rows),
        "There are no sales yet.",
        half=True,
    )


def _returned(data: SimpleNamespace) -> Markup:
    rows = [
        (
            p.stock_code,
            f"{p.description} ({p.stock_code})",
            palette.SECOND,
            [
                (
                    p.units_returned,
                    f"{formats.units(p.units_returned)} ({formats.percent(p.return_rate)})",
                )
            ],
        )
        for p in data.returned
    ]
    return components.figure(
        "Products that come back most",
        "units returned, % of units sold",
        "A rate near 100% is most often one large order that was cancelled.",
        components.bars(["Product", "Units returned"], rows),
        "Nothing has come back.",
        half=True,
    )
