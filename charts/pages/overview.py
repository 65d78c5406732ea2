"""How large is the shop, how do sales go month by month, and what was left out?"""

from types import SimpleNamespace

from markupsafe import Markup

from charts import components, drawings, formats, palette

TITLE = "Overview"
QUESTION = (
    "How large is the shop, how do sales go month by month, and what was left out of the figures?"
)

# what a class of lines means, and what becomes of it
CLASSES = {
    "sale": "Counted: bought by a known customer",
    "return": "Counted: taken off the purchase it gives back",
    "anonymous_sale": "Counted apart: no customer given, so it belongs to no segment",
    "anonymous_return": "Counted apart: a return without a customer",
    "duplicate": "Left out: the same line again",
    "non_product": "Left out: a fee, postage or a correction, not goods",
    "adjustment": "Left out: no price, or a stock correction",
    "invalid": "Left out: a number, date or code that cannot be read",
    "malformed": "Left out: not a record with the file's columns",
}


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    return components.join(
        [
            _figures(data),
            components.section("Month by month", _by_month(data), _orders(data), _buyers(data)),
            components.section("Who buys", _segments(data)),
            components.section("What was left out, and why", _lines(data)),
        ]
    )


def _figures(data: SimpleNamespace) -> Markup:
    (sales,), (customers,), (due,) = data.sales, data.customers, data.due
    share = sales.returned / sales.gross if sales.gross else None
    return components.tiles(
        [
            ("Customers", formats.whole(customers.customers), "with a customer number"),
            ("Orders", formats.whole(sales.orders), "of these customers"),
            ("Sales before returns", formats.money(sales.gross), "goods only, no postage or fees"),
            (
                "Returns",
                formats.money(sales.returned),
                f"{formats.percent(share)} of sales, at the price of the purchase, not of the refund",
            ),
            (
                "Net revenue",
                formats.money(sales.net),
                (
                    "sales less returns: "
                    f"{formats.exact_money(sales.gross)} − {formats.exact_money(sales.returned)} "
                    f"= {formats.exact_money(sales.net)}"
                ),
            ),
            (
                "Sales without a customer",
                formats.money(sales.anonymous_gross - sales.anonymous_returned),
                "after returns; not in the other figures here",
            ),
            (
                "Ordered once",
                formats.percent(
                    customers.once / customers.customers if customers.customers else None
                ),
                f"{formats.whole(customers.once)} customers with a single order",
            ),
            (
                "Due now",
                formats.whole(due.customers),
                "customers to contact, without the control group; the page Actions has who and with what",
            ),
        ]
    )


def _by_month(data: SimpleNamespace) -> Markup:
    title = "Net revenue by month"
    rows = [
        {
            "key": f"{m.month:%Y-%m}",
            "label": formats.month(m.month),
            "value": float(m.net_amount),
            "text": f"{formats.month(m.month)}: {formats.money(m.net_amount)} net "
            f"({formats.money(m.gross_amount)} sold, {formats.money(m.returned_amount)} returned)"
            + _incomplete(m),
            "colour": palette.MAIN if m.is_complete_month else palette.MUTED,
        }
        for m in data.months
    ]
    return components.figure(
        title,
        f"{formats.money_unit()}, month of the purchase",
        "Each column is a month; a pale one is incomplete and should not be compared. Returns "
        "are deducted from the month of the purchase.",
        rows and drawings.columns(rows, "money", "net revenue", "month", title),
        "There are no sales yet.",
    )


def _incomplete(month: SimpleNamespace) -> str:
    return "" if month.is_complete_month else ", month not complete"


def _orders(data: SimpleNamespace) -> Markup:
    return _lines_by_month(
        data,
        "Orders by month",
        "orders",
        "A point is a month; an open one is not complete and should not be compared.",
        [("Orders", "orders", palette.MAIN)],
    )


def _buyers(data: SimpleNamespace) -> Markup:
    return _lines_by_month(
        data,
        "Customers by month, and the new ones among them",
        "customers",
        "New means ordering for the first time in this file, so the first months include many who "
        "are not new to the shop. An open point is a month that is not complete.",
        [
            ("Customers who ordered", "customers", palette.MAIN),
            ("of these for the first time", "new_customers", palette.SECOND),
        ],
    )


def _lines_by_month(
    data: SimpleNamespace, title: str, unit: str, how: str, series: list[tuple[str, str, str]]
) -> Markup:
    rows = [
        {
            "series": name,
            "label": formats.month(m.month),
            "value": getattr(m, column),
            "text": f"{formats.month(m.month)}, {name[0].lower()}{name[1:]}: "
            f"{formats.whole(getattr(m, column))}{_incomplete(m)}",
            "open": not m.is_complete_month,
        }
        for m in data.months
        for name, column, _ in series
    ]
    styles = {name: (colour, "") for name, _, colour in series}
    return components.figure(
        title,
        unit,
        how,
        rows
        and components.join(
            [
                components.switches([(name, colour, name) for name, _, colour in series]),
                drawings.lines(
                    rows, styles, "whole", unit, "month", title, from_zero=True, together="month"
                ),
            ]
        ),
        "There are no sales yet.",
        half=True,
    )


def _segments(data: SimpleNamespace) -> Markup:
    rows = sorted(data.segments, key=lambda s: palette.place(s.segment_key))
    return components.figure(
        "Share of customers and of net revenue by segment",
        "% of all customers, % of net revenue",
        "Where the share of revenue is above that of customers, each of them brings more than the "
        "average. What to do with each segment is on the pages Segments and Actions.",
        components.bars(
            ["Segment", "% of customers", "% of net revenue"],
            [
                (
                    s.segment_key,
                    components.listed(
                        components.named(s.segment_key, s.segment_name),
                        segment_name=s.segment_name,
                        contact="",
                    ),
                    palette.segment(s.segment_key),
                    [
                        (s.customer_share, formats.percent(s.customer_share)),
                        (s.revenue_share, formats.percent(s.revenue_share)),
                    ],
                )
                for s in rows
            ],
        ),
        "There are no customers to put into segments.",
    )


def _lines(data: SimpleNamespace) -> Markup:
    rows = [
        (
            CLASSES.get(line.line_class, formats.plain(line.line_class))
            if line.before_as_of
            else "Left out: on or after the as-of date",
            line.reason,
            formats.whole(line.lines),
            formats.percent(line.share),
            formats.money(line.amount),
        )
        for line in data.lines
    ]
    return components.figure(
        "Every line of the file, by what became of it",
        f"lines, % of lines, {formats.money_unit()}",
        "The classes add up to the whole file. The amount is quantity times price as given in "
        "the file: returns as they were refunded. The page Data quality says how that becomes the returns above.",
        components.table(
            ["What became of it", "Why", "Lines", "% of lines", "Amount"], rows, numbers=3
        ),
        "The file has no lines.",
    )
