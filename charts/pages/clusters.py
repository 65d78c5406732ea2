"""Why so many segments, and not more or fewer?"""

from collections.abc import Callable
from types import SimpleNamespace

from gift_shop.clustering.eligibility import MAX_K, MIN_K, MIN_SHARE, MIN_STABILITY
from markupsafe import Markup

from charts import claims, components, drawings, formats, palette

TITLE = "How many clusters"
QUESTION = (
    "How the number of clusters was chosen: why so many segments, and do they beat simpler ways?"
)
MEASURES: list[tuple[str, str, str, str, Callable[..., str], float | None]] = [
    (
        "inertia",
        "Spread within the clusters (elbow)",
        "sum of squared distances",
        "It always falls with more clusters; where it bends, more clusters add little.",
        formats.whole,
        None,
    ),
    (
        "silhouette",
        "How clearly clusters stand apart (silhouette)",
        "silhouette, -1 to 1",
        "Higher is clearer. It decides last, among those that are stable and predict well.",
        formats.figure,
        None,
    ),
    (
        "stability_ari",
        "How stable the clusters are (adjusted Rand index)",
        "adjusted Rand index, 0 to 1",
        (
            "Agreement of refits on 80% of the customers; below the dotted line at "
            f"{MIN_STABILITY} a candidate is not eligible. One that can no longer be chosen is not refitted further."
        ),
        formats.figure,
        MIN_STABILITY,
    ),
    (
        "future_order_auc",
        "How well they tell who orders again in {horizon} (AUC)",
        "AUC, 0.5 is chance, 1 is perfect",
        "Higher is better; differences of about 0.01 are within one standard error.",
        formats.figure,
        None,
    ),
]


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    chosen = next((c for c in data.candidates if c.is_chosen), None)
    return components.join(
        [
            components.section("The choice", _choice(data, chosen)),
            components.section("What was compared", _charts(data, chosen)),
            components.section("A map of the customers", _map(data)),
            components.section(
                "Against simpler ways",
                _baseline(data, "auc"),
                _baseline(data, "top"),
                lead=claims.clusters_beside_rfm_groups(data.metrics),
            ),
            components.section("All candidates", _list(data)),
        ]
    )


def _choice(data: SimpleNamespace, chosen: SimpleNamespace | None) -> Markup:
    if not data.candidates:
        return components.card(
            components.prose(
                "No clusters were tried: the shop has too few customers or too short a history. "
                "The segments are named RFM groups instead."
            )
        )
    sentences = [
        (
            "Candidates are judged at three dates so far back that every outcome is over before the "
            f"test begins{_tested_from(data)}. Eligible are {MIN_K} to {MAX_K} clusters that are "
            f"stable (at least {MIN_STABILITY}) with no cluster below {MIN_SHARE:.0%} of the "
            "customers. Of these, those within one standard error of the best AUC at most dates; of "
            "these the highest silhouette (to "
            "0.01), then the fewest clusters."
        )
    ]
    if chosen:
        why = chosen.verdict.removeprefix("chosen: ")
        sentences.append(f"{_name(chosen)} was chosen: {why}.")
        if chosen.not_used_reason:
            sentences.append(
                "The segments of this build are named RFM groups all the same: "
                f"{chosen.not_used_reason}. The test further down is at a later date than these "
                "three."
            )
        sentences += [
            f"It is used: at these dates {row.note}."
            for row in data.metrics
            if row.metric == "auc_difference_validation" and row.is_used
        ]
    else:
        sentences.append(
            "No candidate was eligible: the segments of this build are named RFM groups."
        )
    return components.card(*map(components.prose, sentences))


def _tested_from(data: SimpleNamespace) -> str:
    days = [m.tested_from for m in data.metrics if m.tested_from]
    return f" on {formats.day(days[0])}" if days else ""


def _name(candidate: SimpleNamespace) -> str:
    return (
        f"{formats.plain(candidate.algorithm)} with k = {candidate.k} on "
        f"{formats.plain(candidate.transform)} values"
    )


def _charts(data: SimpleNamespace, chosen: SimpleNamespace | None) -> Markup:
    transforms = list(dict.fromkeys(c.transform for c in data.candidates))
    choices = [
        (transform, formats.plain(transform), _of(data, chosen, transform))
        for transform in transforms
    ]
    if not choices:
        return components.card(components.prose("There are no candidates to compare."))
    return components.card(
        components.switches(
            [
                (formats.plain(a), colour, formats.plain(a))
                for a, (colour, _) in _lines(data).items()
            ]
        ),
        components.panels("transform", "Transform of recency, frequency and spend", choices),
    )


def _lines(data: SimpleNamespace) -> dict[str, tuple[str, str]]:
    return palette.lines(c.algorithm for c in data.candidates)


def _of(data: SimpleNamespace, chosen: SimpleNamespace | None, transform: str) -> Markup:
    charts = components.join(_chart(data, chosen, transform, *measure) for measure in MEASURES)
    return Markup('<div class="grid">{}</div>').format(charts)


def _chart(
    data: SimpleNamespace,
    chosen: SimpleNamespace | None,
    transform: str,
    column: str,
    title: str,
    unit: str,
    how: str,
    text: Callable[..., str],
    rule: float | None,
) -> Markup:
    names = {algorithm: formats.plain(algorithm) for algorithm in _lines(data)}
    rows = [
        {
            "series": names[c.algorithm],
            "label": c.k,
            "value": getattr(c, column),
            "text": f"{names[c.algorithm]}, k = {c.k}: {text(getattr(c, column))}"
            + (", the chosen one" if c.is_chosen else ""),
            "open": c.is_chosen,
        }
        for c in sorted(data.candidates, key=lambda c: c.k)
        if c.transform == transform and getattr(c, column) is not None
    ]
    title = title.format(horizon=data.horizon)
    return components.figure(
        title,
        f"{unit}, by number of clusters k",
        f"{how} The open circle is the chosen one.",
        rows
        and drawings.lines(
            rows,
            {names[algorithm]: look for algorithm, look in _lines(data).items()},
            "whole" if text is formats.whole else "figure",
            unit,
            "number of clusters k",
            title,
            rule=rule,
            together=transform,
        ),
        "This measure was not computed.",
        half=True,
    )


def _map(data: SimpleNamespace) -> Markup:
    names = {s.segment_key: s.segment_name for s in data.segments}
    keys = sorted({p.segment_key for p in data.points if p.segment_key}, key=palette.place)
    series = {key: (palette.segment(key), names.get(key, formats.plain(key))) for key in keys}
    points = [
        (p.customer_id, round(p.x, 3), round(p.y, 3), p.segment_key)
        for p in data.points
        if p.segment_key
    ]
    shares = next(((p.x_variance_share, p.y_variance_share) for p in data.points), (None, None))
    x, y = (
        f"{name} axis, {formats.percent(share)} of the variance"
        for name, share in zip(("first", "second"), shares, strict=True)
    )
    total = None if None in shares else sum(shares)
    title = "Customers that buy alike lie close together"
    return components.figure(
        title,
        f"principal components; the two axes hold {formats.percent(total)} of the variance",
        "Each point is a customer, placed by recency, orders and spend after the transform; colours "
        "are segments. Where colours meet, customers are in between. Drag to move the map, turn the wheel with Ctrl "
        "held to zoom; a click on a point leads to the customer.",
        points
        and components.join(
            [
                components.switches([(key, colour, name) for key, (colour, name) in series.items()]),
                drawings.scatter(points, series, x, y, title),
            ]
        ),
        "There are too few customers for a map.",
    )  # fmt: skip


def _baseline(data: SimpleNamespace, what: str) -> Markup:
    metric, title, unit = {
        "auc": ("auc", f"Telling who orders again within {data.horizon}", "AUC: 0.5 is chance"),
        "top": (
            "top20_spend_share",
            "Later spend held by the fifth ranked first",
            f"% of the spend in the {data.horizon}",
        ),
    }[what]
    rows = [m for m in data.metrics if m.metric == metric]
    text = formats.percent if metric == "top20_spend_share" else lambda v: formats.figure(v, 3)
    low = min((m.ci_low if m.ci_low is not None else m.value for m in rows), default=0)
    high = max((m.ci_high if m.ci_high is not None else m.value for m in rows), default=1)
    tested = rows and f"Tested on {formats.whole(rows[0].n)} customers from " + " to ".join(
        formats.day(d) for d in (rows[0].tested_from, rows[0].tested_until)
    )
    return components.figure(
        title,
        unit,
        f"Dot: the value; grey bar: its 95% interval; further right is better. Orange: what the "
        f"segments use. {f'{tested}.' if tested else ''}",
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
                    "used" if m.is_used else "",
                )
                for m in rows
            ],
            low - 0.01,
            high + 0.01,
            text,
        ),
        "There is too little history to test the segments on.",
        half=True,
    )


def _list(data: SimpleNamespace) -> Markup:
    columns = [
        ("transform", "Transform", "key"),
        ("algorithm", "Algorithm", "key"),
        ("k", "k", "whole"),
        ("silhouette", "Silhouette", "figure"),
        ("stability_ari", "Stability", "figure"),
        ("smallest_share", "Smallest cluster, % of customers", "percent"),
        ("future_order_auc", "AUC", "figure"),
        ("eligible", "Eligible", "text"),
        ("verdict", "Verdict", "text"),
    ]
    return components.figure(
        "Every candidate with its verdict",
        "means over the three dates",
        "The chosen one stands first; click on a heading to sort.",
        components.explorer(
            "candidates",
            columns,
            data.candidates,
            {"algorithm": "", "transform": "", "eligible": ""},
            "cluster_candidates.csv",
        ),
        "There are no candidates.",
    )
