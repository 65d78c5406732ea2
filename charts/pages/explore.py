"""What is regular in the data?"""

from markupsafe import Markup

from charts import blocks, palette, words

TITLE = "Explore"
QUESTION = "What is regular in the data: where, when, what and how often do people buy?"

GAPS = [
    "up to 7 days",
    "8 to 14 days",
    "15 to 30 days",
    "31 to 60 days",
    "61 to 90 days",
    "91 to 180 days",
    "over 180 days",
    "ordered on one day only",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def body(data):
    return blocks.join(
        [
            blocks.section("What stands out", _findings(data)),
            blocks.section("Where and when", _countries(data), _hours(data)),
            blocks.section("How much and how often", _sizes(data), _gaps(data), _cohorts(data)),
            blocks.section("What", _best(data), _returned(data)),
        ]
    )


def _findings(data):
    items = blocks.join(Markup("<li>{}</li>").format(f.finding) for f in data.findings)
    return blocks.figure(
        "Key findings",
        f"{len(data.findings)} regularities",
        "Each sentence is written from the figures of this build.",
        items and Markup('<ol class="findings">{}</ol>').format(items),
        "There is too little data for findings.",
    )


def _countries(data):
    def bars(column, text, rows):
        rows = sorted(rows, key=lambda c: -getattr(c, column))[:15]
        return blocks.bars(
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
        ("net_amount", "net revenue", bars("net_amount", words.money, data.countries)),
        ("customers", "customers", bars("customers", words.whole, data.countries)),
        ("orders", "orders", bars("orders", words.whole, data.countries)),
    ]
    if others:
        choices.append(
            (
                "others",
                f"net revenue without {largest[0].country}",
                bars("net_amount", words.money, others),
            )
        )
    return blocks.figure(
        "The largest countries",
        f"{words.currency().strip()} net revenue, customers or orders",
        "Bars compare within the list; up to 15 countries are shown. A customer counts for the "
        "country of the last order.",
        largest and blocks.panels("countries", "Show", choices),
        "There are no sales yet.",
    )


def _hours(data):
    hours = range(min((h.hour for h in data.hours), default=0), 1 + _last(data.hours))
    cells = {
        (h.weekday_no, h.hour): (
            h.orders,
            words.whole(h.orders),
            (
                f"{h.weekday} {h.hour}:00: {words.whole(h.orders)} orders, "
                f"{words.money(h.net_amount)} net"
            ),
        )
        for h in data.hours
    }
    return blocks.figure(
        "Orders by weekday and hour",
        "orders",
        "The darker a field, the more orders begin in that hour of that day; empty fields had none.",
        blocks.heat(
            "Weekday",
            list(enumerate(DAYS, start=1)),
            [(hour, f"{hour}:00") for hour in hours],
            cells,
        ),
        "There are no orders yet.",
    )


def _last(hours):
    return max((h.hour for h in hours), default=0)


def _sizes(data):
    rows = [
        (
            s.band_no,
            s.size_band,
            palette.MAIN,
            [(s.orders, words.whole(s.orders)), (s.net_amount, words.money(s.net_amount))],
        )
        for s in data.sizes
    ]
    return blocks.figure(
        "Orders and net revenue by size of order",
        f"orders; {words.currency().strip()}",
        "Bands of the value of an order before returns. Where the right bar is longer, few large "
        "orders bring much.",
        blocks.bars(["Order value", "Orders", "Net revenue"], rows),
        "There are no orders yet.",
    )


def _gaps(data):
    rows = [
        (
            g.band_no,
            GAPS[g.band_no - 1],
            palette.MUTED if g.band_no == len(GAPS) else palette.MAIN,
            [(g.customers, f"{words.whole(g.customers)} ({words.percent(g.share)})")],
        )
        for g in data.gaps
    ]
    return blocks.figure(
        "Customers by their usual days between two orders",
        "customers, % of all",
        "For each customer the median of the days between order days. Who has waited much longer "
        "than usual may be leaving.",
        blocks.bars(["Usual gap", "Customers"], rows),
        "There are no customers yet.",
    )


def _cohorts(data):
    rows = {c.cohort_month: c.cohort_customers for c in data.cohorts if c.months_since > 0}
    latest = max((c.months_since for c in data.cohorts), default=0)
    cells = {
        (c.cohort_month, c.months_since): (
            c.retention_rate,
            words.percent(c.retention_rate) + ("" if c.is_complete_month else "*"),
            f"{words.whole(c.customers)} of {words.whole(c.cohort_customers)} customers",
        )
        for c in data.cohorts
        if c.months_since > 0
    }
    return blocks.figure(
        "Who comes back: customers by the month of their first order",
        "% of a row's customers that ordered in the month",
        "Read a row from left to right: of the customers won in that month, how many ordered so many "
        "months later. * marks a month that is not complete. In the first row many are older "
        "customers whom the file sees for the first time.",
        blocks.heat(
            "First order",
            [(m, f"{words.month(m)} ({words.whole(n)} customers)") for m, n in rows.items()],
            [(n, f"+{n}") for n in range(1, latest + 1)],
            cells,
        ),
        "Nobody has had a month to come back in yet.",
    )


def _best(data):
    rows = [
        (
            p.stock_code,
            f"{p.description} ({p.stock_code})",
            palette.MAIN,
            [(p.revenue, words.money(p.revenue))],
        )
        for p in data.best
    ]
    return blocks.figure(
        "Products with the highest net revenue",
        f"{words.currency().strip()}",
        "The 15 highest; the page Products lists them all.",
        blocks.bars(["Product", "Net revenue"], rows),
        "There are no sales yet.",
        half=True,
    )


def _returned(data):
    rows = [
        (
            p.stock_code,
            f"{p.description} ({p.stock_code})",
            palette.SECOND,
            [
                (
                    p.units_returned,
                    f"{words.whole(p.units_returned)} ({words.percent(p.return_rate)})",
                )
            ],
        )
        for p in data.returned
    ]
    return blocks.figure(
        "Products that come back most",
        "units returned, % of units sold",
        "A rate near 100% is most often one large order that was cancelled.",
        blocks.bars(["Product", "Units returned"], rows),
        "Nothing has come back.",
        half=True,
    )
