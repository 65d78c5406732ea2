"""The same lines in another order, on other threads: the same tables to the last bit."""

import gzip
import json
import random
import subprocess
from collections import defaultdict

import duckdb
import pytest
import sql_models
from shop import PROJECT, Shop

# these say where in the file a line stands; of the report only the first lines do
WITH_LINE_NUMBERS = ("rejected_invoice_lines", "reading_report")


def shuffled_minutes(text: str, seed: int) -> str:
    """The lines in another order, but those of one minute in their own: it decides, where two lines
    are of the same time, which came first. Damaged lines keep their neighbours."""
    header, *lines = text.splitlines(keepends=True)
    minutes, minute = defaultdict(list), ""
    for line in lines:
        parts = [part for part in line.split(",") if "/2010 " in part or "/2011 " in part]
        minute = parts[0] if len(parts) == 1 and line.count(",") >= 7 else minute
        minutes[minute].append(line)
    blocks = list(minutes.values())
    random.Random(seed).shuffle(blocks)
    return "".join([header, *(line for block in blocks for line in block)])


@pytest.mark.slow
def test_shuffled_lines_on_four_threads_give_equal_tables(tmp_path_factory, small_sample):
    plain, other = (Shop(tmp_path_factory.mktemp(name)) for name in ("plain", "other"))
    text = gzip.decompress(small_sample.read_bytes()).decode("latin-1")
    plain.invoices.write_text(text, encoding="latin-1", newline="")
    other.invoices.write_text(shuffled_minutes(text, 1), encoding="latin-1", newline="")
    assert other.invoices.stat().st_size == plain.invoices.stat().st_size
    plain.build("--threads", "1")
    other.build("--threads", "4")
    gate = f"select * from quality.build_gate where table_name not in {WITH_LINE_NUMBERS}"
    assert sorted(other.rows(gate)) == sorted(plain.rows(gate)) != []
    report = "select * from quality.reading_report where section <> 'first lines' order by all"
    assert other.rows(report) == plain.rows(report) != []


def test_make_hash_prints_the_hash_of_each_published_table(sample):
    printed = subprocess.run(
        ["make", "-s", "hash"],
        cwd=PROJECT,
        env=sample.environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, *lines = printed.splitlines()
    manifest = json.loads((sample.published / "manifest.json").read_text())
    assert first == f"build {manifest['build_id']}, as of {manifest['as_of_date']}"
    hashes = dict(line.split() for line in lines)
    gate = sample.rows("select table_name, content_hash from quality.build_gate where is_published")
    assert hashes.items() >= dict(gate).items()
    assert set(hashes) == set(manifest["tables"])
    # what is on disk is what the hashes say, of the types that the working file has
    with duckdb.connect(str(sample.published / "gift_shop.duckdb"), read_only=True) as connection:
        for table, content_hash in hashes.items():
            hash_of = sql_models.render("{{ content_hash('content') }}")
            columns = sample.rows(
                "select column_name, data_type from information_schema.columns"
                f" where table_schema in ('marts', 'quality') and table_name = '{table}'"
                " order by ordinal_position"
            )
            typed = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns)
            query = f"select {hash_of} from (select {typed} from {table}) as content"
            assert connection.execute(query).fetchall() == [(content_hash,)], table


@pytest.mark.parametrize("name", ["O'Brien's", "x'; drop table segment_log; --", "", "{{ 7 * 7 }}"])
def test_a_shops_name_is_a_text(monkeypatch, name):
    monkeypatch.setenv("GIFT_SHOP_NAME", name)
    sql = sql_models.render("select {{ env_text('GIFT_SHOP_NAME') }}")
    assert duckdb.execute(sql).fetchall() == [(name or None,)]
