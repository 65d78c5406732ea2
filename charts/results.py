"""Write docs/results.md: the figures of the published build, each read from one of its tables.

`python -m charts.results` (`make results`) writes docs/results.md and refuses a build of the
synthetic sample, since that page shows the UCI file; `--to FILE` writes anywhere, for any build.
No figure is typed here: a sentence either holds for every shop or takes its numbers from a table.
Speed comes from target/bench.json, which `make bench` writes; without it there is none.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import duckdb
from gift_shop.paths import published

from charts import claims, formats

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "results.md"
BENCH = PROJECT / "target" / "bench.json"
DATABASE = "gift_shop.duckdb"

# the names of tables and keys that are read, in one place
# (a metric without a suffix is of the test)
VALIDATION, UNSEEN = "_validation", "_test_unseen"
ORDER_AGAIN_RATE = "order_again_rate"
NOT_SCORED = "customers_not_scored"
UNTRIED = ("not_tried", "partly_tried", "too_few_to_choose")
LOWER_IS_BETTER = {"log_loss"}
HINDSIGHT = "hindsight"  # what no forecast could do better than
PLACES = 3
METRICS = {
    "auc": "AUC",
    "log_loss": "log-loss (lower is better)",
    "accuracy": "first one right",
    "top3_accuracy": "right among the first three",
    "top3_spend_share": "later spend in the first three",
    "top20_spend_share": "spend held by the top fifth",
    "total_ratio": "predicted / observed total",
    "total_error": "error of the total",
}
MOST_CANDIDATES = 12  # of the clusters' table; all of them are in cluster_candidates
SMALLEST_STAGE = 0.02  # of a build's work that has a row


@dataclass(frozen=True)
class Model:
    """One model: its key, its title, the metric that decides, and how it is read.

    metrics are shown in this order; about holds for every shop. What people judge the model by, where
    it is another metric than the one that decides, is its headline.
    """

    key: str
    title: str
    decides: str
    metrics: tuple[str, ...]
    about: str
    headline: str | None = None


MODELS = (
    Model(
        "customer_segments",
        "Customer segments: who orders again",
        "auc",
        ("auc", "top20_spend_share", "log_loss"),
        "A customer gets the order rate of its segment. Compare it with the plain ranks: segments are "
        "for names, reasons and actions, not for ranking.",
    ),
    Model(
        "customer_value_order",
        "Chance of an order",
        "log_loss",
        ("log_loss", "auc"),
        "The log-loss judges the chance itself, the AUC only the order of the customers. Ranks "
        "give no chance, so they have no log-loss.",
    ),
    Model(
        "customer_value_spend",
        "Expected spend",
        "top20_spend_share",
        ("top20_spend_share", "total_ratio", "total_error"),
        "The share of all spend that the fifth of customers ranked first went on to bring, and the "
        "predicted total over the observed one. Judge it by the order of the customers: the level "
        "moves from one period to the next.",
    ),
    Model(
        "category_of_interest",
        "Category of interest of new customers",
        "log_loss",
        ("top3_spend_share", "accuracy", "top3_accuracy", "log_loss"),
        "What the three categories that a new customer is shown hold of this customer's later spend, on "
        "average, and whether the category that led it was the first of them or among them. Which three "
        "hold most is only known in hindsight: no forecast can do better.",
        headline="top3_spend_share",
    ),
    Model(
        "segment_transition",
        "Segment of new customers after the horizon",
        "accuracy",
        ("accuracy", "top3_accuracy", "log_loss"),
        "The rule 'unchanged but older' says where customers will be who do not order again, so it "
        "never predicts a rise.",
    ),
    Model(
        "product_categories",
        "Product categories",
        "accuracy",
        ("accuracy", "top3_accuracy"),
        "One phrase of the seed is left out at a time and its products are named without it. That "
        "is harder than the real task, in which the phrase is there. The interval counts phrases, "
        "not products; the choice between words and model is read from the same figures.",
    ),
)


# --- reading --------------------------------------------------------------------------------------


class Tables:
    """The tables of a published build that the page shows, as rows with attributes."""

    def __init__(self, path: Path):
        if not path.exists():
            raise SystemExit(f"{path} is not there: run `make build` first")
        with duckdb.connect(str(path), read_only=True) as connection:
            self.build = rows(connection, "from build_info")[0]
            formats.use_currency(self.build.currency)
            self.metrics = rows(connection, "from model_metrics order by all")
            self.calibration = rows(connection, "from calibration where is_used order by all")
            self.candidates = rows(
                connection,
                "from cluster_candidates order by is_chosen desc, cutoffs_within_1se desc,"
                " silhouette desc, transform, algorithm, k",
            )
            self.segments = rows(connection, "from segments order by revenue desc, segment_key")
            self.ledger = rows(
                connection,
                "select line_class, sum(lines) as lines, sum(units) as units, sum(amount) as amount,"
                " sum(discount_amount) as discounts, sum(refunded_amount) as refunds, sum(net_amount) as net_amount"
                " from cleaning_ledger group by line_class order by lines desc, line_class",
            )
            (self.returns,) = rows(connection, "from returns_reconciliation")

    def of(self, model: Model) -> list[SimpleNamespace]:
        """The rows of one model in model_metrics."""
        return [row for row in self.metrics if row.model == model.key]

    def value(self, model: Model, candidate: str, metric: str) -> SimpleNamespace | None:
        """The row of a candidate's metric; None where it has none or no value."""
        for row in self.of(model):
            if (row.candidate, row.metric) == (candidate, metric) and row.value is not None:
                return row
        return None


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[SimpleNamespace]:
    """The rows of a query."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


# --- the page -------------------------------------------------------------------------------------


def page(path: Path, bench: Path = BENCH) -> str:
    """The whole page as Markdown, from a published DuckDB file and the bench's JSON if it is there."""
    tables = Tables(path)
    parts = [
        heading(tables),
        summary(tables),
        *(section(tables, model) for model in MODELS),
        calibrated(tables),
        clusters(tables),
        segments(tables),
        accounts(tables),
        speed(bench),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def heading(tables: Tables) -> str:
    build = tables.build
    return (
        "<!-- Written by `make results` from the published build. Do not edit. -->\n"
        "# Results\n\n"
        f"Figures of build `{build.build_id}` of {build.raw_files}"
        f"{' (the synthetic sample)' if build.is_synthetic_sample else ''}, as of "
        f"{formats.day(build.as_of_date)}. Square brackets hold 95% intervals. Figures are those of the "
        "test unless a column says validation, which is what choices are read from. This is one shop and "
        "one period: expect other figures in yours. The terms are defined in [design.md](design.md)."
    )


def summary(tables: Tables) -> str:
    """One row a model: the candidate in use beside its best baseline."""
    lines = []
    for model in MODELS:
        if used_row(tables, model, model.decides) is None:
            lines.append([model.title, in_use(tables, model), "not tested", "", "", ""])
        for metric in filter(None, (model.decides, model.headline)):
            used = used_row(tables, model, metric)
            if used is None:
                continue
            best = best_baseline(tables, model, metric, used.candidate)
            lines.append(
                [
                    model.title,
                    name(used.candidate),
                    METRICS[metric],
                    with_interval(used),
                    f"{figure(best)} ({name(best.candidate)})" if best else formats.NOTHING,
                    compared(used, best, metric),
                ]
            )
    head = ["model", "in use", "metric", "value", "best baseline", "compared"]
    return (
        "## In short\n\nThe candidate that the tables use, on the metric that decides between candidates and, where "
        "there is another, on the one that people judge it by, beside the best baseline that is not in use. It is better or worse where its interval does not hold the "
        "baseline's value.\n\n" + table(head, lines)
    )


def section(tables: Tables, model: Model) -> str:
    """All candidates of a model: at the test, and on customers first seen after the choice."""
    parts = [f"## {model.title}", model.about]
    if claim := claims.clusters_beside_rfm_groups(tables.of(model)):
        parts.append(claim)
    for suffix in ("", UNSEEN):
        shown = candidates_table(tables, model, suffix)
        if shown and suffix:
            parts.append("Customers first seen after the choice was made:")
        if shown:
            parts.append(shown)
    parts += remarks(tables, model)
    if len(parts) == 2:
        parts.append("There are no figures.")
    return "\n\n".join(parts)


def candidates_table(tables: Tables, model: Model, suffix: str) -> str:
    """A row a candidate, the one in use first; empty where the model has no such figures."""
    metrics = [m + suffix for m in model.metrics if values(tables, model, m + suffix)]
    if not metrics:
        return ""
    head = ["candidate", "role", *(METRICS[plain(m)] for m in metrics), "n"]
    validation = model.decides + VALIDATION
    if not suffix and values(tables, model, validation):
        metrics.append(validation)
        head.insert(-1, f"validation: {METRICS[model.decides]}")
    found = {row.candidate: row for m in reversed(metrics) for row in values(tables, model, m)}
    first = model.decides + suffix if model.decides + suffix in metrics else metrics[0]
    lines = [
        [
            name(candidate),
            role(row),
            *(with_interval(tables.value(model, candidate, m)) for m in metrics),
            formats.whole(row.n),
        ]
        for candidate, row in sorted(
            found.items(),
            key=lambda item: (not item[1].is_used, rank(tables, model, item[0], first)),
        )
    ]
    return table(head, lines)


def remarks(tables: Tables, model: Model) -> list[str]:
    """What else the tables say of a model: who could not be scored, what could not be tried."""
    found = []
    missing = {
        (row.value, row.note) for row in tables.of(model) if row.metric == NOT_SCORED and row.value
    }
    # the note goes on: of 1,628 customers, without ...
    found += [f"Not scored: {formats.whole(n)} {note}." for n, note in sorted(missing)]
    unseen = [row.n for row in tables.of(model) if row.metric.endswith(UNSEEN) and row.n]
    chosen_by = [row.n for row in tables.of(model) if row.metric.endswith(VALIDATION) and row.n]
    if unseen and chosen_by:
        found.append(
            f"The choice was read from {formats.whole(max(chosen_by))} of the customers of the test; only the "
            f"{formats.whole(max(unseen))} first seen after it took no part."
        )
    untried: dict[str, set[str]] = {}
    for row in tables.of(model):
        if row.metric in UNTRIED and row.note:
            untried.setdefault(row.note, set()).add(name(row.candidate))
    found += [f"{', '.join(sorted(who))}: {note}." for note, who in sorted(untried.items())]
    return found


def calibrated(tables: Tables) -> str:
    """What was predicted beside what was observed, by tenth, for the candidates in use."""
    parts = []
    for model in MODELS:
        deciles = [row for row in tables.calibration if row.model == model.key]
        if len(deciles) < 2:
            continue
        is_money = max(row.predicted for row in deciles) > 1
        text: Callable = formats.money if is_money else formats.percent
        inside = sum(row.ci_low <= row.predicted <= row.ci_high for row in deciles)
        lines = [
            [
                str(row.decile),
                formats.whole(row.n),
                text(row.predicted),
                f"{text(row.actual)} [{text(row.ci_low)} – {text(row.ci_high)}]",
            ]
            for row in deciles
        ]
        parts.append(
            f"**{model.title}** ({name(deciles[0].candidate)}): in {inside} of {len(deciles)} groups the "
            "prediction lies within the interval of what was observed.\n\n"
            + table(["tenth", "n", "predicted", "observed"], lines)
        )
    if not parts:
        return ""
    return (
        "## Calibration\n\nCustomers by tenth of what was predicted, the lowest first; equal predictions share "
        "a group.\n\n" + "\n\n".join(parts)
    )


def clusters(tables: Tables) -> str:
    """The candidates that were eligible, the chosen one first."""
    if not tables.candidates:
        return "## Number of clusters\n\nNo clusters were tried: too few customers or too short a history."
    eligible = [row for row in tables.candidates if row.is_eligible]
    lines = [
        [
            f"{name(row.algorithm)}, {formats.plain(row.transform)}, k = {row.k}",
            formats.figure(row.silhouette),
            formats.figure(row.stability_ari),
            formats.percent(row.smallest_share),
            f"{formats.figure(row.future_order_auc, 3)} ± {formats.figure(row.future_order_auc_se, 3)}",
            row.verdict,
        ]
        for row in eligible[:MOST_CANDIDATES]
    ]
    more = len(eligible) - len(lines)
    return (
        f"## Number of clusters\n\n{len(tables.candidates)} candidates were measured, {len(eligible)} were eligible; "
        "figures are means over the validation cutoffs. "
        f"{f'{more} more that were eligible, and all others, are in' if more > 0 else 'All are in'} "
        "`cluster_candidates`.\n\n"
        + table(["candidate", "silhouette", "stability", "smallest", "AUC ± se", "verdict"], lines)
    )


def segments(tables: Tables) -> str:
    lines = [
        [
            row.segment_name,
            formats.whole(row.customers),
            formats.percent(row.customer_share),
            formats.percent(row.revenue_share),
            formats.percent(getattr(row, ORDER_AGAIN_RATE)),
            formats.whole(row.customers_then),
        ]
        for row in tables.segments
    ]
    head = ["segment", "customers", "share", "share of revenue", "ordered again", "of"]
    return (
        "## Segments\n\n'Ordered again' is the share of those who were in the segment at the test cutoff and ordered "
        "within the horizon after it.\n\n" + table(head, lines)
    )


def accounts(tables: Tables) -> str:
    """That nothing is lost: lines, units and money by class, and what returns met."""
    written = {
        "lines": formats.whole,
        "units": formats.units,
        "amount": formats.money,
        "discounts": formats.money,
        "refunds": formats.money,
        "net_amount": formats.money,
    }
    total = {column: sum(getattr(row, column) for row in tables.ledger) for column in written}
    if not (total["discounts"] or total["refunds"]):
        written = {column: written[column] for column in ("lines", "units", "amount")}
    lines = [
        [row.line_class, *(write(getattr(row, column)) for column, write in written.items())]
        for row in tables.ledger
    ]
    lines.append(["**all**", *(write(total[column]) for column, write in written.items())])
    returns = tables.returns
    share = returns.matched_units / returns.returned_units if returns.returned_units else None
    return (
        "## Every line accounted for\n\n"
        + table(["class", *(column.replace("_", " ") for column in written)], lines)
        + f"\n\nOf {formats.units(returns.returned_units)} units returned by known customers "
        f"{formats.units(returns.matched_units)} ({formats.percent(share)}) were matched to their purchase."
    )


def speed(bench: Path) -> str:
    """What `make bench` has measured, of one file and of growing ones; a hint where it has not."""
    measured = json.loads(bench.read_text()) if bench.exists() else {}
    parts = ["## Speed"]
    if "ratios" in measured:
        work = sum(measured["stages"].values())
        seconds = measured["seconds"].items()
        peak = max(build["peak_gb"] for build in measured["builds"])
        parts += [
            (f"{measured['file']}, {formats.whole(measured['lines'])} lines, median of "
            f"{measured['runs']} runs, {machine(measured['machine'])}; at most {peak:.1f} GB of memory. "
            "Ratios are of times measured in one run, so they hold on other machines too; seconds do not."),
            table(["ratio", ""], [[what, f"{ratio:.2f}"] for what, ratio in measured["ratios"].items()]),
            table(["what", "seconds"], [[what, f"{taken:.1f}"] for what, taken in seconds if taken]),
            table(
                ["stage of `make build`", "share of the work"],
                [[stage, formats.percent(busy / work)] for stage, busy in measured["stages"].items()
                 if busy / work >= SMALLEST_STAGE],
            ),
        ]  # fmt: skip
    if "growth" in measured:
        lines = [
            [
                formats.whole(run["lines"]),
                formats.whole(run["seconds"]),
                formats.whole(run["seconds"] / run["lines"] * 1e6),
                formats.whole(run["processor_seconds"] / run["lines"] * 1e6),
                f"{run['peak_gb']:.1f} GB",
            ]
            for run in measured["growth"]
        ]
        head = ["lines", "seconds", "per million lines", "of processor time", "peak memory"]
        parts += [f"Generated files, {machine(measured['growth_machine'])}:", table(head, lines)]
    return "\n\n".join(parts if len(parts) > 1 else [*parts, "`make bench` measures it."])


def machine(found: dict) -> str:
    return (
        f"on {found['cores']} cores with Python {found['python']}, pandas {found['pandas']} and "
        f"DuckDB {found['duckdb']}"
    )


# --- figures --------------------------------------------------------------------------------------


def values(tables: Tables, model: Model, metric: str) -> list[SimpleNamespace]:
    """The rows of a metric that have a value."""
    return [row for row in tables.of(model) if row.metric == metric and row.value is not None]


def used_row(tables: Tables, model: Model, metric: str) -> SimpleNamespace | None:
    """A metric of the candidate in use, at the test."""
    return next((row for row in values(tables, model, metric) if row.is_used), None)


def role(row: SimpleNamespace) -> str:
    if row.candidate == HINDSIGHT:
        return "bound"
    return "in use" if row.is_used else "baseline" if row.is_baseline else "tried"


def in_use(tables: Tables, model: Model) -> str:
    return next((name(row.candidate) for row in tables.of(model) if row.is_used), formats.NOTHING)


def best_baseline(tables: Tables, model: Model, metric: str, used: str) -> SimpleNamespace | None:
    """The baseline that is best by a metric, the candidate in use left out."""
    found = [
        row for row in values(tables, model, metric) if row.is_baseline and row.candidate != used
    ]
    return min(found, key=lambda row: sign(metric) * -row.value, default=None)


def compared(used: SimpleNamespace, best: SimpleNamespace | None, metric: str) -> str:
    """How the candidate in use stands to the best other baseline, by its own interval."""
    if best is None or used.ci_low is None:
        return formats.NOTHING
    ahead = sign(metric) * (used.value - best.value)
    if used.ci_low <= best.value <= used.ci_high:
        return "no clear difference"
    return "better" if ahead > 0 else "worse"


def sign(metric: str) -> int:
    return -1 if plain(metric) in LOWER_IS_BETTER else 1


def plain(metric: str) -> str:
    """A metric without the suffix that says which customers it is of."""
    return metric.removesuffix(VALIDATION).removesuffix(UNSEEN)


def rank(tables: Tables, model: Model, candidate: str, metric: str) -> tuple:
    """Sort key: the best value first, those without one last."""
    row = tables.value(model, candidate, metric)
    return (row is None, -sign(metric) * row.value if row else 0.0, candidate)


def figure(row: SimpleNamespace | None) -> str:
    return formats.NOTHING if row is None else formats.figure(row.value, PLACES)


def with_interval(row: SimpleNamespace | None) -> str:
    """A value and its interval: 0.740 [0.723 – 0.756]."""
    if row is None or row.ci_low is None:
        return figure(row)
    low, high = (formats.figure(value, PLACES) for value in (row.ci_low, row.ci_high))
    return f"{figure(row)} [{low} – {high}]"


def name(candidate: str) -> str:
    return formats.plain(candidate)


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a pipe in a text would end its cell."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(
        f"| {' | '.join(line)} |" for line in [list(head), ["---"] * len(head), *cells]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, help="another file than docs/results.md, for any build")
    options = parser.parse_args(arguments)
    path = published() / DATABASE
    if options.to is None and Tables(path).build.is_synthetic_sample:
        raise SystemExit(
            f"{path} is a build of the synthetic sample, and {PAGE.name} shows a real file: build with "
            "RAW_INVOICES, or write elsewhere with --to FILE"
        )
    target = options.to or PAGE
    target.write_text(page(path), encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
