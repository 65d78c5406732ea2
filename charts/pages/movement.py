"""Who moves where from month to month?"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace

from markupsafe import Markup

from charts import components, drawings, formats, palette

TITLE = "Movement"
QUESTION = "Who moves from segment to segment, and which segments keep ordering?"


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    names = {s.segment_key: s.segment_name for s in data.segments}
    name = _namer(names)
    return components.join(
        [
            components.section("Between two month ends", _moves(data, name)),
            components.section("Month by month", _kept(data, name), _ordered(data, name)),
            components.section("Sizes over time", _sizes(data, name)),
        ]
    )


def _namer(names: dict[str, str]) -> Callable[[str], str]:
    def name(key: str) -> str:
        return "First order in the month" if key == "new" else names.get(key, formats.plain(key))

    return name


def _moves(data: SimpleNamespace, name: Callable[[str], str]) -> Markup:
    months = list(dict.fromkeys(m.month_end for m in data.moves))
    choices = [
        (f"{month:%Y-%m}", formats.day(month), _matrix(data, name, month)) for month in months
    ]
    return components.figure(
        "From which segment to which",
        "customers; shade: % of the row",
        "Rows: the segment at the month end before; columns: the segment at this one. On the "
        "diagonal they stayed. Customers who move without an order have only waited longer. All months are "
        "scored by today's model.",
        choices and components.panels("moves", "Month end", choices),
        "The file is too short for movements: they need about seven months of history.",
    )


def _matrix(data: SimpleNamespace, name: Callable[[str], str], month: dt.date) -> Markup:
    moves = [m for m in data.moves if m.month_end == month]
    totals: dict[str, int] = defaultdict(int)
    for move in moves:
        totals[move.from_segment_key] += move.customers
    rows = sorted(totals, key=palette.place)
    heads = sorted({m.to_segment_key for m in moves}, key=palette.place)
    cells = {
        (m.from_segment_key, m.to_segment_key): (
            m.customers / totals[m.from_segment_key],
            formats.whole(m.customers),
            (
                f"{formats.percent(m.customers / totals[m.from_segment_key])} of "
                f"{formats.whole(totals[m.from_segment_key])}; {formats.whole(m.customers_ordered)} ordered, "
                f"{formats.whole(m.customers_aged)} moved by waiting"
            ),
        )
        for m in moves
    }
    return components.heat(
        "From",
        [(key, f"{name(key)} ({formats.whole(totals[key])})") for key in rows],
        [(key, name(key)) for key in heads],
        cells,
        high=1,
    )


def _by_month(
    data: SimpleNamespace, counted: Callable[[SimpleNamespace], int]
) -> dict[tuple, tuple]:
    """{(segment, month): (share, part, whole)} over those who had a segment the month before."""
    parts: dict[tuple, int] = defaultdict(int)
    wholes: dict[tuple, int] = defaultdict(int)
    for move in data.moves:
        if move.from_segment_key != "new":
            key = (move.from_segment_key, move.month_end)
            wholes[key] += move.customers
            parts[key] += counted(move)
    return {key: (parts[key] / whole, parts[key], whole) for key, whole in wholes.items() if whole}


def _monthly_heat(
    title: str, unit: str, how: str, shares: dict[tuple, tuple], name: Callable[[str], str]
) -> Markup:
    keys = sorted({key for key, _ in shares}, key=palette.place)
    months = sorted({month for _, month in shares})
    cells = {
        key: (
            share,
            formats.percent(share),
            f"{formats.whole(part)} of {formats.whole(whole)} customers",
        )
        for key, (share, part, whole) in shares.items()
    }
    return components.figure(
        title,
        unit,
        how,
        components.heat(
            "Segment",
            [(key, name(key)) for key in keys],
            [(month, formats.month(month)) for month in months],
            cells,
            high=1,
        ),
        "The file is too short for movements.",
    )


def _kept(data: SimpleNamespace, name: Callable[[str], str]) -> Markup:
    return _monthly_heat(
        "Who stayed in the segment during the month",
        "% of the segment's customers at the month end before",
        "Staying is good in the upper rows and a missed opportunity in the lower ones.",
        _by_month(data, lambda m: m.customers if m.from_segment_key == m.to_segment_key else 0),
        name,
    )


def _ordered(data: SimpleNamespace, name: Callable[[str], str]) -> Markup:
    return _monthly_heat(
        "Who ordered in the month (retention by segment)",
        "% of the segment's customers at the month end before",
        "The darker, the more of the segment ordered again in that month.",
        _by_month(data, lambda m: m.customers_ordered),
        name,
    )


def _sizes(data: SimpleNamespace, name: Callable[[str], str]) -> Markup:
    keys = sorted({s.segment_key for s in data.sizes if s.segment_key}, key=palette.place)
    rows = [
        {
            "series": s.segment_key,
            "label": formats.month(s.month_end),
            "value": s.customers,
            "text": f"{name(s.segment_key)}, end of {formats.month(s.month_end)}: "
            f"{formats.whole(s.customers)}",
            "open": False,
        }
        for s in data.sizes
        if s.segment_key
    ]
    styles = {key: (palette.segment(key), "") for key in keys}
    title = "Customers in each segment at the end of each month"
    return components.figure(
        title,
        "customers",
        "A line is a segment; together they are all customers known by then. Only month ends with enough "
        "history before them are shown.",
        rows
        and components.join(
            [
                components.switches([(key, palette.segment(key), name(key)) for key in keys]),
                drawings.lines(
                    rows,
                    styles,
                    "whole",
                    "customers",
                    "end of the month",
                    title,
                    from_zero=True,
                    height=300,
                ),
            ]
        ),
        "The history is too short: month ends count once var min_history_days_segments is reached.",
    )
