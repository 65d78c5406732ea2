"""Synthetic invoices of a gift shop in the UCI "Online Retail" format.

Nothing here is copied from the real file: names, people and purchases are drawn from a seeded
generator whose shape (how customers come and go, long tails, autumn peak, loyalty to themes,
returns, flaws) was set beside the real shop's: statistics.py shows how near. One command makes
the committed sample and files of any size:

    python -m gift_shop.sample.generator OUTPUT.csv[.gz] [--lines N | --customers N] [--years Y]

Bounded memory: what is held for the whole period is one row of traits a customer (about
46 bytes) and one row an invoice (9 bytes: minute, customer, kind). Lines exist only for one
slice of time (a day; an hour in large files), are written and forgotten. A purchase that will
be returned leaves a row in a waiting list, due on a later day, and leaves the list when that
day is written. So lines come in order of time, and a return always follows its purchase; the
returns of goods bought before the file begins are in the waiting list from the start, due
before their customer's first order.

Same arguments, same bytes: only `random()` of PCG64 is drawn, sorts are stable.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gift_shop.ingestion import files

Rng = np.random.Generator

HEADER = f"{files.HEADER}\n".encode()
START, DAYS = np.datetime64("2010-12-01"), 374  # to 2011-12-09, as in the real file
YEAR = 365  # so many days more for each further year
SEED, LINES, LINES_PER_CUSTOMER = 20101201, 160_000, 40
FIRST_INVOICE, FIRST_CUSTOMER = 536_365, 12_346

# Shares measured on the real file (of all lines, unless said otherwise).
SALE_SHARE, ANONYMOUS_SHARE, ADJUSTMENT_SHARE, FEE_SHARE = 0.722, 0.245, 0.0046, 0.0020
DUPLICATE_SHARE = 0.0103  # of lines bought
MALFORMED_EVERY = 8_000  # lines
HOURLY_FROM = 5_000_000  # lines from which on a slice of time is an hour instead of a day
ANONYMOUS_BASKET = 40  # mean lines of an invoice without a customer (telephone, market places)
# First orders by month (December 2010 holds customers of earlier years), and the pull of the
# season on every order: the autumn peak. December 2011 ends on the 9th. Later years repeat the
# last twelve months.
FIRST_ORDERS = [20.4, 9.6, 8.8, 10.4, 6.9, 6.6, 5.6, 4.3, 3.9, 6.9, 8.2, 7.5, 0.9]
SEASON = [1.0, 0.75, 0.8, 0.9, 0.85, 0.95, 0.9, 0.85, 0.85, 1.15, 1.3, 1.75, 1.5]
WEEKDAY = [0.8, 0.9, 1.0, 1.2, 0.85, 0.0, 0.65]  # Monday first; closed on Saturdays
CHRISTMAS = [0.07, 0.002, 0.002, 0.002, 0.002, 0.002, 0.01, 0.02, 0.04, 0.09, 0.12, 0.12,
             0.09]  # fmt: skip  # share of lines

COUNTRIES = {
    "United Kingdom": 91.0, "Germany": 2.2, "France": 2.0, "Spain": 0.7, "Belgium": 0.6,
    "Switzerland": 0.5, "Portugal": 0.45, "Italy": 0.35, "Finland": 0.3, "Austria": 0.25,
    "Norway": 0.25, "EIRE": 0.25, "Netherlands": 0.25, "Australia": 0.2, "Denmark": 0.2,
    "Channel Islands": 0.2, "Cyprus": 0.15, "Sweden": 0.15, "Japan": 0.1, "Poland": 0.1,
}  # fmt: skip

# Theme: share of sales, patterns; things. A third of the things carry no word that gives the
# theme away ("SPINNING TOP"): their patterns do, and their neighbours in baskets.
VOCABULARY = """
home_decor_signs: 16: ANTIQUE WHITE,HEART OF WICKER,SHABBY ROSE,RUSTIC,IVORY SCROLL,FRENCH BLUE:
METAL SIGN,WALL CLOCK,PHOTO FRAME,HANGING HEART,DOORMAT,WALL MIRROR,WOODEN LETTER,DOOR KNOB,
CHALK SLATE,DOVE ON STRING,TIN SIGN,COAT HANGER,HANGING DECORATION

storage: 12: SWEETHEART,MARKET STALL,APOTHECARY,CREAM ENAMEL,OLD DEPOT,SCHOOLROOM:
STORAGE TIN,STORAGE BOX,3 DRAWER CABINET,WICKER BASKET,BREAD BIN,STORAGE JAR,LUNCH BOX,TOY CRATE,
RACK WITH HOOKS,KEEPSAKE CHEST,BATHROOM CADDY,CAKE TIN,SNACK BOXES

bags: 12: RED POLKADOT,JUMBO,WOODLAND FOX,STRAWBERRY FIELD,PAISLEY PARK,SUKI FLOWER:
LUNCH BAG,SHOPPER BAG,TOTE BAG,CHARLOTTE BAG,BACKPACK,PICNIC BAG,WASH BAG,COIN PURSE,
RECYCLED HOLDALL,WEEKEND CARRIER,SHOULDER BAG,JUMBO BAG,RECYCLING BAG

kitchen_baking: 11: PANTRY,HOME BAKED,RED POLKADOT,COUNTRY KITCHEN,FARM SHOP,GINGHAM:
CAKE CASES,CAKE STAND,BAKING TIN,BAKING SPOONS,OVEN GLOVE,APRON,JELLY MOULD,RECIPE BOX,
KITCHEN SCALES,PASTRY CUTTERS,ROLLING PIN,WHISK,COOKIE CUTTERS

tea_dining: 10: REGAL ROSE,WINDSOR,BLUE WILLOW,TEA ROOM,STRAWBERRY FIELD,CORNISH STRIPE:
TEACUP AND SAUCER,TEAPOT,COFFEE MUG,DINNER PLATE,CEREAL BOWL,MILK JUG,EGG CUP,GLASS TUMBLER,
PAPER NAPKINS,TEA TOWEL,CONDIMENT DISH,TRIVET,TEA CUP

candles_lights: 9: ANTIQUE SILVER,MOROCCAN,VANILLA SCENTED,COLOURED GLASS,STAR CUT,LAVENDER:
T-LIGHT HOLDER,PILLAR CANDLE,HANGING LANTERN,FAIRY LIGHTS,CANDLE PLATE,NIGHT LIGHT,TABLE LAMP,
INCENSE CONES,OIL BURNER,CANDLE POT,SCONCE,CANDLE STICK

stationery_wrap: 8: BOTANICAL,VINTAGE POSTAGE,SUKI FLOWER,BLUE SPOT,LONDON,LETTERPRESS:
GIFT WRAP,GIFT TAG,GREETING CARD,NOTEBOOK,PENCIL SET,STICKER SHEET,RIBBON REEL,TISSUE PACK,
WRITING SET,TRAVEL JOURNAL,PASSPORT COVER,RUBBER STAMPS

toys_kids: 7: CIRCUS,ROCKET BOY,DOLLY FRIEND,WOODLAND FOX,DINOSAUR,PIRATE:
WOODEN TOY,RAG DOLL,JIGSAW PUZZLE,BOARD GAME,SKITTLES,CHILDRENS UMBRELLA,BABY BIB,TOY SOLDIERS,
SPINNING TOP,SKIPPING ROPE,HARMONICA,CHILDRENS CUTLERY

warmth_bath: 6: KNITTED,SCOTTIE DOG,FAWN,LAVENDER,FLORAL QUILTED,UNION STRIPE:
HOT WATER BOTTLE,HAND WARMER,BATH SALTS,SOAP BAR,HAND TOWEL,FLEECE BLANKET,CUSHION COVER,SLIPPERS,
BATH SPONGE,EYE MASK,DRAUGHT GUARD,BUBBLE BATH

party_paper: 5: BIRTHDAY,PASTEL,COCKTAIL,CIRCUS,SPOTTY,FETE DAY:
PARTY BUNTING,PAPER CHAIN,PARTY HATS,BALLOONS,PAPER GARLAND,PARTY CUPS,PAPER STRAWS,CONFETTI,
POM POMS,PINATA,PAPER BUNTING

garden: 4: GREENHOUSE,ALLOTMENT,BUTTERFLY,ZINC,COTTAGE,POTTING SHED:
PLANT POT,WATERING CAN,GARDEN TROWEL,BIRD FEEDER,SEED PACKETS,FLOWER POT,GARDEN KNEELER,
HERB MARKERS,NEST BOX,TWINE ON SPOOL,WINDMILL

jewellery_accessories: 3: TURQUOISE,AMBER BEAD,DIAMANTE,MURANO,SILVER LEAF,PEARL:
NECKLACE,DROP EARRINGS,BRACELET,RING,BROOCH,HAIR GRIPS,KEY RING,SCARF,BANGLE,PHONE CHARM,HAIR CLIP

christmas: 0: REINDEER,NORDIC STAR,SNOWY VILLAGE,SANTA,RED BAUBLE,HOLLY:
CHRISTMAS STOCKING,CHRISTMAS GARLAND,TREE DECORATION,ADVENT CALENDAR,CHRISTMAS CARD,WREATH,
CHRISTMAS CRACKERS,CHRISTMAS TIN,XMAS NAPKINS,CHRISTMAS BAUBLE
"""
# Name -> (share, patterns, things). Christmas has no share of its own: the season gives it one.
THEMES = {
    name: (int(share), patterns.strip().split(","), things.replace("\n", "").split(","))
    for name, share, patterns, things in (
        block.split(":") for block in VOCABULARY.strip().split("\n\n")
    )
}
THEME_SHARES = [share for share, _, _ in THEMES.values()]
CHRISTMAS_THEME = len(THEMES) - 1
PREFIXES = ["", "SMALL", "LARGE", "SET OF 6", "PACK OF 12", "VINTAGE", "MINI", "SET/4"]
SHORT = {
    "SET OF ": "S/",
    "PACK OF ": "PK/",
    "SMALL ": "SML ",
    "LARGE ": "LGE ",
    "VINTAGE ": "VINT. ",
}
COLOURS = ["", " PINK", " BLUE", " GREEN", ", RED", " BLACK", ' 6"', " ASSORTED"]

PRICES = [19, 29, 42, 55, 65, 85, 125, 145, 165, 195, 210, 255, 295, 325, 375, 425, 495, 595,
          695, 795, 850, 995, 1275, 1495, 1695, 1995, 2495, 2995]  # fmt: skip
PACKS = [1, 2, 3, 4, 6, 8, 10, 12, 16, 18, 20, 24, 32, 36, 48, 60, 72, 96, 120, 144, 200, 288,
         400, 600, 1000, 1440, 2880]  # fmt: skip
LIST, VOLUME, ANONYMOUS, FREE, TIERS = 0, 1, 2, 3, 4  # price tiers

ADJUSTMENTS = ["", "?", "", "check", "damaged", "", "found", "damages", "thrown away", "lost",
               "smashed", "wet/rusty", "counted", "mixed up", "", "sold as set"]  # fmt: skip
# code, description, share, on a cancellation, has a customer, lowest and highest price in pence
FEES = [
    ("M", "Manual", 30, 0, 1, 100, 9_000), ("M", "Manual", 20, 1, 1, 100, 20_000),
    ("D", "Discount", 10, 1, 1, 200, 12_000), ("S", "SAMPLES", 8, 1, 0, 280, 6_000),
    ("BANK CHARGES", "Bank Charges", 6, 1, 0, 500, 15_000),
    ("AMAZONFEE", "AMAZON FEE", 4, 1, 0, 20_000, 300_000),
    ("CRUK", "CRUK Commission", 3, 1, 1, 200, 30_000),
    ("GIFT_0001_20", "Gift Voucher 20.00", 3, 0, 0, 1_667, 1_667),
    ("PADS", "PADS TO MATCH ALL CUSHIONS", 1, 0, 1, 0, 0),
]  # fmt: skip
# code, description, lowest and highest price in pence
CARRIAGE = [("POST", "POSTAGE", 1_800, 3_600), ("DOT", "DOTCOM POSTAGE", 1_500, 60_000),
            ("C2", "CARRIAGE", 5_000, 5_000)]  # fmt: skip
POST, DOT, C2 = range(3)
GRID = 40  # carriage and fees take one of so many prices

ORDER, MORE, ANON, ADJUST, FEE, CANCEL = range(6)  # kinds of invoice
INVOICE = np.dtype([("minute", "i4"), ("customer", "i4"), ("kind", "i1")])
LINE = np.dtype([("invoice", "i4"), ("item", "i4"), ("quantity", "i4"), ("price", "i4")])
RETURN = np.dtype([("minute", "i4"), ("origin", "i4"), ("customer", "i4"), ("product", "i4"),
                   ("quantity", "i4"), ("price", "i4")])  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """What can stand on a line. Products 0..n-1 are sorted by theme, the best sellers first.

    `items` are "code,description," texts: product p as usual at p, its other spelling at n + p,
    without a description at 2n + p, then carriage and fees, then four adjustments a product.
    `prices` are texts: product p in tier t at p * TIERS + t, then GRID prices for each carriage
    and fee.
    """

    n: int
    theme_start: np.ndarray  # (themes + 1,) first product of each theme
    pence: np.ndarray  # (n,) list price
    respelt: np.ndarray  # (n,) bool: has a second spelling
    nameless: np.ndarray  # (n,) bool: the description is sometimes missing
    items: pa.Array
    prices: pa.Array


@dataclass(frozen=True)
class Customers:
    """Traits, one row a customer; the last row (n) stands for all who gave no number."""

    n: int
    days: int  # of the file
    number: np.ndarray  # (n + 1,) CustomerID
    country: np.ndarray  # (n + 1,) position in COUNTRIES
    gap: np.ndarray  # (n + 1,) usual days between orders
    spread: np.ndarray  # (n + 1,) standard deviation of the log gap
    loss: np.ndarray  # (n + 1,) chance, after each order, that it was the last
    more: np.ndarray  # (n + 1,) chance that an order gets a second, smaller one on its day
    first_theme: np.ndarray  # (n + 1,) the theme loved most
    second_theme: np.ndarray
    devotion: np.ndarray  # (n + 1,) share of lines that follow the loved themes
    basket: np.ndarray  # (n + 1,) mean lines of an order beyond the first
    log_size: np.ndarray  # (n + 1,) log of the usual quantity of a 2.50 GBP product


def normal(rng: Rng, n: int) -> np.ndarray:
    """Standard normal draws (Box & Muller 1958), since `random()` is the stream that stays.

    Parameters
    ----------
    rng : Generator
    n : int

    Returns
    -------
    ndarray of shape (n,)
    """
    return np.sqrt(-2 * np.log1p(-rng.random(n))) * np.cos(2 * np.pi * rng.random(n))


def choose(rng: Rng, weights: np.ndarray | list, n: int) -> np.ndarray:
    """Positions drawn in proportion to weights.

    Parameters
    ----------
    rng : Generator
    weights : array_like of shape (k,)
        0 or more; they need not add up to 1.
    n : int

    Returns
    -------
    ndarray of shape (n,)
        0..k-1.
    """
    cumulative = np.cumsum(np.asarray(weights, float))
    return np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")


def shuffled(rng: Rng, n: int) -> np.ndarray:
    """(n,) the numbers 0..n-1 in random order."""
    return np.argsort(rng.random(n), kind="stable")


def own_random(*keys: np.ndarray) -> np.ndarray:
    """Numbers fixed by integer keys (splitmix64): a customer's habits without a table.

    Parameters
    ----------
    *keys : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1).
    """
    x = np.array(0x9E3779B97F4A7C15, np.uint64)
    for key in keys:
        x = (x ^ key.astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(11)) * 2.0**-53


@cache
def day_months(days: int) -> np.ndarray:
    """(days,) place of each day in a list by month: 0 in December 2010, 1 to 12 in every later year."""
    months = ((START + np.arange(days)).astype("M8[M]") - START.astype("M8[M]")).astype(int)
    return np.where(months > 0, (months - 1) % 12 + 1, 0)


def day_weights(by_month: list[float], days: int) -> np.ndarray:
    """Weight of each day: its month's, its weekday's, 0 in the Christmas break.

    Parameters
    ----------
    by_month : list of float
        One for each month from December 2010 to December 2011.
    days : int
        Of the file.

    Returns
    -------
    ndarray of shape (days,)
    """
    dates = START + np.arange(days)
    weekday = (dates.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    weights = np.array(by_month)[day_months(days)] * np.array(WEEKDAY)[weekday]
    # 24 December to 3 January
    weights[(dates + 8).astype("M8[Y]") > (dates - 3).astype("M8[Y]")] = 0
    return weights


@cache
def next_open_day(days: int) -> np.ndarray:
    """(days + 1,) the day itself, or the next on which the shop works; `days` after the last."""
    is_open = np.append(day_weights(SEASON, days) > 0, True)
    open_days = np.where(is_open, np.arange(days + 1), days)
    return np.minimum.accumulate(open_days[::-1])[::-1]


def minutes_of(rng: Rng, day: np.ndarray) -> np.ndarray:
    """Minutes for orders on some days: 8:00 to 18:00, most of them at noon.

    Parameters
    ----------
    rng : Generator
    day : ndarray of shape (n,)
        Days since START.

    Returns
    -------
    ndarray of shape (n,)
        Minutes since START.
    """
    noonish = (rng.random(len(day)) + rng.random(len(day))) / 2
    return (day * 1440 + 480 + np.floor(590 * noonish)).astype("i4")


# --- the catalogue ---------------------------------------------------------------------------


def theme_names(rng: Rng, patterns: list[str], things: list[str], n: int) -> list[str]:
    """Different product names of a theme, such as "SET OF 6 BLUE WILLOW EGG CUP, RED".

    Parameters
    ----------
    rng : Generator
    patterns, things : list of str
    n : int

    Returns
    -------
    list of str
        n of them, or as many as there are.
    """
    parts = (PREFIXES, patterns, things, COLOURS)
    sizes = [len(p) for p in parts]
    names = []
    for place in shuffled(rng, int(np.prod(sizes)))[:n]:
        prefix, pattern, thing, colour = (
            p[i] for p, i in zip(parts, np.unravel_index(place, sizes), strict=True)
        )
        names.append(f"{prefix} {pattern} {thing}{colour}".strip())
    return names


def respelling(name: str) -> str:
    """The name as another clerk types it: prefixes shortened, a blank at the end."""
    for long, short in SHORT.items():
        name = name.replace(long, short)
    return name + " "


def record(*fields: object) -> str:
    """The fields as CSV text, quoted where needed, with a closing comma."""
    out = io.StringIO()
    csv.writer(out, lineterminator=",").writerow(fields)
    return out.getvalue()


def stock_codes(rng: Rng, n: int) -> list[str]:
    """Stock codes such as 20685, or 85123A where a thing comes in several kinds.

    Parameters
    ----------
    rng : Generator
    n : int

    Returns
    -------
    list of str
        n of them, in order.
    """
    codes: list[str] = []
    number = 20_600
    while len(codes) < n:
        number += 1 + int(rng.random() * 12)
        kinds = 1 + int(rng.random() * 5) if rng.random() < 0.12 else 0
        codes += [f"{number}{letter}" for letter in "ABCDE"[:kinds]] or [str(number)]
    return codes[:n]


def make_catalogue(rng: Rng, n: int) -> Catalogue:
    """Products of all themes, their prices, and the codes that are no products.

    Parameters
    ----------
    rng : Generator
    n : int
        About so many products, a few more as each theme is rounded up.

    Returns
    -------
    Catalogue
    """
    share = np.array(THEME_SHARES) + 2
    share[CHRISTMAS_THEME] = 10
    sizes = np.ceil(n * share / share.sum()).astype(int)
    n = int(sizes.sum())
    names = [
        name
        for size, (_, patterns, things) in zip(sizes, THEMES.values(), strict=True)
        for name in theme_names(rng, patterns, things, size)
    ]
    codes = np.array(stock_codes(rng, n))[shuffled(rng, n)]
    ladder = np.array(PRICES)
    step = np.searchsorted(ladder, 190 * np.exp(0.8 * normal(rng, n))).clip(1, len(ladder) - 1)
    pence = np.stack(
        [ladder[step], ladder[step - 1], np.rint(ladder[step] * 1.66).astype(int), 0 * step], 1
    )
    named = list(zip(codes, names, strict=True))
    items = [record(code, name) for code, name in named]
    items += [record(code.lower(), respelling(name)) for code, name in named]
    items += [record(code, "?" if i % 3 == 0 else "") for i, code in enumerate(codes)]
    items += [record(code, text) for code, text, *_ in CARRIAGE + FEES]
    items += [record(codes[i], text) for i in range(n) for text in ADJUSTMENTS[i % 4 :: 4]]
    grids = [np.linspace(low, high, GRID).round() for *_, low, high in CARRIAGE + FEES]
    return Catalogue(
        n=n,
        theme_start=np.concatenate([[0], np.cumsum(sizes)]),
        pence=ladder[step],
        respelt=rng.random(n) < 0.09,
        nameless=rng.random(n) < 0.02,
        items=pa.array(items),
        prices=pa.array([f"{p / 100:g}" for p in np.concatenate([pence.ravel(), *grids])]),
    )


# --- customers and their invoices --------------------------------------------------------------


def make_customers(rng: Rng, n: int, days: int) -> Customers:
    """Traits of the customers and of the nameless one.

    Two traits that no file shows stand behind them, independent of each other: `pace`, how soon a
    customer comes back, and `worth`, how much one takes. Who has little of both is soon lost; who
    has much of them may be a shopkeeper, who takes fewer products and many of each.

    Parameters
    ----------
    rng : Generator
    n : int
    days : int
        Of the file.

    Returns
    -------
    Customers
    """
    pace, worth = normal(rng, n + 1), normal(rng, n + 1)
    wholesale = worth + 0.2 * pace + 0.4 * normal(rng, n + 1) > 1.65
    log_size = 1.4 + 0.38 * worth + 1.1 * wholesale
    basket = np.exp(0.38 * worth - 0.7 * wholesale)
    devotion = 0.25 + 0.6 * rng.random(n + 1)
    log_size[n], devotion[n] = 0.45, 0.0
    return Customers(
        n=n,
        days=days,
        number=(FIRST_CUSTOMER + shuffled(rng, n + 1)).astype("i4"),
        country=choose(rng, list(COUNTRIES.values()), n + 1).astype("i1"),
        gap=(108 * np.exp(-1.07 * pace)).astype("f4"),
        spread=(0.4 + 0.6 * rng.random(n + 1)).astype("f4"),
        loss=np.minimum(0.11 * np.exp(-1.5 * pace - 1.2 * worth), 0.5).astype("f4"),
        more=np.minimum(0.07 * np.exp(0.3 * pace), 0.6).astype("f4"),
        first_theme=choose(rng, THEME_SHARES, n + 1).astype("i1"),
        second_theme=choose(rng, THEME_SHARES, n + 1).astype("i1"),
        devotion=devotion.astype("f4"),
        basket=basket.astype("f4"),
        log_size=log_size.astype("f4"),
    )


def order_days(rng: Rng, customers: Customers) -> tuple[np.ndarray, np.ndarray]:
    """The days of all orders.

    A customer joins on a day, orders at gaps of their own length and regularity, and after
    each order may be lost for good: few are, most of the silent are slow. Gaps are counted in days
    of equal business, so that the season and closed days bend them: `clock` is the business done
    by the end of each day.

    Parameters
    ----------
    rng : Generator
    customers : Customers

    Returns
    -------
    tuple of (ndarray of shape (o,), ndarray of shape (o,))
        Day since START and customer of each order, unordered.
    """
    weights = day_weights(SEASON, customers.days)
    # days of the first year's business, so that gaps mean the same in a longer file
    clock = np.concatenate([[0], np.cumsum(weights)]) * (DAYS / weights[:DAYS].sum())
    who = np.arange(customers.n)
    # Who orders often is met early: days of first orders are dealt out by gap, with much noise.
    turn = np.argsort(np.log(customers.gap[:-1]) + 2.5 * normal(rng, customers.n), kind="stable")
    first = np.empty(customers.n, int)
    first[turn] = np.sort(choose(rng, day_weights(FIRST_ORDERS, customers.days), customers.n))
    now = clock[first] + rng.random(customers.n) * (clock[first + 1] - clock[first])
    days, buyers = [], []
    while len(who):
        days.append((np.searchsorted(clock, now, side="right") - 1).astype("i2"))
        buyers.append(who.astype("i4"))
        gap = customers.gap[who] * np.exp(customers.spread[who] * normal(rng, len(who)))
        now = now + np.maximum(gap, 0.3)
        stays = (rng.random(len(who)) > customers.loss[who]) & (now < clock[-1])
        who, now = who[stays], now[stays]
    return np.concatenate(days), np.concatenate(buyers)


def make_invoices(rng: Rng, customers: Customers, lines: int) -> np.ndarray:
    """All invoices but cancellations.

    Parameters
    ----------
    rng : Generator
    customers : Customers
    lines : int
        About so many in the file; the number of invoices that are no orders follows from it.

    Returns
    -------
    ndarray of shape (i,)
        INVOICE rows in order of time.
    """
    day, customer = order_days(rng, customers)
    again = rng.random(len(day)) < customers.more[customer]
    counts = [
        len(day),
        int(again.sum()),
        int(lines * ANONYMOUS_SHARE / ANONYMOUS_BASKET),
        int(lines * ADJUSTMENT_SHARE),
        int(lines * FEE_SHARE),
    ]
    others = choose(rng, day_weights(SEASON, customers.days), sum(counts[2:]))
    day, customer = np.append(day, day[again]), np.append(customer, customer[again])
    invoices = np.empty(sum(counts), INVOICE)
    invoices["minute"] = minutes_of(rng, np.concatenate([day, others]))
    invoices["customer"] = customers.n
    invoices["customer"][: len(customer)] = customer
    invoices["kind"] = np.repeat(np.arange(5), counts)
    return invoices[np.argsort(invoices["minute"], kind="stable")]


def returns_from_before(
    rng: Rng, catalogue: Catalogue, customers: Customers, invoices: np.ndarray
) -> np.ndarray:
    """Returns of goods bought before the file begins, due before their customer's first order.

    One customer in eight of those who join in the first five months brings something back.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of the whole period.

    Returns
    -------
    ndarray of shape (r,)
        RETURN rows.
    """
    first = np.full(customers.n + 1, -1)
    orders = invoices[invoices["kind"] == ORDER][::-1]
    first[orders["customer"]] = orders["minute"] // 1440  # the earliest is written last
    who = np.flatnonzero((first > 0) & (first < 150) & (rng.random(len(first)) < 0.12))
    who = np.repeat(who, 1 + choose(rng, [3, 1, 1], len(who)))
    due = next_open_day(customers.days)[(rng.random(len(who)) * first[who]).astype(int)]
    rows = np.zeros(len(who), RETURN)
    rows["minute"] = minutes_of(rng, due)
    rows["origin"] = -1 - np.arange(len(who))
    rows["customer"] = who
    rows["product"] = (rng.random(len(who)) * catalogue.n).astype("i4")
    rows["quantity"] = 1 + choose(rng, [5, 2, 1, 1, 0, 2, 0, 0, 0, 0, 0, 1], len(who))
    rows["price"] = rows["product"] * TIERS + LIST
    return rows[due < first[who]]


# --- lines of one slice of time ----------------------------------------------------------------


def pick_products(
    rng: Rng, catalogue: Catalogue, customers: Customers, customer: np.ndarray, christmas: float
) -> np.ndarray:
    """A product for each line, in a season with some share of Christmas.

    Lines follow the customer's themes by devotion, else the shop's mixture. Within a theme a few
    products sell most and many hardly ever, as in the real file; three lines in ten are among a
    customer's four favourites of the theme, bought again and again.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    customer : ndarray of shape (n,)
        Of each line.
    christmas : float
        0..1.

    Returns
    -------
    ndarray of shape (n,)
    """
    n = len(customer)
    theme = choose(rng, THEME_SHARES, n)
    draw, devotion = rng.random(n), customers.devotion[customer]
    theme = np.where(draw < devotion, customers.second_theme[customer], theme)
    theme = np.where(draw < 0.7 * devotion, customers.first_theme[customer], theme)
    theme = np.where(rng.random(n) < christmas, CHRISTMAS_THEME, theme)
    slot = theme * 4 + (4 * rng.random(n)).astype(int)
    again = (rng.random(n) < 0.3) & (customer < customers.n)
    draw = np.where(again, own_random(customer, slot), rng.random(n))
    rank = (-np.log1p(-0.95 * draw) / 3) ** 1.5
    return catalogue.theme_start[theme] + (np.diff(catalogue.theme_start)[theme] * rank).astype(int)


def usual_extra(customers: Customers, invoices: np.ndarray) -> np.ndarray:
    """(i,) mean lines beyond the first; the second order of a day has a fifth of them."""
    return customers.basket[invoices["customer"]] * np.where(invoices["kind"] == MORE, 0.2, 1)


def basket_lines(
    rng: Rng, catalogue: Catalogue, customers: Customers, invoices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is bought on the ORDER, MORE and ANON invoices; each product once an invoice.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time.

    Returns
    -------
    tuple of (ndarray of shape (n,), ndarray of shape (n,))
        LINE rows, and their products.
    """
    buyers = np.flatnonzero(invoices["kind"] <= ANON)
    spread = 0.5 - 0.5 * np.log1p(-rng.random(len(buyers)))
    extra = usual_extra(customers, invoices[buyers]) * spread
    invoice = np.repeat(buyers, 1 + np.floor(extra + rng.random(len(buyers))).astype(int))
    customer = invoices["customer"][invoice]
    christmas = np.array(CHRISTMAS)[day_months(customers.days)[invoices["minute"][:1] // 1440]]
    product = pick_products(rng, catalogue, customers, customer, christmas)
    repeated = np.ones(len(product), bool)
    repeated[np.unique(invoice * catalogue.n + product, return_index=True)[1]] = False
    product[repeated] = pick_products(rng, catalogue, customers, customer[repeated], christmas)
    kept = np.sort(np.unique(invoice * catalogue.n + product, return_index=True)[1])
    invoice, customer, product = invoice[kept], customer[kept], product[kept]

    n = len(kept)
    log_quantity = customers.log_size[customer] - 0.45 * np.log(catalogue.pence[product] / 250)
    quantity = np.exp(log_quantity + 0.8 * normal(rng, n))
    packs = np.array(PACKS)
    quantity = packs[np.searchsorted(packs, quantity, side="right").clip(1) - 1]
    tier = np.where(quantity >= 24, VOLUME, LIST)
    tier = np.where(rng.random(n) < 0.0001, FREE, tier)
    tier = np.where(customer == customers.n, ANONYMOUS, tier)
    variant = np.where(catalogue.respelt[product] & (rng.random(n) < 0.25), 1, 0)
    variant = np.where(catalogue.nameless[product] & (rng.random(n) < 0.05), 2, variant)
    item = variant * catalogue.n + product
    return make_lines(invoice, item, quantity, product * TIERS + tier), product


def make_lines(
    invoice: np.ndarray, item: np.ndarray, quantity: np.ndarray | int, price: np.ndarray
) -> np.ndarray:
    """LINE rows of these columns.

    Parameters
    ----------
    invoice, item, price : ndarray of shape (n,)
    quantity : ndarray of shape (n,) or int
        A number for all.

    Returns
    -------
    ndarray of shape (n,)
    """
    lines = np.empty(len(invoice), LINE)
    lines["invoice"], lines["item"] = invoice, item
    lines["quantity"], lines["price"] = quantity, price
    return lines


def future_returns(
    rng: Rng,
    customers: Customers,
    invoices: np.ndarray,
    lines: np.ndarray,
    product: np.ndarray,
    first_number: int,
) -> np.ndarray:
    """What will come back on a later day, wholly or in part.

    Of 1000 orders 11 are cancelled whole, and of 300 each line comes back with a chance that grows
    with its quantity (half of that for single pieces); a fortnight later on average, at the price
    paid but for 1 in 20. What is due after the period is dropped.

    Parameters
    ----------
    rng : Generator
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time.
    lines : ndarray of shape (n,)
        LINE rows that basket_lines returns.
    product : ndarray of shape (n,)
        Theirs.
    first_number : int
        Of the first of the invoices.

    Returns
    -------
    ndarray of shape (r,)
        RETURN rows.
    """
    n = len(invoices)
    day = invoices["minute"] // 1440 + 1 + np.floor(-14 * np.log1p(-rng.random(n))).astype(int)
    due = minutes_of(rng, next_open_day(customers.days)[np.minimum(day, customers.days)])
    known = np.where(invoices["customer"] < customers.n, 1.0, 0.05)
    whole, partly = rng.random(n) < 0.011 * known, rng.random(n) < 0.30 * known
    whole = whole[lines["invoice"]]
    chance = 0.05 * (1 + lines["quantity"] / 12)
    comes = whole | (partly[lines["invoice"]] & (rng.random(len(lines)) < chance))
    comes &= whole | (lines["quantity"] > 1) | (rng.random(len(lines)) < 0.5)
    comes &= (lines["price"] % TIERS != FREE) & (due[lines["invoice"]] < customers.days * 1440)
    lines, product, whole = lines[comes], product[comes], whole[comes]
    full = whole | (rng.random(len(lines)) < 0.35)
    part = 1 + np.floor(rng.random(len(lines)) ** 2 * lines["quantity"]).astype(int)
    other_price = (rng.random(len(lines)) < 0.05) & (lines["price"] % TIERS < ANONYMOUS)
    rows = np.empty(len(lines), RETURN)
    rows["minute"] = due[lines["invoice"]]
    rows["origin"] = first_number + lines["invoice"]
    rows["customer"] = invoices["customer"][lines["invoice"]]
    rows["product"] = product
    rows["quantity"] = np.where(full, lines["quantity"], part)
    rows["price"] = np.where(other_price, lines["price"] ^ 1, lines["price"])  # list <-> volume
    return rows


def cancellations(returns: np.ndarray, first_position: int) -> tuple[np.ndarray, np.ndarray]:
    """The cancellations of returns due: one invoice for what comes back of an order.

    Parameters
    ----------
    returns : ndarray of shape (r,)
        RETURN rows.
    first_position : int
        Of the first cancellation among the invoices of the slice.

    Returns
    -------
    tuple of (ndarray of shape (c,), ndarray of shape (r,))
        INVOICE rows and LINE rows.
    """
    returns = returns[np.lexsort((returns["origin"], returns["minute"]))]
    is_new = np.ones(len(returns), bool)
    is_new[1:] = returns["origin"][1:] != returns["origin"][:-1]
    heads = returns[is_new]
    invoices = np.empty(len(heads), INVOICE)
    invoices["minute"], invoices["customer"] = heads["minute"], heads["customer"]
    invoices["kind"] = CANCEL
    position = first_position + np.cumsum(is_new) - 1
    lines = make_lines(position, returns["product"], -returns["quantity"], returns["price"])
    return invoices, lines


def carriage_lines(
    rng: Rng, catalogue: Catalogue, customers: Customers, invoices: np.ndarray
) -> np.ndarray:
    """Postage: on some orders from abroad, and on some without a customer.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time.

    Returns
    -------
    ndarray of shape (n,)
        LINE rows.
    """
    draw = rng.random(len(invoices))
    abroad = customers.country[invoices["customer"]] > 0
    post = (invoices["kind"] == ORDER) & abroad & (draw < 0.22)
    carriage = (invoices["kind"] == ORDER) & ~abroad & (draw < 0.004)
    dot = (invoices["kind"] == ANON) & (draw < 0.2)
    invoice = np.flatnonzero(post | carriage | dot)
    which = np.select([post, dot], [POST, DOT], C2)[invoice]
    return grid_lines(rng, catalogue, invoice, which, 1)


def grid_lines(
    rng: Rng,
    catalogue: Catalogue,
    invoice: np.ndarray,
    which: np.ndarray,
    quantity: np.ndarray | int,
) -> np.ndarray:
    """Lines of carriage and fees, each at one of its prices.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    invoice : ndarray of shape (n,)
    which : ndarray of shape (n,)
        Position in CARRIAGE + FEES.
    quantity : ndarray of shape (n,) or int
        A number for all.

    Returns
    -------
    ndarray of shape (n,)
        LINE rows.
    """
    price = catalogue.n * TIERS + which * GRID + (rng.random(len(invoice)) * GRID).astype(int)
    return make_lines(invoice, 3 * catalogue.n + which, quantity, price)


def adjustment_lines(rng: Rng, catalogue: Catalogue, invoices: np.ndarray) -> np.ndarray:
    """Stock corrections: price 0, half of them negative, most without a word.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time.

    Returns
    -------
    ndarray of shape (n,)
        LINE rows.
    """
    invoice = np.flatnonzero(invoices["kind"] == ADJUST)
    n = len(invoice)
    product = (rng.random(n) * catalogue.n).astype(int)
    worded = 3 * catalogue.n + len(CARRIAGE + FEES) + product * 4 + (rng.random(n) * 4).astype(int)
    item = np.where(rng.random(n) < 0.5, 2 * catalogue.n + product, worded)
    size = 1 + np.floor(-25 * np.log1p(-rng.random(n))).astype(int)
    sign = np.where(rng.random(n) < 0.53, -1, 1)
    return make_lines(invoice, item, sign * size, product * TIERS + FREE)


def fee_lines(
    rng: Rng, catalogue: Catalogue, customers: Customers, invoices: np.ndarray
) -> np.ndarray:
    """Manual entries, discounts and fees.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time. The customer and the kind of the FEE ones are set
        in place.

    Returns
    -------
    ndarray of shape (n,)
        LINE rows.
    """
    invoice = np.flatnonzero(invoices["kind"] == FEE)
    fee = choose(rng, [share for _, _, share, *_ in FEES], len(invoice))
    cancelled, named = np.array([entry[3:5] for entry in FEES], bool)[fee].T
    someone = (rng.random(len(invoice)) * customers.n).astype("i4")
    invoices["customer"][invoice] = np.where(named, someone, customers.n)
    invoices["kind"][invoice] = np.where(cancelled, CANCEL, FEE)
    return grid_lines(rng, catalogue, invoice, len(CARRIAGE) + fee, np.where(cancelled, -1, 1))


# --- text --------------------------------------------------------------------------------------


@cache
def clock_texts(days: int) -> tuple[pa.Array, pa.Array]:
    """(",12/1/2010 " for each day, "8:26," for each minute of a day)."""
    dates = (START + np.arange(days)).tolist()
    return (
        pa.array([f",{date.month}/{date.day}/{date.year} " for date in dates]),
        pa.array([f"{minute // 60}:{minute % 60:02d}," for minute in range(1440)]),
    )


def line_texts(
    catalogue: Catalogue, customers: Customers, invoices: np.ndarray, lines: np.ndarray, number: int
) -> pa.Array:
    """The CSV text of each line, with its line end.

    Parameters
    ----------
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows.
    lines : ndarray of shape (n,)
        LINE rows of these invoices.
    number : int
        Of the first invoice; the others count on.

    Returns
    -------
    Array of shape (n,)
        Of strings.
    """
    days, minutes = clock_texts(customers.days)
    join, minute, who = pc.binary_join_element_wise, invoices["minute"], invoices["customer"]
    sign = pa.array(["", "C"]).take(pa.array((invoices["kind"] == CANCEL).astype("i1")))
    head = join(sign, pa.array(number + np.arange(len(invoices))).cast("string"), ",", "")
    time = join(days.take(pa.array(minute // 1440)), minutes.take(pa.array(minute % 1440)), "")
    name = pa.array(customers.number[who], mask=who == customers.n).cast("string").fill_null("")
    country = pa.array(list(COUNTRIES)).take(pa.array(customers.country[who]))
    tail = join(",", name, ",", country, "\n", "")
    invoice = pa.array(lines["invoice"])
    return join(
        head.take(invoice),
        catalogue.items.take(pa.array(lines["item"])),
        pa.array(lines["quantity"]).cast("string"),
        time.take(invoice),
        catalogue.prices.take(pa.array(lines["price"])),
        tail.take(invoice),
        "",
    )


def joined_bytes(texts: pa.Array) -> memoryview:
    """The texts end to end: the data buffer of a string array, without a copy."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, "i4")[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[ends[0] : ends[-1]]


def damaged_record(line: str, number: int) -> bytes:
    """A copy of a line, damaged in one of five ways in turn."""
    invoice, code, _, quantity, *others = next(csv.reader([line]))
    rest = ",".join(others)
    texts = [
        f"{invoice},{code},BOX,{quantity}",  # too few fields
        f"{invoice},{code},GIFT, LOOSE,{quantity},{rest}",  # a comma too many
        f'{invoice},{code},"BROKEN BOX,{quantity},{rest}',  # a quote that is never closed
        f"{invoice},{code},BOX,a dozen,{rest}",  # no number
        f"{invoice},{code}",
    ]
    return texts[number % len(texts)].encode() + b"\n"


# --- the file ----------------------------------------------------------------------------------


def make_slice(
    rng: Rng,
    catalogue: Catalogue,
    customers: Customers,
    invoices: np.ndarray,
    returns: np.ndarray,
    number: int,
) -> tuple[pa.Array, np.ndarray, int]:
    """One slice of time: its lines, and what will come back.

    Parameters
    ----------
    rng : Generator
    catalogue : Catalogue
    customers : Customers
    invoices : ndarray of shape (i,)
        INVOICE rows of one slice of time.
    returns : ndarray of shape (r,)
        RETURN rows that are due.
    number : int
        Of the first invoice.

    Returns
    -------
    texts : Array of shape (n,)
        CSV text of each line.
    later : ndarray of shape (m,)
        RETURN rows for later days.
    count : int
        Invoices, cancellations included.
    """
    cancelled, back = cancellations(returns, len(invoices))
    bought, product = basket_lines(rng, catalogue, customers, invoices)
    later = future_returns(rng, customers, invoices, bought, product, number)
    invoices = np.concatenate([invoices, cancelled])
    parts = [
        np.repeat(bought, 1 + (rng.random(len(bought)) < DUPLICATE_SHARE)),
        back,
        carriage_lines(rng, catalogue, customers, invoices),
        adjustment_lines(rng, catalogue, invoices),
        fee_lines(rng, catalogue, customers, invoices),
    ]
    order = np.argsort(invoices["minute"], kind="stable")
    position = np.empty(len(order), "i4")
    position[order] = np.arange(len(order))
    lines = np.concatenate(parts)
    lines["invoice"] = position[lines["invoice"]]
    lines = lines[np.argsort(lines["invoice"], kind="stable")]
    return line_texts(catalogue, customers, invoices[order], lines, number), later, len(order)


def generate(
    lines: int = LINES, customers: int | None = None, seed: int = SEED, years: int = 1
) -> Iterator[bytes | memoryview]:
    """The file in pieces: header first, then the lines of one slice of time after another.

    Parameters
    ----------
    lines : int
        About so many (within 4%); customers grow with them, products up to 4,000.
    customers : int, optional
        Instead of lines: LINES_PER_CUSTOMER for each.
    seed : int
    years : int
        How long the file is: to 9 December of 2010 + years.

    Yields
    ------
    bytes or memoryview

    Raises
    ------
    ValueError
        Below 1,000 lines or one year.
    """
    if years < 1:
        raise ValueError(f"a sample of {years} years has no lines: ask for 1 or more")
    lines = lines if customers is None else customers * LINES_PER_CUSTOMER
    if lines < 1_000:
        raise ValueError(f"a sample of {lines} lines has no shape: ask for 1,000 or more")
    rng = np.random.Generator(np.random.PCG64(seed))
    catalogue = make_catalogue(rng, min(4_000, max(850, lines // 250)))
    people = make_customers(rng, lines // LINES_PER_CUSTOMER, DAYS + YEAR * (years - 1))
    invoices = make_invoices(rng, people, lines)
    scale_baskets(people, invoices, lines)
    waiting = returns_from_before(rng, catalogue, people, invoices)
    yield HEADER

    number, written, damaged = FIRST_INVOICE, 0, 0
    step = 1440 if lines < HOURLY_FROM else 60
    edges = np.arange(0, people.days * 1440 + step, step)
    bounds = np.searchsorted(invoices["minute"], edges)
    for start, stop, end in zip(bounds[:-1], bounds[1:], edges[1:], strict=True):
        due = waiting["minute"] < end
        if start == stop and not due.any():
            continue
        texts, later, count = make_slice(
            rng, catalogue, people, invoices[start:stop].copy(), waiting[due], number
        )
        yield joined_bytes(texts)
        waiting = np.concatenate([waiting[~due], later])
        number, written = number + count, written + len(texts)
        while damaged < written // MALFORMED_EVERY:
            yield damaged_record(texts[-1].as_py(), damaged)
            damaged += 1


def scale_baskets(customers: Customers, invoices: np.ndarray, lines: int) -> None:
    """Set the mean size of baskets, in place, so that the file has about so many lines.

    Parameters
    ----------
    customers : Customers
        Whose baskets are scaled.
    invoices : ndarray of shape (i,)
        INVOICE rows of the whole period.
    lines : int
    """
    orders = invoices[invoices["kind"] <= MORE]
    wanted = lines * SALE_SHARE * 1.01 - len(orders)  # repeated products are taken out again
    customers.basket[:] *= wanted / usual_extra(customers, orders).sum(dtype=float)
    customers.basket[customers.n] = ANONYMOUS_BASKET * 1.02 - 1


def write_sample(
    path: str | Path,
    lines: int = LINES,
    customers: int | None = None,
    seed: int = SEED,
    years: int = 1,
) -> int:
    """Write the file.

    Parameters
    ----------
    path : str or Path
        Gzipped where it ends in .gz.
    lines, customers, seed, years : int
        As in generate.

    Returns
    -------
    int
        Bytes, uncompressed.

    Raises
    ------
    ValueError
        For a name that ends in neither .csv nor .csv.gz, and below 1,000 lines or one year.
    OSError
        Where the file cannot be written.
    """
    path, size = Path(path), 0
    if not path.name.endswith((".csv", ".csv.gz")):
        raise ValueError(f"{path.name}: the output must end in .csv or .csv.gz")
    with open(path, "wb") as raw:
        # No name and no time in the gzip header: the same bytes on every day.
        out = gzip.GzipFile("", "wb", 9, raw, mtime=0) if path.suffix == ".gz" else raw
        for piece in generate(lines, customers, seed, years):
            size += out.write(piece)
        out.close()
    return size


def main(arguments: list[str] | None = None) -> None:
    """The command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those of the process.

    Raises
    ------
    SystemExit
        Where the arguments are wrong or the file cannot be written.
    """
    parser = argparse.ArgumentParser(
        prog="gift_shop.sample.generator", description="Synthetic invoices."
    )
    parser.add_argument("path", metavar="OUTPUT", help=".csv, or .csv.gz to compress")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--lines", type=int, default=LINES, help=f"about so many (default {LINES})")
    length.add_argument("--customers", type=int, help="instead of lines; 40 lines a customer")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--years", type=int, default=1, help="how long the file is (default 1)")
    options = parser.parse_args(arguments)
    try:
        size = write_sample(**vars(options))
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(f"{options.path}: {size:,} bytes of synthetic invoices, seed {options.seed}")


if __name__ == "__main__":
    main()
