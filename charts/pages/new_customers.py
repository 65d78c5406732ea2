"""What may the new customers want next?"""

from types import SimpleNamespace

from markupsafe import Markup

from charts import components, drawings, formats, palette

TITLE = "New customers"
QUESTION = "Who is new, what may they want next, and which segment are they heading for?"
INTEREST, SEGMENT = "category_of_interest", "segment_transition"
IDLE = "unchanged_but_older"  # the rule that a customer only grows older
NOBODY = "Nobody is new: no first order in the last days of the file."


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    return components.join(
        [
            components.section(
                "What is expected",
                _categories(data),
                _segments(data),
                lead="A new customer is one whose first order in the file is recent (var new_customer_days), with "
                "however many orders since: not the same as a segment whose name says new.",
            ),
            components.section("The new customers", _list(data)),
            components.section(
                "How far to trust it",
                _calibration(data, INTEREST, "category of interest"),
                _calibration(data, SEGMENT, f"segment in {data.horizon}"),
                _metrics(
                    data,
                    INTEREST,
                    "What the three categories shown hold of later spend, beside simpler ways",
                    "mean % of a customer's later spend, on customers not used in training",
                    " Which three hold most is only known in hindsight: no forecast can do better.",
                ),
                _metrics(
                    data,
                    SEGMENT,
                    f"How often the segment in {data.horizon} is right, beside simpler ways",
                    "% right, on customers not used in training",
                ),
            ),
        ]
    )


def _categories(data: SimpleNamespace) -> Markup:
    rows = [
        (
            c.category_key,
            c.category_name,
            palette.MAIN,
            [(c.customers, f"{formats.whole(c.customers)} ({formats.percent(c.probability)})")],
        )
        for c in data.categories
    ]
    return components.figure(
        "Category of interest of the new customers",
        "customers; mean probability in %",
        "The category a customer will most likely spend most on in later baskets. At a probability "
        "of 30% seven in ten will choose another: show the second and third too.",
        components.bars(["Category", "New customers (mean probability)"], rows),
        NOBODY,
        half=True,
    )


def _segments(data: SimpleNamespace) -> Markup:
    rows = [
        (
            s.segment_key,
            components.named(s.segment_key, s.segment_name),
            palette.segment(s.segment_key),
            [(s.customers, f"{formats.whole(s.customers)} ({formats.percent(s.probability)})")],
        )
        for s in sorted(data.segments, key=lambda s: palette.place(s.segment_key))
    ]
    rule = any(m.model == SEGMENT and m.is_used and m.candidate == IDLE for m in data.metrics)
    return components.figure(
        f"Segment in which new customers will most likely be in {data.horizon}",
        "customers; mean probability in %",
        (
            "If they do not order again, which is all that the rule in use predicts: those who do order "
            "again will mostly be in a higher one. "
            if rule
            else "If nothing is done. "
        )
        + "One-time buyers age without a second order: a welcome campaign is for them.",
        components.bars([f"Segment in {data.horizon}", "New customers (mean probability)"], rows),
        NOBODY
        if not data.customers
        else "Not predicted in this build: too little history, or too few earlier new customers to "
        "train on.",
        half=True,
    )


def _list(data: SimpleNamespace) -> Markup:
    columns = [
        ("customer_id", "Customer", "id"),
        ("first_order_at", "First order", "day"),
        ("orders_so_far", "Orders", "whole"),
        ("category_of_interest", "Category of interest", "text"),
        ("category_probability", "its probability", "percent"),
        ("second_category", "Second", "text"),
        ("third_category", "Third", "text"),
        ("predicted_segment", f"Segment in {data.horizon}", "text"),
        ("predicted_segment_probability", "its probability", "percent"),
        ("reason", "Why this category", "text"),
    ]
    return components.figure(
        "New customers with what they may want",
        "probabilities in %",
        "The latest first; choose a category to see whom a mailing about it fits. A click on a customer says why."
        + components.cut(data.totals[0].customers, "csv/new_customers.csv"),
        components.explorer(
            "new-customers",
            columns,
            data.customers,
            {"category_of_interest": "", "predicted_segment": ""},
            "new_customers.csv",
            ("first_order_at", "predicted_segment_probability", "reason"),
        ),
        NOBODY,
    )


def _calibration(data: SimpleNamespace, model: str, what: str) -> Markup:
    rows = [
        c
        for c in data.calibration
        if c.model == model and c.predicted is not None and c.actual is not None
    ]
    title = f"Is the probability of the {what} right?"
    return components.figure(
        title,
        "across: % predicted; up: % observed",
        "Each dot is a group of earlier new customers with like predictions whose outcome is known; on "
        "the dotted line what was observed equals the prediction. Bars are 95% intervals.",
        rows and drawings.calibration(rows, title),
        "There is no earlier outcome to compare with yet.",
        half=True,
    )


def _metrics(data: SimpleNamespace, model: str, title: str, unit: str, more: str = "") -> Markup:
    rows = [m for m in data.metrics if m.model == model]
    high = max((m.ci_high or m.value for m in rows), default=1)
    return components.figure(
        title,
        unit,
        "Dot: the value; grey bar: its 95% interval. Orange: the one in use; a model replaces its "
        "baseline only where it is better beyond chance." + more,
        rows
        and components.dots(
            [
                (
                    m.candidate,
                    formats.plain(m.candidate),
                    palette.SECOND if m.is_used else palette.MAIN,
                    m.value,
                    m.ci_low,
                    m.ci_high,
                    "used" if m.is_used else "baseline" if m.is_baseline else "",
                )
                for m in rows
            ],
            0,
            high * 1.05 or 1,
            formats.percent,
        ),
        "There is no earlier outcome to compare with yet.",
        half=True,
    )
