"""Can I trust it?"""

from types import SimpleNamespace

from markupsafe import Markup

from charts import components, drawings, formats, palette

TITLE = "Data quality"
QUESTION = "Can I trust it: what came in, what was left out, and how good are the models?"
# the metric that decides about each model, and whether lower is better
DECIDING = {
    "customer_segments": ("Segments: who orders again in {horizon}", "AUC, higher is better"),
    "customer_value_order": ("Chance of an order in {horizon}", "log loss, lower is better"),
    "customer_value_spend": ("Later spend in the fifth ranked first", "% of spend, higher"),
    "category_of_interest": ("Category of interest", "log loss, lower is better"),
    "segment_transition": ("Segment of new customers", "% right, higher is better"),
    "product_categories": ("Product categories, on phrases left out", "% right, higher is better"),
}
SHARES = {"accuracy", "top3_accuracy", "top20_spend_share"}


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    return components.join(
        [
            components.section(
                "Lines",
                _warnings(data),
                _classes(data),
                _net(data),
                _fees(data),
                _returns(data),
                _profile(data),
            ),
            components.section(
                "Models beside their baselines",
                *(_model(data, *item) for item in DECIDING.items()),
                _calibration(data),
                _metrics(data),
                lead="Each is tested on customers or products that it was not trained on. The test covers "
                f"{data.horizon} only: expect other levels at another time.",
            ),
            components.section("Drift since the build before", _drift(data)),
        ]
    )


def _warnings(data: SimpleNamespace) -> Markup:
    items = components.join(Markup("<li>{}</li>").format(w.message) for w in data.warnings)
    nothing = Markup("<p>Nothing about the files looks wrong.</p>")
    return Markup("<ul>{}</ul>").format(items) if data.warnings else nothing


def _classes(data: SimpleNamespace) -> Markup:
    rows = [
        (
            c.line_class,
            formats.plain(c.line_class),
            palette.MAIN if c.line_class in ("sale", "return") else palette.MUTED,
            [
                (c.lines, f"{formats.whole(c.lines)} ({formats.percent(c.share)})"),
                (c.amount, formats.money(c.amount)),
            ],
        )
        for c in data.classes
    ]
    return components.figure(
        "The ledger: every line of the file in one class",
        f"lines, % of lines; {formats.money_unit()}",
        "Dark: the lines that segments are made from. The classes add up to the whole file; the "
        "reasons are on the page Overview. Amounts below zero have no bar.",
        components.bars(["Class", "Lines (% of lines)", "Amount"], rows),
        "The file has no lines.",
    )


def _net(data: SimpleNamespace) -> Markup:
    rows = [
        (
            formats.plain(c.line_class),
            *(formats.units(value) for value in (c.units, c.refunded_units)),
            *(formats.money(v) for v in (c.amount, c.discounts, c.refunds, c.net_amount)),
        )
        for c in data.classes
        if c.discounts or c.refunds
    ]
    return components.figure(
        "What discounts and refunds take off",
        f"units; {formats.money_unit()}",
        "Money given for a whole order is spread over its lines. Net is the amount less discounts and refunds; "
        "segments and forecasts use it.",
        components.table(
            ["Class", "Units", "refunded", "Amount", "Discounts", "Refunds", "Net"], rows, numbers=6
        ),
        "The file gives no discounts, and no refunds beside the lines of returns.",
    )


def _fees(data: SimpleNamespace) -> Markup:
    rows = [
        (
            f.stock_code,
            f.description or "",
            f.fee_words or "",
            f.seed_row,
            formats.whole(f.orders),
            formats.percent(f.order_share),
            formats.whole(f.prices),
            formats.money(f.amount),
        )
        for f in data.fees
    ]
    return components.figure(
        "Counted as products, but they look like fees",
        f"orders, % of orders, different prices, {formats.money_unit()}",
        "By the words of the description, the share of orders and the number of prices. They count "
        "as sales and are recommended to nobody. Where one is a fee, add the row to "
        "seeds/non_product_codes.csv and build again.",
        components.table(
            ["Code", "Description", "Words", "Row", "Orders", "% of orders", "Prices", "Amount"],
            rows,
            numbers=4,
        ),
        "No product looks like a fee.",
    )


def _returns(data: SimpleNamespace) -> Markup:
    rows = []
    for r in data.returns:
        rows = [
            ("Returned by known customers", formats.units(r.returned_units), formats.money(r.returned_amount)),
            ("matched, at the price refunded", formats.units(r.matched_units), formats.money(r.refunded_amount)),
            ("matched, at the price of the purchase", formats.units(r.matched_units), formats.money(r.matched_amount)),
            ("bought before the file begins", formats.units(r.unmatched_units), formats.money(r.unmatched_amount)),
            ("difference of the two prices", "", formats.money(r.price_difference)),
        ]  # fmt: skip
    return components.figure(
        "Returns, matched to their purchases",
        f"units; {formats.money_unit()}",
        "A return cancels the latest purchase of the product. Net revenue, and the returns on the page Overview, use "
        "the price of that purchase; the ledger has the price refunded.",
        components.table(["Returns", "Units", "Amount"], rows, numbers=2),
        "Nothing was returned.",
    )


def _profile(data: SimpleNamespace) -> Markup:
    rows = [
        (p.column_name, p.examples, p.minimum, p.maximum, formats.whole(p.missing), formats.whole(p.distinct_values))
        for p in data.profile
    ]  # fmt: skip
    return components.figure(
        "The file as it came",
        "one row per column; values and lines",
        "In brackets: how often an example occurs. Missing customers are sales without a customer.",
        components.table(
            ["Column", "Most frequent", "Lowest", "Highest", "Missing values", "Different values"],
            rows,
            2,
        ),
        "The file has no columns.",
    )


def _model(data: SimpleNamespace, model: str, heading: tuple[str, str]) -> Markup:
    title, unit = heading
    rows = [m for m in data.deciding if m.model == model]
    rows.sort(key=lambda m: m.value, reverse="lower" not in unit)
    share = bool(rows) and rows[0].metric in SHARES
    lows = [v for m in rows for v in (m.value, m.ci_low) if v is not None]
    highs = [v for m in rows for v in (m.value, m.ci_high) if v is not None]
    low, high = min(lows, default=0), max(highs, default=1)
    return components.figure(
        title.format(horizon=data.horizon),
        unit,
        "Dot: the value; grey bar: its 95% interval. Orange: what the tables use.",
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
            low - (high - low) * 0.05,
            high + (high - low) * 0.05 or 1,
            formats.percent if share else lambda value: formats.figure(value, 3),
        ),
        "There is too little history to test this model; the tables say what stands in for it.",
        half=True,
    )


def _calibration(data: SimpleNamespace) -> Markup:
    rows = [c for c in data.calibration if c.predicted is not None and c.actual is not None]
    title = f"Is the chance of an order within {data.horizon} right?"
    return components.figure(
        title,
        "across: % predicted; up: % observed",
        f"Each dot is a group of customers with like predictions, {data.horizon} before the as-of date. On the "
        "dotted line what was observed equals the prediction. Bars are 95% intervals.",
        rows and drawings.calibration(rows, title),
        "There is no earlier outcome to compare with yet.",
    )


def _metrics(data: SimpleNamespace) -> Markup:
    columns = [
        ("model", "Model", "key"),
        ("candidate", "Candidate", "key"),
        ("role", "Role", "text"),
        ("metric", "Metric", "key"),
        ("value", "Value", "figure"),
        ("ci_low", "95% from", "figure"),
        ("ci_high", "95% to", "figure"),
        ("n", "Tested on", "whole"),
        ("tested_from", "Tested from", "day"),
        ("tested_until", "Tested until", "day"),
        ("note", "Note", "text"),
    ]
    return components.figure(
        "Every metric of every model",
        "the unit depends on the metric",
        "Choose a model, then a metric, to compare the candidates. A click on a model opens the days and "
        "the note.",
        components.explorer(
            "metrics",
            columns,
            data.metrics,
            {"model": "", "metric": "", "role": ""},
            "metrics.csv",
            ("tested_from", "tested_until", "note"),
        ),
        "There are no metrics.",
    )


def _drift(data: SimpleNamespace) -> Markup:
    rows = [
        (
            components.named(d.segment_key, d.segment_name),
            formats.day(d.previous_as_of_date),
            formats.day(d.as_of_date),
            formats.whole(d.customers_before),
            formats.whole(d.customers_now),
            formats.percent(d.share_change),
            formats.percent(d.kept_segment_share),
            formats.figure(d.recency_psi),
            formats.figure(d.frequency_psi),
            formats.figure(d.monetary_psi),
        )
        for d in data.drift
    ]
    return components.figure(
        "How the segments changed between as-of dates",
        "customers, percentage points, population stability index",
        "An index below 0.1 means little change; above 0.25 the customers have changed so much that "
        "the segments should be chosen again.",
        components.table(
            ["Segment", "Before", "Now", "Customers before", "now", "Change of share",
             "Kept their segment", "PSI recency", "PSI orders", "PSI spend"],
            rows,
            numbers=7,
        ),
        "There is nothing to compare with yet: this shop has been built at one as-of date only.",
    )  # fmt: skip
