"""The sample generator: the committed file is its work, and has the shape the real file has.

Beside each range stands the real file's figure, measured with the same query.
"""

import csv
import gzip
import io
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from gift_shop.sample import generator
from shop import PROJECT, SAMPLE

COLUMNS = ["invoice", "code", "description", "quantity", "date", "price", "customer", "country"]

LINES_SQL = """
create table lines as
with typed as (
    select line_id, invoice, upper(code) as code, description, quantity::int as quantity,
        strptime(date, '%m/%d/%Y %H:%M') as sold_at, price::decimal(18, 4) as price,
        nullif(customer, '') as customer, country,
        row_number() over (partition by invoice, code, description, quantity, date, price,
            customer, country order by line_id) > 1 as is_duplicate
    from raw
)
select *, quantity * price as amount,
    case
        when is_duplicate then 'duplicate'
        when code in ('POST', 'DOT', 'C2', 'M', 'D', 'S', 'PADS', 'CRUK', 'BANK CHARGES',
            'AMAZONFEE') or code like 'GIFT_%' then 'non_product'
        when price <= 0 or (quantity < 0) <> (invoice like 'C%') then 'adjustment'
        when customer is null then 'anonymous'
        when quantity > 0 then 'sale'
        else 'return'
    end as class
from typed;
-- Units in stock at the customer's after each line, and whether anything was bought before.
create table stock as
select *, sum(greatest(quantity, 0)) over past as bought,
    sum(quantity) over (past rows unbounded preceding) as left_over
from lines where class in ('sale', 'return')
window past as (partition by customer, code order by sold_at, line_id);
"""

SHAPES = {
    "customers": ("select count(distinct customer) from lines where class = 'sale'", 3_900, 4_100),
    "lines": ("select count(*) from lines", 152_000, 168_000),
    "months": ("select count(distinct date_trunc('month', sold_at)) from lines", 13, 13),  # 13
    "one order only": ("select avg((n = 1)::int) from orders", 0.30, 0.42),  # .347
    "ten orders and more": ("select avg((n >= 10)::int) from orders", 0.07, 0.13),  # .089
    "money of the top tenth": (  # .600
        ("select sum(net) filter (place <= .1) / sum(net) from (select net,"
        " row_number() over (order by net desc) / count(*) over () as place from money)"),
        0.50, 0.66),
    "wholesale: the 98th percentile of units an order against the median": (  # 9.1
        ("select quantile_cont(n, .98) / median(n) from (select sum(quantity) as n from lines"
        " where class = 'sale' group by invoice)"), 5, 12),
    "November's orders against a month's mean": (  # 1.87
        "select count(*) filter (month(sold_at) = 11) * 13.0 / count(*) from invoices", 1.6, 2.1),
    "orders on Saturdays": (  # 0
        "select count(*) from invoices where dayofweek(sold_at) = 6", 0, 0),
    "lines without customer": (  # .249
        "select avg((customer is null)::int) from lines", 0.23, 0.27),
    "exact duplicates": ("select avg(is_duplicate::int) from lines", 0.008, 0.011),  # .0097
    "lines of cancellations": (  # .0171, of three times as many lines an order
        "select avg((invoice like 'C%')::int) from lines", 0.015, 0.03),
    "postage, manual entries and fees": (  # .0054
        "select avg((class = 'non_product')::int) from lines", 0.004, 0.007),
    "kinds of fees": (
        "select count(distinct code) from lines where class = 'non_product'", 8, 20),  # 15
    "zero prices": ("select avg((price = 0)::int) from lines", 0.004, 0.006),  # .0046
    "negative quantities outside cancellations": (  # .0025
        "select avg((quantity < 0 and invoice not like 'C%')::int) from lines", 0.0015, 0.0035),
    "returns of purchases before the file": (  # .12
        "select avg((bought = 0)::int) from stock where class = 'return'", 0.06, 0.20),
    "returns of a whole line": (  # .24
        "select avg((left_over = 0)::int) from stock where class = 'return' and bought > 0",
        0.2, 0.6),
    "lines of United Kingdom": (  # .914
        "select avg((country = 'United Kingdom')::int) from lines", 0.88, 0.96),
    "countries": ("select count(distinct country) from lines", 10, 20),  # 38
    "products": (
        "select count(distinct code) from lines where class = 'sale'", 800, 1_000),
    "codes with two descriptions": (  # .057
        ("select avg((n > 1)::int) from (select count(distinct trim(description)) as n from lines"
        " where class = 'sale' and description not in ('', '?') group by code)"), 0.03, 0.08),
    "missing descriptions": (
        "select avg((description in ('', '?'))::int) from lines", 0.002, 0.008),  # .0028
    "median price": ("select median(price) from lines where class = 'sale'", 1.5, 2.6),  # 1.95
    "median quantity": (
        "select median(quantity) from lines where class = 'sale'", 3, 7),  # 6
    "Christmas outside the season": (  # .002
        ("select avg((description like '%CHRISTMAS%')::int) from lines"
        " where class = 'sale' and month(sold_at) between 2 and 5"), 0, 0.01),
    "Christmas in October and November": (  # .105
        ("select avg(regexp_matches(description, 'CHRISTMAS|XMAS|REINDEER|SANTA')::int) from lines"
        " where class = 'sale' and month(sold_at) in (10, 11)"), 0.05, 0.13),
}  # fmt: skip


def parse(content: bytes) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """(a database of the good records, the other lines)."""
    good, bad = [], []
    for number, line in enumerate(content.decode().splitlines()[1:], 1):
        fields = next(csv.reader([line]))
        if len(fields) == 8 and fields[3].lstrip("-").isdigit():
            good.append((number, *fields))
        else:
            bad.append(line)
    columns = dict(zip(["line_id", *COLUMNS], zip(*good, strict=True), strict=True))
    db = duckdb.connect()
    db.register("raw", pa.table(columns))
    db.execute(LINES_SQL)
    db.execute("""
        create view invoices as
            select invoice, customer, min(sold_at) as sold_at from lines
            where class = 'sale' group by all;
        create view orders as select customer, count(*) as n from invoices group by all;
        create view money as select customer, greatest(sum(amount), 0) as net from lines
            where class in ('sale', 'return') group by all having bool_or(class = 'sale');
    """)
    return db, bad


@pytest.fixture(scope="module")
def committed() -> bytes:
    return gzip.decompress(SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def parsed(committed):
    return parse(committed)


@pytest.fixture(scope="module")
def db(parsed):
    return parsed[0]


def content(**options) -> bytes:
    return b"".join(generator.generate(**options))


def test_committed_sample_is_what_the_generator_makes(committed):
    assert committed == content()


def test_committed_sample_is_small_and_says_that_it_is_synthetic():
    assert SAMPLE.stat().st_size <= 3_000_000
    readme = (SAMPLE.parent / "README.md").read_text()
    assert "synthetic" in readme.lower() and str(generator.SEED) in readme
    assert "python -m gift_shop.sample.generator" in readme


def test_gzip_header_has_no_time_and_no_name():
    assert SAMPLE.read_bytes()[3:8] == bytes(5)  # flags (a name would set one), then the time


@pytest.mark.parametrize("name", SHAPES)
def test_shape(db, name):
    query, low, high = SHAPES[name]
    (value,) = db.execute(query).fetchone()
    assert low <= value <= high, f"{name}: {value}"


def test_malformed_records_are_few_and_of_every_kind(parsed):
    bad = parsed[1]
    assert 15 <= len(bad) <= 25
    kinds = Counter("open quote" if line.count('"') % 2 else line.count(",") for line in bad)
    assert set(kinds) == {"open quote", 1, 3, 7, 8}


def test_invoices_follow_time_and_number(db):
    (disorder,) = db.execute("""
        select count(*) from (
            select sold_at < lag(sold_at) over w as back_in_time,
                ltrim(invoice, 'C')::int < lag(ltrim(invoice, 'C')::int) over w as back_in_number
            from lines window w as (order by line_id)
        ) where back_in_time or back_in_number
    """).fetchone()
    assert disorder == 0


def test_an_invoice_has_one_time_and_one_customer(db):
    assert not db.execute("""
        select invoice from lines group by invoice
        having count(distinct sold_at) > 1 or count(distinct coalesce(customer, '')) > 1
    """).fetchall()


def check_returns(db) -> None:
    """Returns either follow their purchase, in full, or precede all of the customer's orders."""
    assert db.execute("select count(*) from stock where class = 'return'").fetchone()[0] > 100
    assert not db.execute("""
        select * from stock join (
            select customer, min(sold_at) as first_at from invoices group by customer
        ) using (customer)
        where class = 'return' and bought = 0 and sold_at >= first_at
    """).fetchall()
    assert not db.execute("""
        select customer, code, min(quantity_left) from (
            select *, sum(quantity) over (partition by customer, code order by sold_at, line_id
                rows unbounded preceding) as quantity_left
            from stock where bought > 0
        ) group by all having min(quantity_left) < 0
    """).fetchall()


def test_returns_follow_their_purchases(db):
    check_returns(db)


def test_returns_follow_their_purchases_where_slices_are_hours(monkeypatch):
    monkeypatch.setattr(generator, "HOURLY_FROM", 0)
    db, _ = parse(content(lines=15_000))
    check_returns(db)
    test_invoices_follow_time_and_number(db)


def test_most_returns_are_refunded_at_the_price_paid(db):
    (same,) = db.execute("""
        select avg(exists(select * from stock s where s.customer = r.customer and s.code = r.code
            and s.class = 'sale' and s.sold_at < r.sold_at and s.price = r.price)::int)
        from stock r where class = 'return' and bought > 0
    """).fetchone()
    assert 0.90 <= same <= 0.99  # .95


def theme_of(description: str) -> str | None:
    """The theme whose thing the name holds, the longest one where there are several."""
    found = [
        (len(thing), name)
        for name, (_, _, things) in generator.THEMES.items()
        for thing in things
        if thing in description
    ]
    return max(found)[1] if found else None


def test_customers_keep_to_their_themes(db):
    names = [d for (d,) in db.execute("select distinct description from lines").fetchall()]
    themes = pa.table({"description": names, "theme": [theme_of(name) for name in names]})
    db.register("themes", themes)
    kept, commonest, n = db.execute("""
        with spend as (
            select customer, sold_at = min(sold_at) over (partition by customer) as is_first, theme,
                sum(amount) as amount
            from (select customer, sold_at, theme, amount from lines join themes using (description)
                where class = 'sale' and theme is not null)
            group by customer, sold_at, theme
        ), best as (
            select customer, is_first, arg_max(theme, (total, theme)) as theme
            from (select customer, is_first, theme, sum(amount) as total from spend group by all)
            group by all
        ), pairs as (
            select f.theme as first_theme, l.theme as later_theme
            from best f join best l using (customer) where f.is_first and not l.is_first
        )
        select avg((first_theme = later_theme)::int),
            (select max(n) from (select count(*) as n from pairs group by later_theme)) * 1.0
                / count(*), count(*)
        from pairs
    """).fetchone()
    assert n > 1_000
    assert 0.33 <= kept <= 0.48, kept  # .34 with rougher words
    assert commonest < kept - 0.1, commonest


def test_a_third_of_the_things_hides_its_theme():
    """Things in whose name none of a theme's usual words stands, by a short list of such words."""
    words = (
        "BAG|CAKE|TEA|CUP|MUG|PLATE|BOWL|CANDLE|LIGHT|LANTERN|LAMP|BOX|TIN|JAR|BASKET|CARD|WRAP|"
        "NOTEBOOK|PENCIL|TOY|DOLL|GAME|PUZZLE|CHILD|BABY|WARMER|HOT WATER|BATH|SOAP|TOWEL|PARTY|"
        "BUNTING|BALLOON|PAPER|GARDEN|PLANT|POT|BIRD|SEED|NECKLACE|RING|BRACELET|HAIR|CHRISTMAS|"
        "XMAS|SIGN|FRAME|CLOCK|MIRROR|HEART|CUTTER|OVEN|APRON|BAKING|KITCHEN|CUSHION"
    )
    things = [thing for _, _, things in generator.THEMES.values() for thing in things]
    hidden = [thing for thing in things if not re.search(words, thing)]
    assert 0.2 <= len(hidden) / len(things) <= 0.45


def test_recency_tells_who_orders_in_the_next_70_days(db):
    """AUC of recency at 2011-10-01: .67 in the real file."""
    rows = db.execute("""
        select max(sold_at) filter (sold_at < '2011-10-01')::date - date '2010-12-01' as last_day,
            max(sold_at) >= '2011-10-01' as ordered
        from invoices group by customer having min(sold_at) < '2011-10-01'
    """).fetchnumpy()
    last, ordered = rows["last_day"].astype(float), rows["ordered"].astype(bool)
    higher = last[ordered][:, None] - last[~ordered][None, :]
    assert 0.65 <= np.mean((higher > 0) + (higher == 0) / 2) <= 0.80
    assert 0.4 <= ordered.mean() <= 0.6  # .51


def test_same_seed_same_bytes_other_seed_other_bytes():
    first = content(lines=2_000, seed=1)
    assert first == content(lines=2_000, seed=1)
    assert first != content(lines=2_000, seed=2)


def test_customers_set_the_size():
    assert content(customers=100) == content(lines=100 * generator.LINES_PER_CUSTOMER)


@pytest.mark.parametrize("options", [{"lines": 999}, {"customers": 0}])
def test_too_small_a_sample_is_refused(options):
    with pytest.raises(ValueError, match="1,000 or more"):
        content(**options)


def test_writes_plain_and_compressed_files_with_the_same_content(tmp_path, capsys):
    generator.main([str(tmp_path / "a.csv"), "--lines", "2000"])
    generator.main([str(tmp_path / "b.csv.gz"), "--lines", "2000"])
    plain = (tmp_path / "a.csv").read_bytes()
    assert plain == gzip.decompress((tmp_path / "b.csv.gz").read_bytes())
    assert next(csv.reader(io.StringIO(plain.decode()))) == [
        "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
        "CustomerID", "Country",
    ]  # fmt: skip
    assert f"{len(plain):,} bytes of synthetic invoices" in capsys.readouterr().out


def test_other_suffixes_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        generator.main([str(tmp_path / "a.xlsx")])
    assert ".csv or .csv.gz" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def streamed(lines: int) -> tuple[int, int, int]:
    """(lines, bytes, peak memory in bytes) of a file generated in a process of its own.

    The peak is the kernel's for the new process image: `ru_maxrss` would inherit the parent's.
    """
    code = (
        "import re, sys\n"
        "from gift_shop.sample import generator as sample\n"
        "count = size = 0\n"
        f"for piece in sample.generate(lines={lines}):\n"
        "    count += bytes(piece).count(10)\n"
        "    size += len(piece)\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(count, size, int(peak) * 1024)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=PROJECT / "python_models",
    )
    count, size, peak = map(int, result.stdout.split())
    return count - 1, size, peak


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's peak memory")
def test_large_files_stream_in_bounded_memory():
    few, small_size, small_peak = streamed(200_000)
    many, large_size, large_peak = streamed(2_000_000)
    assert abs(few / 200_000 - 1) < 0.04 and abs(many / 2_000_000 - 1) < 0.04
    # A generator that held its lines would grow by their text at least.
    assert large_peak - small_peak < (large_size - small_size) / 2
    assert large_peak < 500e6
