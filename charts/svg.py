"""Small SVG charts, drawn for a width in pixels. Text is placed by its estimated width."""

import math
from collections.abc import Callable

from markupsafe import Markup

from . import formats, palette

SIZE = 12  # of text, pixels
INK, GRID = "#4A5560", "#E3E8ED"


def text_width(text: str, size: float = SIZE) -> float:
    """Estimated from a wide font, so that text fits in whichever the reader has."""
    wide, slim = sum(text.count(c) for c in "%MWmw@"), sum(text.count(c) for c in " .,:'iltj|")
    return size * (0.95 * wide + 0.38 * slim + 0.67 * (len(text) - wide - slim))


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that span low..high."""
    if high <= low:
        high = low + 1
    rough = (high - low) / wanted
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def columns(rows: list[tuple], width: int, axis: Callable, height: int = 260) -> Markup:
    """Columns. rows: (key, label, value, text in the tooltip, colour)."""
    marks = ticks(min(0, *(float(row[2]) for row in rows)), max(float(row[2]) for row in rows))
    frame = _Frame(width, height, marks, axis)
    step = frame.width / len(rows)
    parts = [frame.grid()]
    for number, (key, label, value, text, colour) in enumerate(rows):
        x = frame.left + step * number
        top, foot = sorted((frame.y(value), frame.y(0)))
        parts.append(
            Markup(
                '<rect data-key="{}" data-value="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}"'
                ' height="{:.1f}" rx="2" fill="{}"><title>{}: {}</title></rect>'
            ).format(key, value, x + step * 0.14, top, step * 0.72, foot - top, colour, label, text)
        )
    parts.append(frame.x_labels([row[1] for row in rows], step))
    return _svg(width, height, parts)


def lines(
    series: list[tuple],
    labels: list,
    width: int,
    axis: Callable,
    rule: float | None = None,
    from_zero: bool = False,
    height: int = 230,
) -> Markup:
    """Lines over labelled places. series: (name, colour, dash, {label: value}, highlighted label);
    rule: a dashed threshold."""
    values = [v for _, _, _, points, _ in series for v in points.values() if v is not None]
    low = 0 if from_zero else min(values)
    marks = ticks(min(low, rule or low), max(*values, rule or values[0]))
    frame = _Frame(width, height, marks, axis)
    step = frame.width / len(labels)
    parts = [frame.grid()]
    if rule is not None:
        parts.append(
            Markup(
                '<line x1="{:.1f}" x2="{:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#111"'
                ' stroke-dasharray="2 4"/>'
            ).format(frame.left, width, y=frame.y(rule))
        )
    for name, colour, dash, points, highlight in series:
        placed = [
            (frame.left + step * (number + 0.5), frame.y(points[label]), label)
            for number, label in enumerate(labels)
            if points.get(label) is not None
        ]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in placed)
        parts.append(
            Markup(
                '<path d="{}" fill="none" stroke="{}" stroke-width="2" stroke-dasharray="{}"/>'
            ).format(path, colour, dash)
        )
        for x, y, label in placed:
            parts.append(
                Markup(
                    '<circle data-key="{} {}" data-value="{}" cx="{:.1f}" cy="{:.1f}" r="{}"'
                    ' fill="{}" stroke="{}" stroke-width="2"><title>{}, {}: {}</title></circle>'
                ).format(
                    name, label, points[label], x, y, 6 if label == highlight else 3,
                    "#FFFFFF" if label == highlight else colour, colour,
                    name, label, axis(points[label]),
                )
            )  # fmt: skip
    parts.append(frame.x_labels([str(label) for label in labels], step))
    return _svg(width, height, parts)


def scatter(groups: dict[str, list], width: int, x_name: str, y_name: str) -> Markup:
    """Points by colour: {colour: [(x, y)]}. One path a colour keeps thousands of points small."""
    points = [point for group in groups.values() for point in group]
    height, pad = min(width * 0.62, 560), 26
    (x0, x1), (y0, y1) = (
        (min(p[axis] for p in points), max(p[axis] for p in points)) for axis in (0, 1)
    )
    x_step, y_step = (width - 2 * pad) / (x1 - x0 or 1), (height - 2 * pad) / (y1 - y0 or 1)
    parts = [
        Markup(
            '<path d="M{p} {p}V{h:.0f}H{w}" fill="none" stroke="{c}"/>'
            '<text x="{w}" y="{ty:.0f}" text-anchor="end">{x} →</text>'
            '<text x="{p}" y="16">↑ {y}</text>'
        ).format(
            p=pad, h=height - pad, w=width - pad, c=GRID, ty=height - 8, x=x_name, y=y_name
        )
    ]  # fmt: skip
    for colour, group in groups.items():
        path = "".join(
            f"M{pad + (x - x0) * x_step:.0f} {height - pad - (y - y0) * y_step:.0f}h0"
            for x, y in group
        )
        parts.append(
            Markup(
                '<path d="{}" stroke="{}" stroke-width="4.5" stroke-linecap="round" opacity=".7"/>'
            ).format(path, colour)
        )
    return _svg(width, round(height), parts)


def calibration(rows: list[tuple], width: int, percent: Callable) -> Markup:
    """Predicted against observed, with intervals. rows: (predicted, observed, low, high, n)."""
    side = min(width, 420)
    frame = _Frame(side, side * 0.8, [0, 0.25, 0.5, 0.75, 1], percent)
    parts = [
        frame.grid(),
        Markup('<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="#111" stroke-dasharray="2 4"/>').format(
            frame.left, frame.y(0), side, frame.y(1)
        ),
    ]  # fmt: skip
    for predicted, observed, low, high, n in rows:
        x = frame.left + predicted * frame.width
        if low is not None and high is not None:
            parts.append(
                Markup('<path d="M{x:.1f} {:.1f}V{:.1f}" stroke="{}" stroke-width="2"/>').format(
                    frame.y(low), frame.y(high), palette.MUTED, x=x
                )
            )
        parts.append(
            Markup(
                '<circle data-value="{}" cx="{:.1f}" cy="{:.1f}" r="5" fill="{}">'
                "<title>predicted {}, observed {} ({} customers)</title></circle>"
            ).format(
                observed,
                x,
                frame.y(observed),
                palette.MAIN,
                percent(predicted),
                percent(observed),
                n,
            )
        )
    quarter = frame.width / 4
    for number, tick in enumerate(frame.ticks):
        anchor = "end" if tick == 1 else "middle"
        parts.append(
            Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
                frame.left + quarter * number, frame.foot + 18, anchor, percent(tick)
            )
        )
    return _svg(side, round(side * 0.8), parts)


def treemap(rows: list[tuple], width: int, height: int = 380) -> Markup:
    """Rectangles by size. rows: (key, label, value, text, colour), values above 0."""
    rows = sorted(rows, key=lambda row: -row[2])
    total = float(sum(row[2] for row in rows))
    areas = [float(row[2]) / total * width * height for row in rows]
    parts = []
    for row, (x, y, w, h) in zip(rows, _squarified(areas, width, height), strict=True):
        key, label, value, text, colour = row
        parts.append(
            Markup(
                '<rect data-key="{}" data-value="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}"'
                ' height="{:.1f}" fill="{}" stroke="#FFF" stroke-width="2">'
                "<title>{}: {}</title></rect>"
            ).format(key, value, x, y, w, h, colour, label, text)
        )
        parts.append(_label_inside(label, text, (x, y, w, h), palette.ink(colour)))
    return _svg(width, height, parts)


def _label_inside(label: str, text: str, box: tuple, ink: str) -> Markup:
    """The label word by word in lines, and the text under it, if they fit; else nothing."""
    x, y, w, h = box
    texts = [*_wrapped(label, w - 16), text]
    if max(map(text_width, texts)) > w - 12 or len(texts) * 15 + 8 > h:
        return Markup("")
    return Markup("").join(
        Markup('<text x="{:.1f}" y="{:.1f}" fill="{}">{}</text>').format(
            x + 8, y + 18 + 15 * number, ink, line
        )
        for number, line in enumerate(texts)
    )


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and text_width(f"{lines[-1]} {word}") > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _squarified(areas: list[float], width: float, height: float) -> list[tuple]:
    """Boxes (x, y, width, height) of falling areas, as square as a row by row layout makes them
    (Bruls, Huizing and van Wijk, 2000)."""
    boxes, x, y, w, h = [], 0.0, 0.0, float(width), float(height)
    waiting = list(areas)
    while waiting:
        side = min(w, h)
        taken = 1
        while taken < len(waiting) and _worst(waiting[: taken + 1], side) <= _worst(
            waiting[:taken], side
        ):
            taken += 1
        row, waiting = waiting[:taken], waiting[taken:]
        depth, along = sum(row) / side, 0.0
        for area in row:
            length = area / depth
            boxes.append((x, y + along, depth, length) if w >= h else (x + along, y, length, depth))
            along += length
        if w >= h:
            x, w = x + depth, w - depth
        else:
            y, h = y + depth, h - depth
    return boxes


def _worst(row: list[float], side: float) -> float:
    """The least square box of a row: its longer side over its shorter."""
    depth = sum(row) / side
    return max(max(area / depth / depth, depth * depth / area) for area in row)


class _Frame:
    """The plotting area of a chart with a value axis at the left and labels below."""

    def __init__(self, width: float, height: float, marks: list[float], axis: Callable):
        self.ticks, self.axis = marks, axis
        self.left = max(text_width(axis(tick)) for tick in marks) + 10
        self.width, self.top, self.foot = width - self.left, 12, height - 26
        self.right = width

    def y(self, value: formats.Number) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.foot - (float(value) - low) / (high - low) * (self.foot - self.top)

    def grid(self) -> Markup:
        return Markup("").join(
            Markup(
                '<line x1="{:.1f}" x2="{:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{}"/>'
                '<text x="{:.1f}" y="{ty:.1f}" text-anchor="end">{}</text>'
            ).format(
                self.left, self.right, GRID, self.left - 8, self.axis(tick),
                y=self.y(tick), ty=self.y(tick) + 4,
            )
            for tick in self.ticks
        )  # fmt: skip

    def x_labels(self, labels: list[str], step: float) -> Markup:
        """Labels below, as many as have room."""
        every = math.ceil((max(map(text_width, labels)) + 8) / step)
        parts, free_from = [], 0.0
        for number, label in list(enumerate(labels))[::every]:
            x = self._inside(self.left + step * (number + 0.5), label)
            if x - text_width(label) / 2 >= free_from:
                parts.append(
                    Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
                        x, self.foot + 18, label
                    )
                )
                free_from = x + text_width(label) / 2 + 8
        return Markup("").join(parts)

    def _inside(self, x: float, label: str) -> float:
        half = text_width(label) / 2
        return min(max(x, half), self.right - half)


def _svg(width: float, height: float, parts: list) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {w:.0f} {h:.0f}" width="{w:.0f}" height="{h:.0f}" role="img"'
        ' font-size="{size}" fill="{ink}">{parts}</svg>'
    ).format(w=width, h=height, size=SIZE, ink=INK, parts=Markup("").join(parts))
