"""Sentences that more than one page states, of rows of model_metrics."""

from collections.abc import Iterable
from types import SimpleNamespace

from charts import formats

PLACES = 3
# a metric, what the clusters do where they have more of it, less, or no clear difference, and what it is
CLAIMS = (
    (
        "top20_spend_share",
        {1: "gather more", -1: "gather less", 0: "gather no more"},
        "of the later spend in their top fifth than the named RFM groups",
        "",
    ),
    (
        "auc",
        {1: "are better", -1: "are worse", 0: "are no better"},
        "at telling who orders again",
        "AUC ",
    ),
)


def clusters_beside_rfm_groups(metrics: Iterable[SimpleNamespace]) -> str:
    """What the clusters do better held out, and what not; empty where they were not tested."""
    found = {(row.candidate, row.metric): row for row in metrics}
    parts = []
    for metric, verbs, what, unit in CLAIMS:
        difference = found.get(("clusters", f"{metric}_difference"))
        if difference is None or difference.ci_low is None:
            continue
        ours, theirs = (found[name, metric].value for name in ("clusters", "rfm_groups"))
        parts.append(
            f"{verbs[sign(difference)]} {what} ({unit}{formats.figure(ours, PLACES)} against "
            f"{formats.figure(theirs, PLACES)}, difference {with_interval(difference)})"
        )
    return (
        f"In the test, on the same customers, the clusters {' and '.join(parts)}." if parts else ""
    )


def sign(difference: SimpleNamespace) -> int:
    """1 or -1 where the whole interval of a difference lies above or below 0, else 0."""
    return (difference.ci_low > 0) - (difference.ci_high < 0)


def with_interval(row: SimpleNamespace) -> str:
    """A difference and its interval: 0.038 [0.010, 0.082]."""
    value, low, high = (
        formats.figure(each, PLACES) for each in (row.value, row.ci_low, row.ci_high)
    )
    return f"{value} [{low}, {high}]"
