"""The parts that pages are made of, as HTML. Every text that comes from data is escaped: Markup's
`format` and `join` escape whatever is not Markup itself."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import log2
from urllib.parse import quote, urlencode

from markupsafe import Markup

from . import formats, palette

LONGEST = 20_000  # rows of a list, the limit in the pages' .sql: more make a page slow to open


def join(parts: Iterable[str]) -> Markup:
    return Markup("").join(parts)


def figure(
    title: str, unit: str, how: str, body: object, nothing: str, half: bool = False
) -> Markup:
    """A chart with what it shows, its unit and how to read it; the sentence `nothing` instead of an
    empty body."""
    return Markup(
        '<figure class="card{}"><figcaption><h3>{} <span class="unit">{}</span></h3>'
        '<p class="how">{}</p></figcaption>{}</figure>'
    ).format(" half" if half else "", title, unit, how, body or _nothing(nothing))


def _nothing(sentence: str) -> Markup:
    return Markup('<p class="nothing">{}</p>').format(sentence)


def section(title: str, *parts: str, lead: str = "") -> Markup:
    """A part of a page under its own heading."""
    lead = Markup('<p class="lead">{}</p>').format(lead) if lead else ""
    return Markup('<section><h2>{}</h2>{}<div class="grid">{}</div></section>').format(
        title, lead, join(parts)
    )


def card(*parts: str) -> Markup:
    return Markup('<div class="card">{}</div>').format(join(parts))


def prose(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def tiles(rows: list[tuple]) -> Markup:
    """Large figures. rows: (name, text, note)."""
    return Markup('<dl class="tiles">{}</dl>').format(
        join(
            Markup('<div><dt>{}</dt><dd data-figure="{}">{}</dd><dd class="note">{}</dd></div>').format(
                name, name, text, note
            )
            for name, text, note in rows
        )
    )  # fmt: skip


def switches(rows: list[tuple]) -> Markup:
    """A legend whose names hide what they name, in all drawings of the card. rows: (series, colour, name)."""
    return Markup('<p class="legend">{}</p>').format(
        join(
            Markup(
                '<button type="button" aria-pressed="true" data-series="{}">{}{}</button>'
            ).format(series, dot(colour), name)
            for series, colour, name in rows
        )
    )


def dot(colour: str) -> Markup:
    return Markup('<i class="dot" style="background:{}"></i>').format(colour)


def named(key: str, name: str) -> Markup:
    """A segment's name behind its colour."""
    return Markup("{}{}").format(dot(palette.segment(key)), name)


def listed(text: str, **filters: str) -> Markup:
    """A text that leads to the action list, filtered: attributes of its rows with their values."""
    return Markup('<a href="actions.html#{}">{}</a>').format(
        urlencode(filters, quote_via=quote), text
    )


def bars(heads: list[str], rows: list[tuple]) -> Markup:
    """Bars beside each other, a column of them for each head; lengths compare within a column.
    rows: (key, label, colour, [(value, text), ...]); a third item of a cell is its trend."""
    if not rows:
        return Markup("")
    longest = [max(float(cells[n][0] or 0) for *_, cells in rows) for n in range(len(heads) - 1)]
    letters = max(len(text) for *_, cells in rows for _, text, *_ in cells)
    room = letters * 0.64 + (
        0.6 if all(len(cell) < 3 for *_, cells in rows for cell in cells) else 9
    )
    return Markup(
        '<table class="bars" style="--value:{:.2f}em">{}<tbody>{}</tbody></table>'
    ).format(
        room,
        _head(heads),
        join(
            Markup('<tr data-key="{}"><th scope="row">{}</th>{}</tr>').format(
                key,
                label,
                join(_bar(cell, colour, most) for cell, most in zip(cells, longest, strict=True)),
            )
            for key, label, colour, cells in rows
        ),
    )


def _bar(cell: tuple, colour: str, longest: float) -> Markup:
    value, text, *trend = cell
    share = max(float(value or 0), 0) / longest * 100 if longest > 0 else 0
    drawn = Markup('<i style="width:{:.2f}%;background:{}"></i>').format(share, colour)
    return Markup(
        '<td data-value="{}"><span class="track">{}</span><span class="value">{}{}</span></td>'
    ).format("" if value is None else value, drawn if share else "", text, join(trend))


def profile(rows: list[tuple], colour: str) -> Markup:
    """How many times the average: bars to the left below it, to the right above, on a log scale
    that ends at 8 times. rows: (label, text, text of the average, ratio or None)."""
    return Markup('<table class="profile">{}</table>').format(
        join(
            Markup(
                '<tr><th scope="row">{}</th><td><span class="middle">{}</span></td>'
                '<td class="value">{} <small>all: {}</small></td></tr>'
            ).format(label, _half_bar(ratio, colour), text, average)
            for label, text, average, ratio in rows
        )
    )


def _half_bar(ratio: float | None, colour: str) -> Markup:
    if ratio is None:
        return Markup("")
    reach = min(max(log2(ratio) if ratio > 0 else -3, -3), 3) / 6 * 100
    return Markup('<i style="left:{:.1f}%;width:{:.1f}%;background:{}"></i>').format(
        50 + min(reach, 0), abs(reach), colour
    )


def dots(rows: list[tuple], low: float, high: float, text: Callable) -> Markup:
    """A value with its interval on a common scale low..high.
    rows: (key, label, colour, value, interval's low, its high, note)."""

    def at(value: float) -> float:
        return min(max((value - low) / (high - low), 0), 1) * 100

    return Markup('<table class="dots">{}</table>').format(
        join(
            Markup(
                '<tr data-key="{}"><th scope="row">{}</th><td data-value="{}"><span class="scale">{}'
                '<b style="left:{:.1f}%;background:{}"></b></span></td>'
                '<td class="value">{} <small>{}</small></td></tr>'
            ).format(
                key, label, value,
                "" if least is None or most is None else
                Markup('<i style="left:{:.1f}%;width:{:.1f}%"></i>').format(
                    at(least), at(most) - at(least)),
                at(value), colour, text(value), note,
            )
            for key, label, colour, value, least, most, note in rows
        )
    )  # fmt: skip


def heat(
    corner: str,
    rows: list[tuple],
    heads: list[tuple],
    cells: dict,
    stops: list[str] = palette.BLUES,
    low: float = 0,
    high: float | None = None,
) -> Markup:
    """A table whose cells are shaded by their value. rows and heads: (key, label); cells:
    {(row key, head key): (value, text, tooltip)}."""
    if not cells:
        return Markup("")
    values = [float(cell[0]) for cell in cells.values() if cell[0] is not None]
    span = ((max(values, default=1) if high is None else high) - low) or 1

    def drawn(cell: tuple | None) -> Markup:
        if cell is None or cell[0] is None:
            return Markup("<td></td>")
        value, text, tooltip = cell
        colour = palette.shade((float(value) - low) / span, stops)
        return Markup(
            '<td data-value="{}" style="background:{};color:{}" title="{}">{}</td>'
        ).format(value, colour, palette.ink(colour), tooltip, text)

    return Markup(
        '<div class="scroll" tabindex="0"><table class="heat">{}<tbody>{}</tbody></table></div>'
    ).format(
        _head([corner, *(label for _, label in heads)]),
        join(
            Markup('<tr data-key="{}"><th scope="row">{}</th>{}</tr>').format(
                key, label, join(drawn(cells.get((key, head))) for head, _ in heads)
            )
            for key, label in rows
        ),
    )


def table(heads: list[str], rows: list[tuple], numbers: int = 0) -> Markup:
    """A plain table; the last `numbers` columns hold numbers."""
    if not rows:
        return Markup("")
    text = len(heads) - numbers
    return Markup(
        '<div class="scroll" tabindex="0"><table class="plain">{}<tbody>{}</tbody></table></div>'
    ).format(
        _head(heads, text),
        join(
            Markup("<tr>{}</tr>").format(
                join(
                    Markup('<td class="{}" data-head="{}">{}</td>').format(
                        "number" if n >= text else "", heads[n], "" if cell is None else cell
                    )
                    for n, cell in enumerate(row)
                )
            )
            for row in rows
        ),
    )


def _head(heads: list, text: int | None = None) -> Markup:
    text = len(heads) if text is None else text
    return Markup("<thead><tr>{}</tr></thead>").format(
        join(
            Markup('<th scope="col" class="{}">{}</th>').format("number" if n >= text else "", head)
            for n, head in enumerate(heads)
        )
    )


def panels(name: str, label: str, choices: list[tuple]) -> Markup:
    """One of several bodies at a time, chosen in a list. choices: (key, label, body)."""
    return Markup(
        '<div class="panels" id="{}"><label class="filter">{} <select>{}</select></label>{}</div>'
    ).format(
        name,
        label,
        join(Markup('<option value="{}">{}</option>').format(key, text) for key, text, _ in choices),
        join(
            Markup('<div data-panel="{}"{}>{}</div>').format(
                key, Markup(" hidden") if number else "", body
            )
            for number, (key, _, body) in enumerate(choices)
        ),
    )  # fmt: skip


def explorer(
    name: str,
    columns: list[tuple],
    rows: list,
    filters: dict[str, str],
    download: str,
    details: tuple = (),
) -> Markup:
    """A long list that can be filtered, searched, sorted and downloaded as CSV.

    columns: (attribute of a row, head, kind), kind one of text, id, segment, whole, units, money,
    percent, day, key (words stand for it), list, steps (a list in order of time), hidden.
    filters: {attribute: value chosen at first, '' for all}. download: name of the CSV file.
    details: attributes that are shown below a row when it is opened, no columns of their own.
    """
    if not rows:
        return Markup("")
    content = {
        "columns": [
            {"key": key, "head": head, "kind": kind, "opens": key in details}
            for key, head, kind in columns
        ],
        "values": [
            _column(
                [
                    formats.plain(v) if kind == "key" else v
                    for v in (getattr(row, key) for row in rows)
                ]
            )
            for key, _, kind in columns
        ],
        "filters": filters,
        "download": download,
        "currency": formats.currency(),
        "colours": palette.SEGMENTS,
    }
    return Markup(
        '<div class="explorer" id="{}"><div class="controls"></div>'
        '<div class="scroll" tabindex="0"><table class="plain"></table></div>'
        '<p class="more"></p><noscript>This list needs JavaScript; the same rows are in'
        ' published/csv.</noscript><script type="application/json">{}</script></div>'
    ).format(name, as_json(content))


def trend(values: list) -> Markup:
    """An arrow for the last step and a small line of all; values are in order of time."""
    figures = [float(value or 0) for value in values]
    if len(figures) < 2:
        return Markup("")
    low, high = min(figures), max(figures)
    span = (high - low) or 1
    points = " ".join(
        f"{2 + 86 * n / (len(figures) - 1):.1f},{20 - 18 * (figure - low) / span:.1f}"
        for n, figure in enumerate(figures)
    )
    step = figures[-1] - figures[-2]
    arrow, word = (
        ("↑", "more than") if step > 0 else ("↓", "less than") if step < 0 else ("→", "the same as")
    )
    return Markup(
        '<span class="trend" data-step="{}"><b title="{} a month before">{}</b>'
        '<svg width="90" height="22" viewBox="0 0 90 22" aria-hidden="true">'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg></span>'
    ).format(step, word, arrow, points)


def cut(everything: int, file: str) -> str:
    """What to say of a list of so many rows: nothing, or that a page holds the first LONGEST."""
    if everything <= LONGEST:
        return ""
    return (
        f" The first {formats.whole(LONGEST)} of {formats.whole(everything)} are here;"
        f" published/{file} has all."
    )


def _column(values: list) -> dict:
    """Each value once, and where it stands: rows repeat the same sentences a thousand times. Of a
    value that is a list, so do its items."""
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    levels = list(dict.fromkeys(items))
    places = {item: number for number, item in enumerate(levels)}
    return {
        "levels": levels,
        "codes": [
            [places[item] for item in value] if isinstance(value, list) else places[value]
            for value in values
        ],
    }


def as_json(content: object) -> Markup:
    """JSON that cannot end its script element, whatever its texts hold."""
    text = json.dumps(content, default=_plain_value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _plain_value(value: object) -> float | str:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    raise TypeError(type(value))
