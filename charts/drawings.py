"""Charts drawn by Vega in the reader's browser: described with Altair, and the treemap, which Altair lacks, as Vega.

Each is an element that holds its description as JSON; `page.js` draws it with the script that comes with vl-convert.
Parameters have names of our own: Altair numbers its own, and the same build must be the same bytes.
"""

import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import altair as alt
from markupsafe import Markup

from . import components, formats, palette

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK, GRID, RULE = "#4A5560", "#E3E8ED", "#111111"
CONFIG = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "labelColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": INK,
        "titleLimit": 320,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
}
# the name of an upright axis above it, where it is read without turning the head
ABOVE: dict[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleAnchor": "end",
    "titleBaseline": "bottom",
    "titleY": -12,
}
# page.js sets `hidden` when a name of the legend is clicked
HIDDEN = "indexof(hidden, datum.series) < 0"
SCRIPT = Path(sys.prefix) / "vega.js"
TREEMAP = Path(__file__).parent / "treemap.vg.json"


@cache
def script() -> str:
    """Vega, Vega-Lite and vega-embed as one script, which make takes from vl-convert when it installs it.

    Returns
    -------
    str
        JavaScript that can stand in a script element.

    Raises
    ------
    SystemExit
        Where it is not installed yet.
    """
    if not SCRIPT.exists():
        raise SystemExit(
            f"{SCRIPT} is not there: run `make report`, which installs what draws charts"
        )
    return SCRIPT.read_text(encoding="utf-8").replace("</script", "<\\/script")


def columns(rows: list[dict], axis: str, y: str, x: str, title: str) -> Markup:
    """Columns beside each other.

    Parameters
    ----------
    rows : list of dict
        key, label, value, text (of the tooltip), colour.
    axis : str
        money, whole, percent or figure.
    y, x : str
        Names of the values and of the places.
    title : str
        What a screen reader says of the chart.

    Returns
    -------
    Markup
    """
    marks = _chart(rows).mark_bar(cornerRadiusEnd=2).encode(
        x=_places(x), y=_values(y, axis), color=alt.Color("colour:N", scale=None), **_told()
    )  # fmt: skip
    return _drawing(marks.properties(height=240), title)


def lines(
    rows: list[dict],
    styles: dict[str, tuple[str, str]],
    axis: str,
    y: str,
    x: str,
    title: str,
    rule: float | None = None,
    from_zero: bool = False,
    height: int = 220,
    together: str = "",
) -> Markup:
    """Lines over labelled places.

    Parameters
    ----------
    rows : list of dict
        series, label, value, text (of the tooltip), open (a hollow point), in the order of the labels.
    styles : dict of str to tuple
        Colour and dashes of each series.
    axis : str
        money, whole, percent or figure.
    y, x : str
        Names of the values and of the places.
    title : str
        What a screen reader says of the chart.
    rule : float, optional
        A dotted threshold.
    from_zero : bool
        Whether the axis holds 0.
    height : int
        In pixels.
    together : str
        Charts with the same word point at the same place.

    Returns
    -------
    Markup
    """
    names, looks = list(styles), list(styles.values())
    colours = alt.Scale(domain=names, range=[colour for colour, _ in looks])
    dashes = alt.Scale(domain=names, range=[_dashes(dash) for _, dash in looks])
    colour = alt.Color("series:N", scale=colours, legend=None)
    dash = alt.StrokeDash("series:N", scale=dashes, legend=None)
    at = alt.selection_point(
        "at", fields=["label"], on="pointerover", clear="pointerout", nearest=True
    )
    base = _chart(rows).encode(x=_places(x))
    shown = base.encode(y=_values(y, axis, from_zero)).transform_filter(HIDDEN)
    layers = [
        base.mark_rule(color=GRID, strokeWidth=2, aria=False).transform_filter(at, empty=False),
        shown.mark_line(strokeWidth=2, aria=False).encode(color=colour, strokeDash=dash),
        shown.mark_point(opacity=1, strokeWidth=2).encode(
            stroke=colour,
            fill=alt.condition("datum.open", alt.value("#FFFFFF"), colour),
            size=alt.condition("datum.open", alt.value(100), alt.value(30)),
            **_told(),
        ).add_params(at),
    ]  # fmt: skip
    if rule is not None:
        layers.append(
            _chart([{"value": rule}]).mark_rule(strokeDash=[2, 4], color=RULE).encode(y="value:Q")
        )
    chart = alt.layer(*layers).add_params(alt.param("hidden", value=[])).properties(height=height)
    return _drawing(chart, title, together)


def scatter(
    points: Iterable[tuple], series: dict[str, tuple[str, str]], x: str, y: str, title: str
) -> Markup:
    """Customers as points that can be zoomed into; a click leads to the customer.

    Parameters
    ----------
    points : iterable of tuple
        Customer, place on both axes, key of the series.
    series : dict of str to tuple
        Colour and name of each series.
    x, y : str
        Names of the axes.
    title : str
        What a screen reader says of the chart.

    Returns
    -------
    Markup
    """
    rows = [dict(zip(("customer", "x", "y", "series"), point, strict=True)) for point in points]
    names = json.dumps({key: name for key, (_, name) in series.items()})
    colours = alt.Scale(domain=list(series), range=[colour for colour, _ in series.values()])
    move = alt.selection_interval(
        name="move", bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]"
    )
    chart = _chart(rows).transform_filter(HIDDEN).transform_calculate(
        text=f"'Customer ' + datum.customer + ': ' + {names}[datum.series]"
    ).mark_circle(size=26, opacity=0.7, cursor="pointer", clip=True).encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
        y=alt.Y("y:Q", title=y, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6, **ABOVE)),
        color=alt.Color("series:N", scale=colours, legend=None),
        tooltip="text:N",
    ).add_params(move, alt.param("hidden", value=[])).properties(height=520)  # fmt: skip
    return _drawing(chart, title, renderer="canvas")


def calibration(groups: list[SimpleNamespace], title: str) -> Markup:
    """Predicted against observed shares, with intervals.

    Parameters
    ----------
    groups : list of SimpleNamespace
        predicted, actual, ci_low, ci_high and n of each, as in the table calibration.
    title : str
        What a screen reader says of the chart.

    Returns
    -------
    Markup
    """
    rows = [
        {
            "predicted": group.predicted,
            "observed": group.actual,
            "low": group.ci_low,
            "high": group.ci_high,
            "text": f"predicted {formats.percent(group.predicted)}, "
            f"observed {formats.percent(group.actual)} ({formats.whole(group.n)} customers)",
        }
        for group in groups
    ]
    base = _chart(rows).encode(x=alt.X(**_share("predicted", "predicted")))
    diagonal = _chart([{"predicted": side, "observed": side} for side in (0, 1)])
    layers = [
        diagonal.mark_line(strokeDash=[2, 4], color=RULE, strokeWidth=1, aria=False)
        .encode(x="predicted:Q", y="observed:Q"),
        base.mark_rule(color=palette.MUTED, strokeWidth=2, aria=False).encode(y="low:Q", y2="high:Q"),
        base.mark_circle(color=palette.MAIN, size=80, opacity=1)
        .encode(y=alt.Y(**_share("observed", "observed", **ABOVE)), **_told()),
    ]  # fmt: skip
    return _drawing(alt.layer(*layers).properties(height=320), title)


def treemap(rows: list[dict], title: str) -> Markup:
    """Fields by size.

    Parameters
    ----------
    rows : list of dict
        key, label, value above 0, money, text (of the tooltip), colour, ink.
    title : str
        What a screen reader says of the chart.

    Returns
    -------
    Markup
    """
    spec = json.loads(TREEMAP.read_text()) | {"description": title}
    fields = [
        row
        | {"number": number, "within": 0, "longest": max(map(len, row["label"].split()), default=0)}
        for number, row in enumerate(rows, start=1)
    ]
    spec["data"][0]["values"] = [{"number": 0}, *fields]
    return _drawn(spec, title)


def _chart(rows: list[dict]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _dashes(dash: str) -> list[int]:
    return [int(part) for part in dash.split()] or [1, 0]


def _places(title: str) -> alt.X:
    """Labels in the order of the rows, as many as have room."""
    return alt.X("label:O", sort=None, title=title, axis=alt.Axis(labelAngle=0, labelOverlap=True))


def _values(title: str, axis: str, from_zero: bool = True) -> alt.Y:
    look = alt.Axis(tickCount=5, labelExpr=_written(axis), **ABOVE)
    return alt.Y("value:Q", title=title, scale=alt.Scale(zero=from_zero, nice=True), axis=look)


def _share(field: str, title: str, **look: Any) -> dict[str, Any]:
    axis = alt.Axis(tickCount=5, format=".0%", **look)
    return {
        "shorthand": f"{field}:Q",
        "title": title,
        "scale": alt.Scale(domain=[0, 1]),
        "axis": axis,
    }


def _written(axis: str) -> str:
    """What stands beside a value of an axis, as formats.py writes it."""
    sign = json.dumps(formats.currency())
    return {
        "money": f"(datum.value < 0 ? '-' : '') + {sign} + format(abs(datum.value), '~s')",
        "whole": "format(datum.value, ',')",
        "percent": "format(datum.value, '.0%')",
        "figure": "format(datum.value, '.2f')",
    }[axis]


def _told() -> dict[str, Any]:
    """What a mark says, in a tooltip and to a screen reader."""
    # the field around a point, which points at it from afar, holds the point's datum in its own
    text = alt.value(alt.ExprRef("(datum.datum || datum).text"))
    return {"tooltip": text, "description": alt.Description("text:N")}


def _drawing(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
    title: str,
    together: str = "",
    renderer: str = "svg",
) -> Markup:
    spec = chart.properties(width="container", description=title).to_dict()
    return _drawn(spec | {"config": CONFIG}, title, together, renderer)


def _drawn(spec: dict, title: str, together: str = "", renderer: str = "svg") -> Markup:
    return Markup(
        '<div class="drawing" data-title="{}" data-together="{}" data-renderer="{}">'
        "<noscript>This chart needs JavaScript; its numbers are in published/csv.</noscript>"
        '<script type="application/json">{}</script></div>'
    ).format(title, together, renderer, components.as_json(spec))
