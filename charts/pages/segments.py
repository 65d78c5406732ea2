"""Who are the customers, and what is there to do with each kind?"""

from collections.abc import Callable
from types import SimpleNamespace

from markupsafe import Markup

from charts import components, formats, palette

TITLE = "Segments"
QUESTION = "Who are the customers, and what is there to do with each kind of them?"
STRATEGY = [
    ("Goal", "strategy_goal"),
    ("Action", "strategy_action"),
    ("Channel", "strategy_channel"),
    ("Offer", "strategy_offer"),
    ("When", "strategy_timing"),
    ("Measure", "strategy_kpi"),
    ("Do not", "strategy_avoid"),
    ("Wholesale: action", "strategy_wholesale_action"),
    ("Wholesale: channel", "strategy_wholesale_channel"),
    ("Wholesale: offer", "strategy_wholesale_offer"),
    ("The largest others: action", "strategy_personal_action"),
    ("The largest others: channel", "strategy_personal_channel"),
    ("The largest others: offer", "strategy_personal_offer"),
]


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    segments = sorted(data.segments, key=lambda s: palette.place(s.segment_key))
    (everybody,) = data.everybody
    return components.join(
        [
            components.section("Size and revenue", _sizes(segments, data.months)),
            components.section("Recency and frequency", _grid(data)),
            components.section("Each segment", _cards(segments, everybody)),
        ]
    )


def _sizes(segments: list[SimpleNamespace], months: list[SimpleNamespace]) -> Markup:
    ends = sorted({month.month_end for month in months})
    then = {(month.segment_key, month.month_end): month for month in months}

    def trend(segment_key: str, column: str) -> Markup:
        return components.trend([getattr(then.get((segment_key, end)), column, 0) for end in ends])

    rows = [
        (
            s.segment_key,
            components.listed(
                components.named(s.segment_key, s.segment_name),
                segment_name=s.segment_name,
                contact="",
            ),
            palette.segment(s.segment_key),
            [
                (
                    s.customers,
                    f"{formats.whole(s.customers)} ({formats.percent(s.customer_share)})",
                    trend(s.segment_key, "customers"),
                ),
                (
                    s.revenue,
                    f"{formats.money(s.revenue)} ({formats.percent(s.revenue_share)})",
                    trend(s.segment_key, "revenue"),
                ),
            ],
        )
        for s in segments
    ]
    return components.figure(
        "Customers and net revenue by segment",
        f"customers; {formats.money_unit()}",
        "Left: the number of customers; right: the net revenue they bring; each with its share of all. "
        "Lines: up to twelve month ends that have enough history before them, each on a scale of its own, the net "
        "revenue being what the members of that day had brought until then. An arrow compares the last two month "
        "ends, which lie before today's figures.",
        components.bars(["Segment", "Customers (% of all)", "Net revenue (% of all)"], rows),
        "There are no customers to put into segments.",
    )


def _grid(data: SimpleNamespace) -> Markup:
    def heat(
        value: Callable[[SimpleNamespace], formats.Number], text: Callable[..., str]
    ) -> Markup:
        return components.heat(
            "Recency",
            [(5, "R 5, latest"), (4, "R 4"), (3, "R 3"), (2, "R 2"), (1, "R 1, oldest")],
            [(f, f"F {f}") for f in range(1, 6)],
            {
                (c.r_score, c.f_score): (
                    value(c),
                    components.listed(
                        text(value(c)), rfm_field=f"R{c.r_score} F{c.f_score}", contact=""
                    ),
                    f"{formats.whole(c.customers)} customers, {formats.money(c.revenue)} net",
                )
                for c in data.cells
            },
        )  # fmt: skip

    choices = [
        ("customers", "customers", heat(lambda c: c.customers, formats.whole)),
        ("revenue", "net revenue", heat(lambda c: c.revenue, formats.money)),
        ("mean", "net revenue a customer", heat(lambda c: c.revenue / c.customers, formats.money)),
    ]
    return components.figure(
        "Customers by recency and frequency score",
        f"customers, or {formats.money_unit()}; scores 1 to 5",
        "Up: ordered lately. To the right: ordered often. The top right corner holds the best "
        "customers, the bottom left those who are gone. Customers with equal values get equal "
        "scores, so fields may be empty. A click on a field lists its customers.",
        data.cells and components.panels("rfm", "Show", choices),
        "There are no customers to score.",
    )


def _cards(segments: list[SimpleNamespace], everybody: SimpleNamespace) -> Markup:
    if not segments:
        return components.card(components.prose("There are no customers to put into segments."))
    choices = [("all", "all segments", components.join(_card(s, everybody) for s in segments))]
    choices += [(s.segment_key, s.segment_name, _card(s, everybody)) for s in segments]
    return Markup('<div class="card">{}</div>').format(
        components.panels("segment", "Show", choices)
    )


def _card(segment: SimpleNamespace, everybody: SimpleNamespace) -> Markup:
    profile = [
        _measure("Days since the last order", segment.median_recency_days,
                 everybody.recency_days, formats.whole),
        _measure("Orders", segment.median_frequency, everybody.frequency, formats.whole),
        _measure("Net spend", segment.median_monetary, everybody.monetary, formats.money),
        _measure("Net spend an order", segment.median_avg_order_value,
                 everybody.avg_order_value, formats.money),
    ]  # fmt: skip
    strategy = components.join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(label, getattr(segment, column))
        for label, column in STRATEGY
        if getattr(segment, column)
    )
    return Markup(
        '<article class="segment" data-segment="{}"><h3>{}</h3><p class="how">{}</p><p>{}</p>'
        '<div class="grid"><div><p class="how">Median of the segment (bar) against all customers '
        "(middle line): to the right more, to the left less, up to 8 times.</p>{}</div>"
        "<dl>{}</dl></div><p>{}</p></article>"
    ).format(
        segment.segment_key,
        components.named(segment.segment_key, segment.segment_name),
        segment.meaning,
        segment.interpretation,
        components.profile(profile, palette.segment(segment.segment_key)),
        strategy,
        components.listed(
            "Customers of this segment on the action list",
            segment_name=segment.segment_name,
            contact="",
        ),
    )


def _measure(
    label: str,
    value: formats.Number | None,
    average: formats.Number | None,
    text: Callable[..., str],
) -> tuple[str, str, str, float | None]:
    ratio = float(value) / float(average) if value is not None and average else None
    return label, text(value), text(average), ratio
