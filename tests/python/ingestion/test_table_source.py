"""A table of a database as the invoices: the same lines as its CSV, or one clear sentence."""

import hashlib
import sqlite3
from datetime import datetime

import duckdb
import pytest
from gift_shop import paths
from gift_shop.ingestion.files import InputFileError, public_name
from sql_shop import MODELS, SqlShop, write

COLUMNS = "InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country"
ROWS = [
    ("1002", "B", "Bowl", 6, datetime(2026, 1, 6, 9, 5), 2.55, 12346, "DE"),
    ("1001", "A", "Mug, red", 1, datetime(2026, 1, 5, 10, 0), 5.0, 12345, "DE"),
    ("C1003", "A", "Mug, red", -1, datetime(2026, 1, 7, 10, 0), 5.0, 12345, None),
]
AS_TEXT = [
    ("1002", "B", "Bowl", "6", "2026-01-06 09:05:00", "2.55", "12346", "DE"),
    ("1001", "A", "Mug, red", "1", "2026-01-05 10:00:00", "5", "12345", "DE"),
    ("C1003", "A", "Mug, red", "-1", "2026-01-07 10:00:00", "5", "12345", None),
]
RAW = (
    "select invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country"
    " from raw_invoice_lines order by line_id"
)


@pytest.fixture
def folder(tmp_path):
    """With table orders and view latest in shop.duckdb and shop.sqlite."""
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        types = [
            "varchar",
            "varchar",
            "varchar",
            "integer",
            "timestamp",
            "double",
            "double",
            "varchar",
        ]
        columns = zip(COLUMNS.split(", "), types, strict=True)
        database.execute(f"create table orders ({', '.join(map(' '.join, columns))})")
        database.executemany("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?)", ROWS)
        database.execute("create schema sales")
        database.execute("create table sales.old_orders as from orders limit 1")
        database.execute("create view latest as from orders")
    with sqlite3.connect(tmp_path / "shop.sqlite") as file:
        file.execute(f"create table orders ({COLUMNS})")
        rows = [(*row[:4], str(row[4]), *row[5:]) for row in ROWS]
        file.executemany("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        file.execute("create view latest as select * from orders")
    file.close()
    return tmp_path


@pytest.mark.parametrize("name", ["shop.duckdb", "shop.sqlite"])
def test_a_table_reads_as_its_export_does(folder, name):
    before = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    with SqlShop(f"table:{folder / name}/Orders", models=()) as shop:
        assert shop.rows(RAW) == AS_TEXT  # in the order of the rows
        assert shop.rows("select distinct source_file from raw_invoice_lines") == [("Orders",)]
        name_, size, digest = shop.row("select file_name, bytes, sha256 from raw_files")
        assert (name_, len(digest)) == ("Orders", 64) and size > 100
    with SqlShop(f"table:{folder / name}/latest", models=()) as shop:
        assert shop.rows(RAW) == sorted(AS_TEXT)  # a view has no order
        assert shop.row("select sha256 from raw_files") != (digest,)
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == before


def test_databases_of_both_kinds_and_a_csv_give_the_same_shop(folder):
    lines = [",".join(f'"{value or ""}"' for value in row) for row in AS_TEXT]
    path = write(folder / "shop.csv", lines)
    found = []
    for raw in (path, f"table:{folder}/shop.duckdb/orders", f"table:{folder}/shop.sqlite/orders"):
        with SqlShop(raw, models=MODELS) as shop:
            found.append((shop.ledger(), shop.rows("from int_customers order by all"), shop.rows("select sha256 from raw_files")[0]))  # fmt: skip
    (csv_ledger, csv_customers, _), duck, lite = found
    assert csv_ledger and csv_customers
    assert (csv_ledger, csv_customers) == duck[:2] == lite[:2]
    assert duck[2] == lite[2]  # the hash is of the lines


def test_another_schema_is_named_before_the_table(folder):
    for name in ("sales.old_orders", "old_orders"):
        with SqlShop(f"table:{folder}/shop.duckdb/{name}", models=()) as shop:
            assert shop.rows(RAW) == AS_TEXT[:1]


def test_times_with_a_zone_are_read_in_the_shops(folder):
    with duckdb.connect(str(folder / "shop.duckdb")) as database:
        database.execute("set timezone = 'UTC'")
        database.execute(
            "create table zoned as select * replace (timezone('UTC', InvoiceDate) as InvoiceDate) from orders"
        )
    raw = f"table:{folder}/shop.duckdb/zoned"
    with SqlShop(raw, models=()) as shop:
        assert shop.rows(RAW)[0][4] == "2026-01-06 09:05:00"
        assert "read as UTC" in shop.row("select notes from raw_files")[0]
    with SqlShop(raw, models=(), shop_timezone="Europe/Berlin") as shop:
        assert shop.rows(RAW)[0][4] == "2026-01-06 10:05:00"
        assert shop.row("select notes from raw_files") == ("",)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("table:{}/shop.duckdb/ordrs", "there is no table ordrs, the nearest is 'orders' (tables: empty, large, latest, orders, other, sales.old_orders)"),
        ("table:{}/shop.sqlite/ordrs", "there is no table ordrs, the nearest is 'orders' (tables: empty, large, latest, orders, other)"),
        ("table:{}/shop.sqlite", "names a database and no table"),
        ("table:{}/none.duckdb/orders", "there is no database"),
        ("table:{}/shop.csv/orders", "is no database of DuckDB or SQLite"),
        ("table:", "there is no database"),
        ("{}/shop.duckdb", "is a database. Name the table to read: RAW_INVOICES=table:{}/shop.duckdb/TABLE"),
        ("{}/shop.sqlite", "is a database. Name the table to read: RAW_INVOICES=table:{}/shop.sqlite/TABLE"),
        ("table:{}/shop.duckdb/empty", "holds no rows"),
        ("table:{}/shop.sqlite/empty", "holds no rows"),
        ("table:{}/shop.duckdb/other", "column missing"),
        ("table:{}/shop.sqlite/other", "column missing"),
        ("table:{}/shop.duckdb/large", "CustomerID 18014398509481984 is stored as a number above 2^53"),
        ("table:{}/shop.sqlite/large", "CustomerID 18014398509481984 is stored as a number above 2^53"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(folder, name, sentence):
    (folder / "shop.csv").write_text("a,b\n" * 20)
    for database in (
        duckdb.connect(str(folder / "shop.duckdb")),
        sqlite3.connect(folder / "shop.sqlite", isolation_level=None),
    ):
        database.execute("create table empty as select * from orders limit 0")
        database.execute("create table other as select InvoiceNo from orders")
        database.execute("create table large as select * from orders")
        database.execute("update large set CustomerID = 18014398509481984.0")
        database.close()
    with pytest.raises(InputFileError) as caught:
        SqlShop(name.format(folder), models=())
    assert sentence.format(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_a_database_in_use_is_one_sentence(folder, monkeypatch):
    raw = f"table:{folder}/shop.duckdb/orders"
    with duckdb.connect(str(folder / "shop.duckdb")):
        with pytest.raises(InputFileError, match="open in another program"):
            SqlShop(raw, models=())
        monkeypatch.setenv("GIFT_SHOP_DB", str(folder / "shop.duckdb"))
        assert paths.database().exists()
        with pytest.raises(InputFileError, match="the working file of this build"):
            SqlShop(raw, models=())


def test_postgres_needs_its_extension_and_its_password_is_never_said():
    raw = "table:postgres://ann:s3cret@db.example/shop/orders"
    with pytest.raises(InputFileError) as caught:
        SqlShop(raw, models=())
    said = str(caught.value)
    assert "s3cret" not in said and "postgres://ann@db.example/shop/orders" in said
    assert "extension postgres is not installed" in said and "Parquet or CSV" in said
    assert public_name("table:postgresql://h/shop?user=a&password=b/orders") == (
        "table:postgresql://h/shop?user=a&password=.../orders"
    )


def test_a_folder_of_parquet_files_is_read_in_name_order(folder):
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as database:
        (folder / "lake" / "day=2").mkdir(parents=True)
        (folder / "lake" / "day=1").mkdir()
        for day, where in (("2", "rowid = 0"), ("1", "rowid > 0")):
            database.execute(
                f"copy (from orders where {where}) to '{folder}/lake/day={day}/part.parquet'"
            )
    (folder / "lake" / "_SUCCESS").write_text("")
    with SqlShop(folder / "lake", models=()) as shop:
        assert shop.rows(RAW) == [*AS_TEXT[1:], AS_TEXT[0]]
        assert shop.row("select count(*), sum(bytes) > 0 from raw_files") == (2, True)
