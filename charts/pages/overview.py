"""How large is the shop, how does the year go, and what was left out?"""

from charts import blocks, marks, palette, words

TITLE = "Overview"
QUESTION = "How large is the shop, how does the year go, and what was left out of the figures?"

# what a class of lines means, and what becomes of it
CLASSES = {
    "sale": "Counted: bought by a known customer",
    "return": "Counted: taken off the purchase it gives back",
    "anonymous_sale": "Counted apart: names no customer, so no segment can hold it",
    "anonymous_return": "Counted apart: a return that names no customer",
    "duplicate": "Left out: the same line a second time",
    "non_product": "Left out: a fee, postage or a correction, not goods",
    "adjustment": "Left out: no price, or a stock correction",
    "invalid": "Left out: a number, date or code that cannot be read",
    "malformed": "Left out: not a record of the file's shape",
}


def body(data):
    return blocks.join(
        [
            _figures(data),
            blocks.section("The year by month", _by_month(data), _orders(data), _buyers(data)),
            blocks.section("Who buys", _segments(data)),
            blocks.section("What was left out, and why", _lines(data)),
        ]
    )


def _figures(data):
    (sales,), (customers,) = data.sales, data.customers
    as_of = words.day(data.build.as_of_date)
    share = sales.returned / sales.gross if sales.gross else None
    return blocks.tiles(
        [
            ("Customers", words.whole(customers.customers), "known by their number"),
            ("Orders", words.whole(sales.orders), "of these customers"),
            ("Sales before returns", words.money(sales.gross), "goods only, no postage or fees"),
            (
                "Returns",
                words.money(sales.returned),
                f"{words.percent(share)} of sales, at the price of the purchase",
            ),
            ("Net revenue", words.money(sales.net), "sales less returns"),
            (
                "Sales without a customer",
                words.money(sales.anonymous_gross - sales.anonymous_returned),
                "after returns; in no other figure here",
            ),
            (
                "Ordered once",
                words.percent(
                    customers.once / customers.customers if customers.customers else None
                ),
                f"{words.whole(customers.once)} customers with a single order",
            ),
            ("As of", as_of, "recency counts up to this day; what is on or after it is left out"),
        ]
    )


def _by_month(data):
    rows = [
        (
            f"{m.month:%Y-%m}",
            words.month(m.month),
            m.net_amount,
            f"{words.money(m.net_amount)} net ({words.money(m.gross_amount)} sold, "
            f"{words.money(m.returned_amount)} returned)"
            + ("" if m.is_complete_month else ", month not complete"),
            palette.MAIN if m.is_complete_month else palette.MUTED,
        )
        for m in data.months
    ]
    return blocks.figure(
        "Net revenue by month",
        f"{words.currency().strip()}, month of the purchase",
        "Each column is a month; a pale one is not complete, so do not compare it. Returns are taken "
        "off the month of the purchase they give back.",
        rows and blocks.both(lambda width: marks.columns(rows, width, words.short_money)),
        "There are no sales yet.",
    )


def _orders(data):
    return _two_lines(
        data,
        "Orders by month",
        "orders",
        "A point is a month; the last one may not be complete.",
        [("Orders", "orders", palette.MAIN)],
    )


def _buyers(data):
    return _two_lines(
        data,
        "Customers by month, and the new ones among them",
        "customers",
        "New means ordering for the first time in this file, so its first months hold many who are "
        "not new to the shop.",
        [
            ("Customers who ordered", "customers", palette.MAIN),
            ("of these for the first time", "new_customers", palette.SECOND),
        ],
    )


def _two_lines(data, title, unit, how, series):
    labels = [words.month(m.month) for m in data.months]
    drawn = [
        (
            name,
            colour,
            "",
            {words.month(m.month): getattr(m, column) for m in data.months},
            None,
        )
        for name, column, colour in series
    ]
    return blocks.figure(
        title,
        unit,
        how,
        labels
        and blocks.join(
            [
                blocks.legend([(colour, name) for name, _, colour in series]),
                blocks.both(
                    lambda width: marks.lines(drawn, labels, width, words.whole, from_zero=True),
                    504,
                ),
            ]
        ),
        "There are no sales yet.",
        half=True,
    )


def _segments(data):
    rows = sorted(data.segments, key=lambda s: palette.place(s.segment_key))
    return blocks.figure(
        "Share of customers and of net revenue by segment",
        "% of all customers, % of net revenue",
        "Where the right bar is the longer one, few customers bring much. What to do with each is on "
        "the pages Segments and Actions.",
        blocks.bars(
            ["Segment", "Customers", "Net revenue"],
            [
                (
                    s.segment_key,
                    s.segment_name,
                    palette.segment(s.segment_key),
                    [
                        (s.customer_share, words.percent(s.customer_share)),
                        (s.revenue_share, words.percent(s.revenue_share)),
                    ],
                )
                for s in rows
            ],
        ),
        "There are no customers to put into segments.",
    )


def _lines(data):
    rows = [
        (
            CLASSES.get(line.line_class, words.plain(line.line_class))
            if line.before_as_of
            else "Left out: on or after the as-of date",
            line.reason,
            words.whole(line.lines),
            words.percent(line.share),
            words.money(line.amount),
        )
        for line in data.lines
    ]
    return blocks.figure(
        "Every line of the file, by what became of it",
        f"lines, % of lines, {words.currency().strip()}",
        "The classes add up to the whole file. The amount is quantity times price as it stands in "
        "the file.",
        blocks.table(["What became of it", "Why", "Lines", "Share", "Amount"], rows, numbers=3),
        "The file has no lines.",
    )
