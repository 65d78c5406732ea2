"""Texts that spreadsheets are known to change, and what a file for people should hold for them."""

import random

SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # with these a formula begins
OTHERS = "'\"`,;:|/\\.%$£€ #()[]{}!?&<>*^~_\u00a0\u200b\u2212éßЖ中🎁0123456789eEabYZ"
_rng = random.Random(14)
RANDOM_TEXTS = ["".join(_rng.choices(SIGNS + OTHERS, k=_rng.randint(1, 12))) for _ in range(4000)]


def harmless(text: str) -> str:
    """The text with an apostrophe before each sign that begins it or follows a semicolon."""
    return "".join(
        "'" + sign if sign in SIGNS and text[:n][-1:] in ("", ";") else sign
        for n, sign in enumerate(text)
    )
