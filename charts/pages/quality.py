"""Can I trust it?"""

from charts import blocks, marks, palette, words

TITLE = "Data quality"
QUESTION = "Can I trust it: what came in, what was left out, and how good are the models?"
# the metric that decides about each model, and whether lower is better
DECIDING = {
    "customer_segments": ("Segments: who orders again in {horizon}", "AUC, higher is better"),
    "customer_value_order": ("Chance of an order in {horizon}", "log loss, lower is better"),
    "customer_value_spend": ("Later spend in the fifth ranked first", "% of spend, higher"),
    "category_of_interest": ("Category of interest", "log loss, lower is better"),
    "segment_transition": ("Segment of new customers", "% right, higher is better"),
    "product_categories": ("Product categories, on words not seen", "% right, higher is better"),
}
SHARES = {"accuracy", "top3_accuracy", "top20_spend_share"}


def body(data):
    return blocks.join(
        [
            blocks.section("Lines", _classes(data), _returns(data), _profile(data)),
            blocks.section(
                "Models beside their baselines",
                *(_model(data, *item) for item in DECIDING.items()),
                _calibration(data),
                _metrics(data),
                lead="Each is tested on customers or products it did not learn from. One file of one "
                "year stands behind it, and the test falls into autumn, the season: expect other "
                "levels in spring.",
            ),
            blocks.section("Drift since the build before", _drift(data)),
        ]
    )


def _classes(data):
    rows = [
        (
            c.line_class,
            words.plain(c.line_class),
            palette.MAIN if c.line_class in ("sale", "return") else palette.MUTED,
            [
                (c.lines, f"{words.whole(c.lines)} ({words.percent(c.share)})"),
                (c.amount, words.money(c.amount)),
            ],
        )
        for c in data.classes
    ]
    return blocks.figure(
        "The ledger: every line of the file in one class",
        f"lines, % of lines; {words.currency().strip()}",
        "Dark: what segments are made from. The classes add up to the file; the reasons stand on "
        "the page Overview. Amounts below zero have no bar.",
        blocks.bars(["Class", "Lines", "Amount"], rows),
        "The file has no lines.",
    )


def _returns(data):
    rows = []
    for r in data.returns:
        rows = [
            ("Returned by known customers", words.whole(r.returned_units), words.money(r.returned_amount)),
            ("matched, at the price given back", words.whole(r.matched_units), words.money(r.refunded_amount)),
            ("matched, at the price of the purchase", words.whole(r.matched_units), words.money(r.matched_amount)),
            ("bought before the file begins", words.whole(r.unmatched_units), words.money(r.unmatched_amount)),
            ("difference of the two prices", "", words.money(r.price_difference)),
        ]  # fmt: skip
    return blocks.figure(
        "Returns, matched to their purchases",
        f"units; {words.currency().strip()}",
        "What came back takes back the latest purchase. Net revenue uses the price of the purchase.",
        blocks.table(["", "Units", "Amount"], rows, numbers=2),
        "Nothing was returned.",
    )


def _profile(data):
    rows = [
        (p.column_name, p.examples, p.minimum, p.maximum, words.whole(p.missing), words.whole(p.distinct_values))
        for p in data.profile
    ]  # fmt: skip
    return blocks.figure(
        "The file as it came",
        "a row a column; values and lines",
        "In brackets how often an example occurs. Missing customers are the sales without a customer.",
        blocks.table(
            ["Column", "Most frequent", "Lowest", "Highest", "Missing", "Different"], rows, 2
        ),
        "The file has no columns.",
    )


def _model(data, model, heading):
    title, unit = heading
    rows = [m for m in data.deciding if m.model == model]
    rows.sort(key=lambda m: m.value, reverse="lower" not in unit)
    share = bool(rows) and rows[0].metric in SHARES
    lows = [v for m in rows for v in (m.value, m.ci_low) if v is not None]
    highs = [v for m in rows for v in (m.value, m.ci_high) if v is not None]
    low, high = min(lows, default=0), max(highs, default=1)
    return blocks.figure(
        title.format(horizon=data.horizon),
        unit,
        "Dot: the value; grey bar: its 95% interval. Orange: what the tables use.",
        rows
        and blocks.dots(
            [
                (
                    m.candidate,
                    words.plain(m.candidate),
                    palette.SECOND if m.is_used else palette.MAIN,
                    m.value,
                    m.ci_low,
                    m.ci_high,
                    "used" if m.is_used else "baseline" if m.is_baseline else "",
                )
                for m in rows
            ],
            low - (high - low) * 0.05,
            high + (high - low) * 0.05 or 1,
            words.percent if share else lambda value: words.figure(value, 3),
        ),
        "There is too little history to test this model; the tables say what stands in for it.",
        half=True,
    )


def _calibration(data):
    rows = [
        (c.predicted, c.actual, c.ci_low, c.ci_high, words.whole(c.n))
        for c in data.calibration
        if c.predicted is not None and c.actual is not None
    ]
    return blocks.figure(
        f"Is the chance of an order within {data.horizon} right?",
        "across: % said; up: % that came true",
        f"Each dot is a tenth of the customers {data.horizon} before the as-of date. On the dotted line what "
        "was said came true. Bars are 95% intervals.",
        rows and blocks.both(lambda width: marks.calibration(rows, width, words.percent), 420),
        "There is no earlier outcome to compare with yet.",
    )


def _metrics(data):
    columns = [
        ("model", "Model", "text"),
        ("candidate", "Candidate", "text"),
        ("role", "Role", "text"),
        ("metric", "Metric", "text"),
        ("value", "Value", "figure"),
        ("ci_low", "95% from", "figure"),
        ("ci_high", "to", "figure"),
        ("n", "Tested on", "whole"),
        ("tested_from", "From", "day"),
        ("tested_until", "Until", "day"),
        ("note", "Note", "text"),
    ]
    return blocks.figure(
        "Every metric of every model",
        "units as the metric says",
        "Choose a model, then a metric, to compare the candidates.",
        blocks.explorer(
            "metrics", columns, data.metrics, {"model": "", "metric": "", "role": ""}, "metrics.csv"
        ),
        "There are no metrics.",
    )


def _drift(data):
    rows = [
        (
            blocks.named(d.segment_key, d.segment_name),
            words.day(d.previous_as_of_date),
            words.day(d.as_of_date),
            words.whole(d.customers_before),
            words.whole(d.customers_now),
            words.percent(d.share_change),
            words.percent(d.kept_segment_share),
            words.figure(d.recency_psi),
            words.figure(d.frequency_psi),
            words.figure(d.monetary_psi),
        )
        for d in data.drift
    ]
    return blocks.figure(
        "How the segments changed between as-of dates",
        "customers, percentage points, population stability index",
        "An index below 0.1 is quiet, above 0.25 the customers have changed so much that the "
        "segments should be learnt again.",
        blocks.table(
            ["Segment", "Before", "Now", "Customers before", "now", "Change of share",
             "Kept their segment", "PSI recency", "PSI orders", "PSI spend"],
            rows,
            numbers=7,
        ),
        "There is nothing to compare with: this shop was built at one as-of date only so far.",
    )  # fmt: skip
