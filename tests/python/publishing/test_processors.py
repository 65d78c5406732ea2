"""Another processor, other last bits of sums, powers and logarithms: the same build id."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from shop import Shop

# linear algebra and mathematics as on an old processor; read where a process starts
OLD_PROCESSOR = {
    "OPENBLAS_CORETYPE": "Prescott",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
}
FIRST, DAYS = date(2010, 12, 1), 375
# share of customers, days between their orders, the chance of another order after each, units a line
KINDS = ((0.25, 15, 0.97, 12), (0.35, 50, 0.85, 6), (0.4, 30, 0.4, 2))
THEMES = {"bags": "LUNCH BAG", "garden": "PLANT POT", "tea": "TEA MUG", "candles": "CANDLE"}
COLOURS = ("RED", "BLUE", "GREEN", "PINK", "IVORY")
UNNAMED = ("ROCOCO {} THING", "{} SPACEBOY ITEM")


def invoices(customers: int = 420) -> list[str]:
    """A year of three kinds of customers, coming all year round, each with a favourite theme; some
    of it sent back. So few that a build is short, enough for every model."""
    rng = np.random.default_rng(3)
    themes = [[f"{colour} {name}" for colour in COLOURS] for name in THEMES.values()]
    for products in themes:  # what no word names is bought with what words name
        products += [text.format(colour) for text in UNNAMED for colour in COLOURS[:2]]
    lines = []
    for customer in range(customers):
        _, gap, again, units = KINDS[rng.choice(len(KINDS), p=[kind[0] for kind in KINDS])]
        favourite, day, number = rng.integers(len(themes)), int(rng.integers(DAYS)), 0
        while day < DAYS:
            when = FIRST + timedelta(days=day)
            invoice = f"{customer}0{number}"
            stamp = (
                f"{when.month}/{when.day}/{when.year} {rng.integers(8, 18)}:{rng.integers(10, 60)}"
            )
            for _ in range(rng.integers(2, 5)):
                theme = favourite if rng.random() < 0.7 else rng.integers(len(themes))
                product = int(rng.integers(len(themes[theme])))
                quantity, price = 1 + rng.poisson(units), 0.85 + (product * 7 + theme) % 11 * 0.4
                record = f"{theme}{product:02d},{themes[theme][product]}"
                end = f"{price:.2f},{customer},United Kingdom"
                lines.append(f"{invoice},{record},{quantity},{stamp},{end}")
                if rng.random() < 0.05:
                    lines.append(f"C{invoice},{record},-1,{stamp},{end}")
            if rng.random() > again:
                break
            day, number = day + 1 + int(rng.exponential(gap)), number + 1
    return lines


def hashes(shop: Shop) -> dict[str, str]:
    """The build id, and the hash of each table that goes into it or is published."""
    manifest = json.loads((shop.published / "manifest.json").read_text())
    gate = dict(shop.rows("select table_name, content_hash from quality.build_gate"))
    return {"build": manifest["build_id"], **manifest["content_hashes"], **gate}


def build_in_a_process_of_its_own(shop: Shop, raw: Path | None, **settings) -> dict[str, str]:
    """The shop's hashes, built by a new process: only there the settings take effect."""
    done = shop.process("build", raw=raw, **settings)
    assert done.returncode == 0, done.stdout
    return hashes(shop)


@pytest.fixture(scope="module")
def new_and_old(tmp_path_factory):
    """A small shop built on this processor and as on an old one, and the hashes of both."""
    new, old = (Shop(tmp_path_factory.mktemp(name)) for name in ("new", "old"))
    for shop in (new, old):
        shop.write(invoices())
    return (
        new,
        build_in_a_process_of_its_own(new, None),
        build_in_a_process_of_its_own(old, None, **OLD_PROCESSOR),
    )


def test_a_small_shop_has_one_build_id_on_every_processor(new_and_old):
    shop, on_new, on_old = new_and_old
    assert on_old == on_new
    # every model was trained, but for what needs a year before it
    assert shop.rows("select distinct segment_source from marts.segments") == [("clusters",)]
    assert shop.rows(
        "select candidate from quality.model_metrics where metric = 'not_tried' order by 1"
    ) == [("poisson_in_season",), ("season_prior",), ("seasonal_roots",)]
    assert shop.row(
        "select min(n) > 0 from quality.model_metrics where model = 'product_categories'"
    ) == (True,)


def test_what_is_published_has_six_decimals_at_most(new_and_old):
    shop, *_ = new_and_old
    columns = shop.rows(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where schema_name in ('marts', 'quality') and data_type = 'DOUBLE' order by all"
    )
    assert len(columns) > 50
    longer = [
        column
        for schema, table, column in columns
        # what forecasts are worked out from has eight significant digits
        if table != "model_parameters"
        and shop.row(f'select bool_or(round("{column}", 6) <> "{column}") from {schema}.{table}')[0]
    ]
    assert longer == []


@pytest.mark.slow
def test_the_uci_file_has_one_build_id_on_every_processor(tmp_path_factory):
    if not os.environ.get("UCI_INVOICES"):
        pytest.skip("needs the UCI file: set UCI_INVOICES to its path")
    raw = Path(os.environ["UCI_INVOICES"])
    new, old = (Shop(tmp_path_factory.mktemp(name)) for name in ("new", "old"))
    on_new = build_in_a_process_of_its_own(new, raw)
    assert build_in_a_process_of_its_own(old, raw, **OLD_PROCESSOR) == on_new
