"""Colours that colour-blind people can tell apart (Paul Tol's muted scheme), one pinned a segment."""

from collections.abc import Iterable
from itertools import cycle

# in the order of seeds/segment_archetypes.csv, which is the order that every page shows them in
SEGMENTS = {
    "champions": "#332288",
    "loyal": "#117733",
    "valuable_slowing": "#CC6677",
    "promising": "#44AA99",
    "occasional": "#DDCC77",
    "fading": "#999933",
    "newcomers": "#88CCEE",
    "one_big_order": "#AA4499",
    "lapsed_big_order": "#882255",
    "lost": "#8F8F8F",
    # those named by scores
    "many_high": "#4477AA",
    "many_medium": "#66CCEE",
    "many_low": "#228833",
    "some_high": "#994455",
    "some_medium": "#EE99AA",
    "some_low": "#CCBB44",
    "few_high": "#AA3377",
    "few_medium": "#EE7733",
    "few_low": "#777777",
}
UNKNOWN = "#BBBBBB"
MAIN, SECOND, MUTED = "#2B5F8C", "#D98032", "#B9C7D4"
# colour and dashes of the lines of a chart
LINES = [
    ("#332288", ""),
    ("#44AA99", "7 4"),
    ("#CC6677", "2 3"),
    ("#8A7A1C", "9 3 2 3"),
    ("#117733", "12 4"),
    ("#882255", "4 2"),
    ("#88CCEE", "1 4"),
    ("#AA4499", "7 3 2 3 2 3"),
]
BLUES = ["#F3F7FB", "#C9DDEE", "#86B3D6", "#3F7FB2", "#153F66"]
# below the middle orange, above it blue
AROUND = ["#B35806", "#F1A340", "#F7F7F7", "#86B3D6", "#153F66"]


def lines(keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """A colour and dashes for each key, whatever the keys are; the same keys look alike in each chart."""
    return dict(zip(sorted(set(keys)), cycle(LINES)))


def segment(key: str) -> str:
    return SEGMENTS.get(key, UNKNOWN)


def place(key: str) -> tuple:
    """Sort key of a segment: the archetypes' order, then whatever else there is."""
    order = list(SEGMENTS)
    return (order.index(key) if key in order else len(order), key)


def shade(position: float, stops: list[str]) -> str:
    """Colour at a position 0..1 between the stops."""
    position = min(max(position, 0.0), 1.0) * (len(stops) - 1)
    low = min(int(position), len(stops) - 2)
    pairs = zip(_rgb(stops[low]), _rgb(stops[low + 1]), strict=True)
    mixed = [round(a + (b - a) * (position - low)) for a, b in pairs]
    return "#" + "".join(f"{part:02X}" for part in mixed)


def ink(background: str) -> str:
    """Black or white, whichever reads better on a colour."""
    light = luminance(background)
    return "#FFFFFF" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#000000"


def luminance(colour: str) -> float:
    """Relative luminance, 0 black to 1 white (WCAG 2)."""
    parts = [part / 255 for part in _rgb(colour)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue
