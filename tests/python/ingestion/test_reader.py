"""The reader (gift_shop.ingestion.reader): every line is somewhere, and each failure is one clear error.

Expected values are written by hand or come from Python's csv module.
"""

import csv
import gzip
import hashlib
import io
import random
import traceback
import zipfile
from datetime import datetime
from decimal import Decimal

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gift_shop.ingestion import csv_files, files, packed, reader, xlsx_files

NAMES = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINE_1 = "536365,85123A,WHITE HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom"
LINE_2 = "C536379,D,Discount,-1,12/13/2010 9:41,27.5,,France"
RECORD_1 = tuple(LINE_1.split(","))
RECORD_2 = ("C536379", "D", "Discount", "-1", "12/13/2010 9:41", "27.5", None, "France")
NOISE = random.Random(3).randbytes(20_000).hex()
SETTINGS = {
    "date_format": "m/d/yyyy",
    "quantity_pattern": "-?[0-9]{1,9}",
    "price_pattern": r"-?[0-9]{1,9}(\.[0-9]{1,4})?",
    "max_unreadable_share": 0.05,
    "shop_timezone": "",
}


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection.cursor()


@pytest.fixture
def read(session):
    """Rows (line_id, source_file, eight fields, raw_text) in line order."""

    def rows(path, **settings):
        relation = reader.read_invoices(session, str(path), **SETTINGS | settings)
        columns = ", ".join(["line_id", "source_file", *files.COLUMNS, "raw_text"])
        return relation.order("line_id").project(columns).fetchall()

    return rows


@pytest.fixture
def fails(session):
    """The message of the InputFileError that reading must end in, which names the file."""

    def message(path, **settings):
        with pytest.raises(reader.InputFileError) as caught:
            reader.read_invoices(session, str(path), **SETTINGS | settings)
        assert str(path) in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        return str(caught.value)

    return message


@pytest.fixture
def write(tmp_path):
    """Write bytes, or text as UTF-8, to a file of the test's folder; returns its path."""

    def path(content, name="shop.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return path


def text(*lines, end="\n"):
    return "".join(line + end for line in (NAMES, *lines))


def fields(rows):
    return [row[2:10] for row in rows]


def write_xlsx(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


# --- what is read ---------------------------------------------------------------------------


def test_rows_of_a_csv(read, write):
    assert read(write(text(LINE_1, LINE_2))) == [
        (1, "shop.csv", *RECORD_1, None),
        (2, "shop.csv", *RECORD_2, None),
    ]


def test_the_relation_has_the_agreed_columns(session, write):
    relation = reader.read_invoices(session, str(write(text(LINE_1))), **SETTINGS)
    assert relation.columns == ["line_id", "source_file", *files.FIELDS, "raw_text", "date_format"]
    assert list(map(str, relation.types)) == ["BIGINT"] + ["VARCHAR"] * (len(files.FIELDS) + 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("last", ["", "end", "blank"])
def test_line_ends_and_an_empty_last_line(read, write, end, last):
    content = text(LINE_1, LINE_2, end=end)
    content = content.removesuffix(end) if last == "" else content
    content += end if last == "blank" else ""
    assert fields(read(write(content))) == [RECORD_1, RECORD_2]


@pytest.mark.parametrize("block", [1, 7, 100, 8 << 20])
def test_other_blank_lines_are_malformed_rows_at_any_block_size(read, write, monkeypatch, block):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block)
    rows = read(write(text(LINE_1, "", LINE_2, "", "")), max_unreadable_share=1)
    assert [(row[0], row[10]) for row in rows] == [(1, None), (2, ""), (3, None), (4, "")]


def test_every_format_gives_the_same_records(read, write, tmp_path):
    header = NAMES.split(",")
    values = [
        ["536365", "22423", "CAKE STAND", 6, datetime(2010, 12, 1, 8, 26), 2.55, 17850, "EIRE"],
        ["C536379", "D", None, -1, datetime(2010, 12, 13, 9, 41, 59), 27.5, None, "France"],
    ]
    expected = [
        ("536365", "22423", "CAKE STAND", "6", "2010-12-01 08:26:00", "2.55", "17850", "EIRE"),
        ("C536379", "D", None, "-1", "2010-12-13 09:41:59", "27.5", None, "France"),
    ]
    lines = text(*(",".join(field or "" for field in record) for record in expected)).encode()
    half = len(lines) // 2
    table = pa.table(
        {
            name: pa.array(column, pa.float64() if name in ("Quantity", "CustomerID") else None)
            for name, column in zip(header, zip(*values, strict=True), strict=True)
        }
    )
    pq.write_table(table, tmp_path / "shop.parquet")
    numbers = [[536365, 22423, *values[0][2:]], values[1]]
    paths = [
        write(lines),
        write(gzip.compress(lines), "shop.csv.gz"),
        write(gzip.compress(lines), "no_suffix"),
        write(gzip.compress(lines[:half]) + gzip.compress(lines[half:]), "two_members.gz"),
        write(lines, "misnamed.xlsx"),
        write(
            text(*(",".join(field or "" for field in record) for record in expected)).encode(
                "utf-16"
            ),
            "utf_16.csv",
        ),
        tmp_path / "shop.parquet",
        write_xlsx(tmp_path / "shop.xlsx", Lines=[header, *numbers]),
        write((tmp_path / "shop.xlsx").read_bytes(), "workbook.csv"),
    ]
    for path in paths:
        rows = read(path)
        assert fields(rows) == expected, path
        assert [row[:2] for row in rows] == [(1, path.name), (2, path.name)]


@pytest.mark.parametrize(
    "header",
    [
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
        "invoice_no,stock_code,description,quantity,invoice_date,unit_price,customer_id,country",
        '"INVOICE NO","Stock-Code ",DESCRIPTION,quantity,Invoicedate,Unit price,Customerid,country',
    ],
)
def test_names_by_alias(read, write, header):
    assert fields(read(write(f"{header}\n{LINE_1}\n"))) == [RECORD_1]


def test_any_order_and_extra_columns(read, write):
    content = (
        "Country,Note,Price,CustomerID,Quantity,Description,Note,InvoiceDate,StockCode,Invoice,\n"
        'EIRE,x,2.55,17850,6,"WHITE, ""BIG""",y,12/1/2010 8:26,85123A,536365,\n'
        "EIRE,x,2.55,17850,6,PLAIN,y,12/1/2010 8:26,85123A,536365,\n"
    )
    expected = ["536365", "85123A", "PLAIN", "6", "12/1/2010 8:26", "2.55", "17850", "EIRE"]
    quoted = [*expected[:2], 'WHITE, "BIG"', *expected[3:]]
    assert fields(read(write(content))) == [tuple(quoted), tuple(expected)]


def test_utf8_latin1_and_bom(read, write):
    line = LINE_1.replace("WHITE", "CAFÉ £ ŸÆ".replace("Ÿ", ""))
    expected = ("536365", "85123A", "CAFÉ £ Æ HOLDER", *RECORD_1[3:])
    assert fields(read(write(text(line).encode("latin-1")))) == [expected]
    assert fields(read(write(text(line)))) == [expected]
    assert fields(read(write(b"\xef\xbb\xbf" + text(line).encode()))) == [expected]
    mixed = text(line).encode() + line.encode("latin-1") + b"\n" + LINE_1.encode() + b"\n"
    assert fields(read(write(mixed))) == [expected, expected, RECORD_1]
    # Windows-1252 has signs where Latin-1 has control characters, but for five bytes
    windows = text(LINE_1).encode().replace(b"WHITE", b"\x80\x93W\x94\x81")
    assert read(write(windows))[0][4] == "€“W”\x81 HOLDER"


@pytest.mark.parametrize("block", [1, 100, 8 << 20])
def test_lines_that_are_not_utf8_are_counted(read, write, monkeypatch, block):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block)

    def notes(*lines):
        path = write(b"\n".join([NAMES.encode(), *lines]))
        read(path)
        return reader.raw_files(str(path))["notes"][0].as_py()

    euro = LINE_1.replace("WHITE", "5 €")
    assert notes(LINE_1.encode(), euro.encode()) == ""
    assert notes(LINE_1.encode(), euro.encode(), euro.encode("cp1252")) == (
        "1 line is not UTF-8 and was read as Windows-1252, the first is line 4 (the header is line 1)"
    )
    assert notes(*[euro.encode("cp1252")] * 3) == (
        "3 lines are not UTF-8 and were read as Windows-1252, the first is line 2 (the header is line 1)"
    )


def test_a_glob_in_a_folder_with_brackets(read, write, tmp_path):
    for folder in ("2011 [new]", "2011 [new]/1 [old]", "2011 [new]/2"):
        (tmp_path / folder).mkdir()
        write(text(LINE_1), f"{folder}/a.csv")
    assert fields(read(tmp_path / "2011 [new]" / "*.csv")) == [RECORD_1]
    assert fields(read(tmp_path / "2011 [new]" / "*" / "[a]*.csv")) == [RECORD_1] * 2
    assert fields(read(tmp_path / "201? *" / "?" / "a.csv")) == [RECORD_1]


def test_a_glob_is_read_in_name_order_and_line_id_runs_on(read, write, tmp_path):
    write("UnitPrice,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,CustomerID,Country\n"
          "1.25,2,B,b,2,2010-12-02,7,EIRE\n", "b.csv")  # fmt: skip
    write(gzip.compress(text(LINE_1, LINE_2).encode()), "a.csv.gz")
    write_xlsx(tmp_path / "c.csv.xlsx", S=[NAMES.split(","), list(RECORD_1)])
    table = pa.table({n: [v] * 2 for n, v in zip(NAMES.split(","), RECORD_1, strict=True)})
    pq.write_table(table, tmp_path / "d.csv.parquet")
    write(text(LINE_2), "e.csv")
    rows = read(tmp_path / "*.csv*")
    assert [row[:3] for row in rows] == [
        (1, "a.csv.gz", "536365"),
        (2, "a.csv.gz", "C536379"),
        (3, "b.csv", "2"),
        (4, "c.csv.xlsx", "536365"),
        (5, "d.csv.parquet", "536365"),
        (6, "d.csv.parquet", "536365"),
        (7, "e.csv", "C536379"),
    ]


@pytest.mark.parametrize("name", ["shop[1]*?.csv", 'it\'s "quoted"; drop table x.csv', "ü %s.csv"])
def test_odd_file_names(read, write, tmp_path, name):
    write(text(LINE_2), "shop1.csv")
    assert read(write(text(LINE_1), name)) == [(1, name, *RECORD_1, None)]
    table = pa.table({n: [v] for n, v in zip(NAMES.split(","), RECORD_1, strict=True)})
    pq.write_table(table, tmp_path / f"{name}.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "shop1.x.csv.parquet")  # what it means as a glob
    assert read(tmp_path / f"{name}.parquet") == [(1, f"{name}.parquet", *RECORD_1, None)]


# --- quotes, line breaks, odd characters -----------------------------------------------------


def test_an_inch_mark_is_a_character_and_an_open_quote_costs_its_own_line(read, write):
    inch = LINE_1.replace("WHITE", '12" RULER')
    open_quote = LINE_1.replace("WHITE", '"WHITE')
    rows = read(write(text(inch, open_quote, inch, LINE_1)), max_unreadable_share=1)
    assert [row[4] for row in rows] == [
        '12" RULER HOLDER',
        None,
        '12" RULER HOLDER',
        "WHITE HOLDER",
    ]
    assert [row[10] for row in rows] == [None, open_quote, None, None]


@pytest.mark.parametrize("block", [1, 10, 50, 8 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_up_to_five_lines_are_joined_across_blocks(read, write, monkeypatch, block, end):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block)
    five = LINE_1.replace("WHITE HOLDER", f'"a{end}{end}b, ""c""{end}d{end}e"')
    two = LINE_2.replace("Discount", f'"a{end}b"')
    rows = read(write(text(LINE_1, five, two, LINE_2, end=end)))
    assert [row[0] for row in rows] == [1, 2, 7, 9]
    assert [row[4] for row in rows] == ["WHITE HOLDER", 'a\n\nb, "c"\nd\ne', "a\nb", "Discount"]
    assert {row[10] for row in rows} == {None}


def test_more_lines_than_are_joined_stand_alone(read, write):
    most = csv_files.MOST_LINES_JOINED
    long = LINE_1.replace("WHITE HOLDER", '"' + "\n".join(["a"] * (most + 1)) + '"')
    rows = read(write(text(long, LINE_2)), max_unreadable_share=1)
    assert [row[10] for row in rows] == [*long.split("\n"), None]
    assert rows[most + 1][0] == most + 2


def test_nul_bytes_and_a_line_of_a_megabyte(read, write, monkeypatch):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1 << 16)
    long = LINE_1.replace("WHITE", "W" * (1 << 20))
    nul = LINE_1.replace("WHITE", "WH\0ITE")
    rows = read(write(text(long, nul, "x" * (1 << 20), LINE_2)), max_unreadable_share=1)
    assert [row[4] for row in rows] == [
        "W" * (1 << 20) + " HOLDER",
        "WH\0ITE HOLDER",
        None,
        "Discount",
    ]
    assert rows[2][10] == "x" * (1 << 20)


def test_a_lone_cr_is_legal_in_quotes_alone(read, write):
    bare = LINE_1.replace("WHITE", "WH\rITE")
    quoted = LINE_1.replace("WHITE HOLDER", '"WH\rITE"')
    rows = read(write(text(bare, quoted)), max_unreadable_share=1)
    assert [(row[4], row[10]) for row in rows] == [(None, bare), ("WH\rITE", None)]


def csv_record(line):
    """The eight fields if Python's csv module, in its strict mode, reads one record of eight."""
    try:
        (record,) = csv.reader([line], strict=True)
    except csv.Error:
        return None
    return tuple(field or None for field in record) if len(record) == 8 else None


def expected_rows(lines):
    """(line_id, fields, raw_text), by the rule of the design, one line after the other."""
    alone, i, rows = [csv_record(line) for line in lines], 0, []
    while i < len(lines):
        record, size = alone[i], 1
        while (
            not record
            and size < csv_files.MOST_LINES_JOINED
            and i + size < len(lines)
            and not alone[i + size]
        ):
            size += 1
            record = csv_record("\n".join(lines[i : i + size]))
        rows.append((i + 1, record or (None,) * 8, None if record else lines[i]))
        i += size if record else 1
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_a_messy_file_against_the_csv_module(read, write, monkeypatch, seed):
    monkeypatch.setattr(csv_files, "MOST_LINES_JOINED", 5)  # so that a record of six stands alone
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", [61, 1000, 8 << 20][seed % 3])
    dice = random.Random(seed)
    usual = ["a", "", '"a,b"', '12" R', '"a""b"', "£x", '""', " x", '"é"', "'", '"x\ny"']
    odd = [
        '"open',
        'close"',
        '"a"b',
        "n\0l",
        '"p\n\n\nq"',
        "a\rb",
        '"c\rd"',
        "a,b",
        "\n",
        '"1\n2\n3\n4\n5\n6"',
    ]
    records = [
        ",".join(dice.choice(odd if dice.random() < 0.06 else usual) for _ in range(8))
        for _ in range(1500)
    ]
    lines = "\n".join([*records, "end"]).split("\n")
    codes = ["cp1252", "utf-8"]
    content = NAMES.encode() + b"\n" + b"\n".join(line.encode(dice.choice(codes)) for line in lines)
    rows = read(write(content), max_unreadable_share=1)
    assert [(row[0], row[2:10], row[10]) for row in rows] == expected_rows(lines)
    # Conservation: a record reaches to the next line_id; together they are all physical lines.
    reach = [row[0] for row in rows[1:]] + [len(lines) + 1]
    sizes = [end - row[0] for row, end in zip(rows, reach, strict=True)]
    assert rows[0][0] == 1 and set(sizes) == {1, 2, 3, 4, 5}
    malformed = sum(row[10] is not None for row in rows)
    assert min(malformed, len(rows) - malformed) > 100  # plenty of both kinds


def test_a_well_formed_file_equals_the_csv_module(read, write):
    dice = random.Random(1)
    words = ["a", 'in "quotes"', "com,ma", "line\nbreak", "é£", "", '"', "tail "]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(NAMES.split(","))
    # No break in the first field: the rest of such a record is by itself eight fields.
    writer.writerows(["1", *(dice.choice(words) for _ in range(7))] for _ in range(400))
    lines = csv.reader(io.StringIO(buffer.getvalue(), newline=""))
    started, expected = 1, []
    next(lines)
    for record in lines:
        if lines.line_num - started <= csv_files.MOST_LINES_JOINED:
            expected.append((started, *[field or None for field in record]))
        started = lines.line_num
    rows = read(write(buffer.getvalue()), max_unreadable_share=1)
    assert [(row[0], *row[2:10]) for row in rows if row[10] is None] == expected


# --- Parquet and XLSX ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("Quantity", pa.array([6, -1], pa.int16()), ["6", "-1"]),
        ("Quantity", pa.array([6.0, -1.0]), ["6", "-1"]),
        ("Quantity", pa.array([Decimal("6.00"), Decimal("10.00")]), ["6", "10"]),
        ("UnitPrice", pa.array([2.5500000000000003, 0.0001]), ["2.55", "0.0001"]),
        ("UnitPrice", pa.array([2.55, 0.1], pa.float32()), ["2.55", "0.1"]),
        ("UnitPrice", pa.array([Decimal("2.5500"), Decimal("100.0000")]), ["2.55", "100"]),
        ("UnitPrice", pa.array([Decimal(3), Decimal(100)], pa.decimal128(9, 0)), ["3", "100"]),
        ("CustomerID", pa.array([17850.0, float("nan")]), ["17850", None]),
        ("CustomerID", pa.array([4000000000000001.0, 4000000000000002.0]),
         ["4000000000000001", "4000000000000002"]),
        ("CustomerID", pa.array([2.0**53, 17850.5]), ["9007199254740992", "17850.5"]),
        ("CustomerID", pa.array([4e15 + 0.5, 4e15 + 1.5]),
         ["4000000000000000.5", "4000000000000001.5"]),
        ("CustomerID", pa.array([float("nan"), -0.0], pa.float32()), [None, "0"]),
        ("Description", pa.array([4e15 + 1, 0.1 + 0.2]), ["4000000000000001", "0.3"]),
        ("InvoiceNo", pa.array([536365.0, 1e15]), ["536365", "1000000000000000"]),
        ("StockCode", pa.array([22423.0, 2.0**24], pa.float32()), ["22423", "16777216"]),
        ("CustomerID", pa.array([b"00123", b""]), ["00123", None]),
        ("Country", pa.array(["EIRE", None]).dictionary_encode(), ["EIRE", None]),
        ("InvoiceDate", pa.array([14579, 14580], pa.date32()),
         ["2009-12-01 00:00:00", "2009-12-02 00:00:00"]),
        ("InvoiceDate", pa.array([datetime(2010, 12, 1, 8, 26)] * 2, pa.timestamp("ns")),
         ["2010-12-01 08:26:00"] * 2),
        ("InvoiceDate", pa.array([datetime(2010, 12, 1, 8, 26)] * 2, pa.timestamp("us", "UTC")),
         ["2010-12-01 08:26:00"] * 2),
        ("InvoiceDate", pa.array(["12/1/2010 8:26"] * 2), ["12/1/2010 8:26"] * 2),
    ],
)  # fmt: skip
def test_parquet_values_as_text(read, tmp_path, column, values, expected):
    table = pa.table({n: [v] * 2 for n, v in zip(NAMES.split(","), RECORD_1, strict=True)})
    table = table.set_column(table.column_names.index(column), column, values)
    pq.write_table(table, tmp_path / "t.parquet")
    rows = read(tmp_path / "t.parquet", max_unreadable_share=1)
    place = 2 + NAMES.split(",").index(column)
    assert [row[place] for row in rows] == expected
    assert [row[0] for row in rows] == [1, 2]


@pytest.mark.parametrize(
    ("column", "values", "shown"),
    [("CustomerID", pa.array([1.0, 2.0**53 + 2]),
      "row 2: CustomerID 9007199254740994 is stored as a number above 2^53"),
     ("CustomerID", pa.array([1.0, float("-inf")]), "row 2: CustomerID -inf"),
     ("StockCode", pa.array([2.0**24 + 2, 1.0], pa.float32()),
      "row 1: StockCode 16777218 is stored as a number above 2^24")],
)  # fmt: skip
def test_an_id_that_is_not_exact_is_refused(fails, tmp_path, column, values, shown):
    table = pa.table({n: [v] * 2 for n, v in zip(NAMES.split(","), RECORD_1, strict=True)})
    table = table.set_column(table.column_names.index(column), column, values)
    pq.write_table(table, tmp_path / "t.parquet")
    says(fails(tmp_path / "t.parquet"), shown, "Export the column as text")


def test_an_id_of_a_sheet_that_is_not_exact_is_refused(fails, tmp_path):
    row = [*RECORD_1[:6], 2.0**54, RECORD_1[7]]
    path = write_xlsx(tmp_path / "s.xlsx", S=[NAMES.split(","), list(RECORD_1), row])
    says(fails(path), "row 3 (the header is row 1): CustomerID 18014398509481980")


def test_ids_of_a_sheet_keep_their_digits(read, tmp_path):
    ids = [2.0**53, 2.0**53 - 1, 12345678901234.22, 12345678901234.25, 17850.5]
    rows = [[*RECORD_1[:6], each, RECORD_1[7]] for each in ids]
    found = read(write_xlsx(tmp_path / "s.xlsx", S=[NAMES.split(","), *rows]))
    assert [row[8] for row in found] == [
        "9007199254740992", "9007199254740991", "12345678901234.22", "12345678901234.25", "17850.5",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize(("zone", "stated", "as_stated"), [
    ("UTC", "UTC", "2026-01-02 23:30:00"),
    ("Europe/Berlin", "Europe/Berlin", "2026-01-03 00:30:00"),
    ("+05:00", "UTC", "2026-01-02 23:30:00"),
])  # fmt: skip
def test_times_with_a_zone_are_those_of_the_shop(read, tmp_path, unit, zone, stated, as_stated):
    table = pa.table({n: [v] for n, v in zip(NAMES.split(","), RECORD_1, strict=True)})
    at = pa.array([datetime(2026, 1, 2, 23, 30)], pa.timestamp(unit, zone))
    path = tmp_path / "t.parquet"
    pq.write_table(table.set_column(4, "InvoiceDate", at), path)
    assert read(path, shop_timezone="Europe/London")[0][6] == "2026-01-02 23:30:00"
    assert read(path, shop_timezone="Asia/Kolkata")[0][6] == "2026-01-03 05:00:00"
    assert reader.raw_files(str(path))["notes"][0].as_py() == ""
    assert read(path)[0][6] == as_stated
    assert reader.raw_files(str(path))["notes"][0].as_py() == (
        f"its times have a zone and were read as {stated}: set the shop's, as in VARS='shop_timezone: Europe/London'"
    )


@pytest.mark.parametrize("zone", ["Berlin", "europe/berlin", "localtime", "+01:00"])
def test_an_unknown_zone(fails, write, zone):
    message = fails(write(text(LINE_1)), shop_timezone=zone)
    says(message, f"shop_timezone '{zone}' is not known", "'Europe/London'")


def test_every_sheet_is_named(read, fails, tmp_path):
    path = write_xlsx(
        tmp_path / "shop.xlsx",
        Notes=[["About this file"], ["Country", "EIRE"]],
        January=[NAMES.split(","), list(RECORD_1), list(RECORD_2)],
        Draft=[NAMES.split(","), list(RECORD_1)],
        Empty=[],
        February=[NAMES.split(","), list(RECORD_1)],
        Older=[[], NAMES.split(","), list(RECORD_1), list(RECORD_2)],
    )

    def hide(**states):
        book = openpyxl.load_workbook(path)
        for name, state in states.items():
            book[name].sheet_state = state
        book.save(path)

    hide(Draft="hidden", Older="veryHidden")
    assert len(read(path)) == 3
    assert reader.raw_files(str(path))["notes"][0].as_py() == (
        "sheet 'Notes' (2 rows) has no header of invoice lines and was not read; sheet 'January' (2 rows)"
        " was read; sheet 'Draft' (2 rows) is hidden and was not read; sheet 'February' (1 row) was read;"
        " sheet 'Older' (3 rows) is hidden and was not read"
    )
    hide(January="hidden", February="hidden")
    says(fails(path), "all sheets with lines are hidden ('January', 'Draft', 'February', 'Older')")


def test_of_the_only_sheet_nothing_is_said(read, tmp_path):
    path = write_xlsx(tmp_path / "shop.xlsx", S=[NAMES.split(","), list(RECORD_1)], Empty=[])
    assert fields(read(path)) == [RECORD_1]
    assert reader.raw_files(str(path))["notes"][0].as_py() == ""


def test_xlsx_sheets_empty_rows_and_values(read, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_files, "CHUNK_ROWS", 2)
    header = ["Country", *NAMES.split(",")[:7]]
    path = write_xlsx(
        tmp_path / "shop.xlsx",
        Notes=[["About this file"], ["Country", "EIRE"]],
        Empty=[],
        First=[
            [],
            header,
            ["EIRE", 1, "22423", "x", 1.0, datetime(2010, 12, 1, 8, 26), 2.5500000000000003, 9.0],
            [None],
            ["EIRE", 2, "0022", "y", 2, "12/1/2010 8:26", 0.0001, "007"],
            [""],
            [None],
        ],
        Second=[NAMES.split(","), list(RECORD_1)],
    )
    assert read(path, max_unreadable_share=1) == [
        (1, "shop.xlsx", "1", "22423", "x", "1", "2010-12-01 08:26:00", "2.55", "9", "EIRE", None),
        (2, "shop.xlsx", *[None] * 8, ""),
        (3, "shop.xlsx", "2", "0022", "y", "2", "12/1/2010 8:26", "0.0001", "007", "EIRE", None),
        (4, "shop.xlsx", *RECORD_1, None),
    ]


def test_xlsx_seconds_are_kept_through_the_binary_day_fraction(read, tmp_path):
    days = [[*RECORD_1[:4], datetime(2010, 12, 1, 8, m, s), *RECORD_1[5:]]
            for m in range(60) for s in (0, 1, 29, 59)]  # fmt: skip
    rows = read(write_xlsx(tmp_path / "s.xlsx", S=[NAMES.split(","), *days]))
    assert [row[6] for row in rows] == [day[4].strftime("%Y-%m-%d %H:%M:%S") for day in days]


# --- failures of the file --------------------------------------------------------------------


def says(message, *parts):
    for part in parts:
        assert part in message, (part, message)


def test_missing_folder_and_glob(fails, tmp_path):
    says(fails(tmp_path / "no.csv"), "does not exist", "Set RAW_INVOICES")
    says(fails(tmp_path), "is a folder", f"{tmp_path}/*.csv")
    says(fails(tmp_path / "*.csv"), "no file matches", "Correct RAW_INVOICES")


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"", "is empty", NAMES),
        (b"\n \r\n\n", "is empty", NAMES),
        (b"\xef\xbb\xbf", "is empty", NAMES),
        (gzip.compress(b"", mtime=0), "is empty", NAMES),
        (text(), "header and no records", "Export the invoice lines"),
        (text() + "\r\n", "header and no records", "Export the invoice lines"),
        (LINE_1 + "\n" + LINE_2, f"the first line names no column that is known: '{LINE_1}'", NAMES),
        ("a,b\n1,2\n", "the first line names no column that is known: 'a,b'", NAMES),
        ("<html>\n<body>", "no column that is known: '<html>'", "Add a header"),
        (text(LINE_1).replace("Quantity", "Zahl").replace("UnitPrice", "Preis"),
         "column missing: quantity, unit_price or line_total (found: InvoiceNo, StockCode, Description, Zahl,",
         "Correct the header, or map its columns"),
        (text(LINE_1).replace("Country", "quantity"),
         "duplicate header names: Quantity and quantity", "Rename or remove"),
        (text(LINE_1, end="\r"), "CR alone", "Save it with LF or CRLF"),
        (text(LINE_1).encode("utf-32"), "UTF-32", "CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "picture (PNG)", "Give an invoice file: CSV"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), "picture (JPEG)", "Give an invoice file"),
        (b"GIF89a" + bytes(99), "picture (GIF)", "Give an invoice file"),
        (b"BM\x36\0\0\0\0\0" + bytes(99), "picture (BMP)", "Give an invoice file"),
        (b"%PDF-1.7\n", "PDF", "Give an invoice file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "password-protected workbook or an old",
         "Save it as .xlsx without a password"),
        (b"BZh91AY&SY", "cut short", "Copy or download it again"),
        (gzip.compress(gzip.compress(text(LINE_1).encode())), "inside a gzip file", "Unpack it"),
        (gzip.compress(text(*[LINE_1] * 999).encode())[:-9], "cut short", "Copy or download it"),
        (gzip.compress(text(NOISE).encode())[:9_000], "cut short", "Copy or download it again"),
        (gzip.compress(text(LINE_1).encode()) + b"rubbish", "damaged", "Copy or download it again"),
        (gzip.compress(text(LINE_1).encode())[:-8] + bytes(8), "damaged", "Copy or download"),
        (b"\x1f\x8b", "cut short", "Copy or download it again"),
        (b"PAR1 and no more", "not a complete Parquet file", "Export or copy it again"),
        (b"PK\x03\x04 and no more", "not a complete Excel workbook", "Save or copy it again"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(fails, write, content, what, remedy):
    says(fails(write(content)), what, remedy)


@pytest.mark.parametrize(
    ("name", "what"),
    [("x.xlsx", "is not an Excel workbook in spite of its name: it begins 'rubbish'"),
     ("x.parquet", "is not a Parquet file in spite of its name: it begins 'rubbish'")],
)  # fmt: skip
def test_rubbish_under_a_good_name(fails, write, name, what):
    says(fails(write("rubbish\n", name)), what, "Export it again")


def test_a_zip_and_broken_or_unfitting_workbooks(fails, write, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("2010.csv", text(LINE_1))
        archive.writestr("2011.csv", text(LINE_1))
    says(fails(tmp_path / "a.zip"), "holds 2 files (2010.csv, 2011.csv)", "Unpack it")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "rubbish")
    says(fails(tmp_path / "b.xlsx"), "not a complete Excel workbook", "Save it again as .xlsx")
    path = write_xlsx(tmp_path / "c.xlsx", Notes=[["a", "b"], [1, 2]], Leer=[])
    says(fails(path), "no sheet has a header line", "'Notes': a, b; 'Leer': empty", NAMES)
    path = write_xlsx(tmp_path / "d.xlsx", Lines=[NAMES.split(",")])
    says(fails(path), "header and no records", "Export the invoice lines")
    whole = write_xlsx(tmp_path / "e.xlsx", Lines=[NAMES.split(","), RECORD_1]).read_bytes()
    says(fails(write(whole[: len(whole) // 2], "f.xlsx")), "not a complete Excel", "Save or copy")


def test_a_sheet_with_one_column_missing_is_not_skipped(fails, tmp_path):
    path = write_xlsx(
        tmp_path / "years.xlsx",
        y2010=[NAMES.split(","), RECORD_1],
        y2011=[NAMES.replace("Quantity", "Stock").split(","), RECORD_1],
    )
    says(fails(path), "sheet 'y2011'", "column missing: Quantity", "Stock", "Add it")


def test_parquet_failures(fails, write, tmp_path):
    columns = dict(zip(NAMES.split(","), [[value] for value in RECORD_1], strict=True))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({n: v for n, v in columns.items() if n != "Quantity"}), path)
    says(fails(path), "column missing: Quantity (found: InvoiceNo,", "Add it")
    pq.write_table(pa.table(columns | {"invoice no": ["1"]}), path)
    says(fails(path), "duplicate header names: InvoiceNo and invoice no", "Rename")
    pq.write_table(pa.table(columns).slice(0, 0), path)
    says(fails(path), "header and no records", "Export")
    pq.write_table(pa.table(columns), path)
    says(
        fails(write(path.read_bytes()[:-20], "b.parquet")),
        "not a complete Parquet",
        "Export or copy",
    )
    spoilt = bytearray(path.read_bytes())
    spoilt[4:40] = bytes(range(100, 136))
    says(fails(write(bytes(spoilt), "c.parquet")), "not a complete Parquet", "Export or copy")


def test_an_unreadable_file(fails, write, monkeypatch):
    path = write(text(LINE_1))

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(packed, "open", denied, raising=False)
    says(fails(path), "permission denied", "right to read it")


def test_one_bad_file_of_a_glob_is_named(fails, write, tmp_path, session):
    write(text(LINE_1), "a.csv")
    bad = write(text(LINE_1).replace("Quantity", "Stock"), "b.csv")
    with pytest.raises(reader.InputFileError, match="column missing: Quantity") as caught:
        reader.read_invoices(session, str(tmp_path / "*.csv"), **SETTINGS)
    assert str(caught.value).startswith(f"{bad}: ")


def test_a_line_without_end_is_refused(fails, write, monkeypatch):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(csv_files, "LONGEST_LINE_BYTES", 1 << 20)
    says(fails(write(text("x" * (3 << 20)))), "a line of more than 1 MB", "Check that it is a CSV")


# --- failures of the content -----------------------------------------------------------------


def dated(*dates):
    return [LINE_1.replace("12/1/2010 8:26", date) for date in dates]


def test_d_m_yyyy_is_refused_and_can_be_set(fails, read, write):
    path = write(text(*dated("1/12/2010 8:26", "13/12/2010 8:26")))
    message = fails(path)
    says(message, "look like d/m/yyyy", "line 3 (the header is line 1)", "13/12/2010 8:26")
    says(message, "Set date_format to 'd/m/yyyy'")
    assert [row[6] for row in read(path, date_format="d/m/yyyy")] == [
        "1/12/2010 8:26",
        "13/12/2010 8:26",
    ]
    path = write(text(*dated("12/13/2010 8:26")))
    says(fails(path, date_format="d/m/yyyy"), "look like m/d/yyyy", "Set date_format to 'm/d/yyyy'")


def test_the_majority_decides_the_order_of_dates(fails, read, write):
    days = [f"12/{day}/2010 8:26" for day in range(1, 32)]  # 19 days above 12
    assert len(read(write(text(*dated(*days, "31/1/2010 8:26"))))) == 32
    says(fails(write(text(*dated(*days, *["31/1/2010 8:26"] * 20)))), "look like d/m/yyyy")
    tie = write(text(*dated(*days, *["31/1/2010 8:26"] * 19)))
    assert len(read(tie, max_unreadable_share=1)) == 50


@pytest.mark.parametrize(
    "date",
    ["12/1/2010 8:26", "12/01/2010 08:26:59", "2010-12-01", "2010-12-01 08:26",
     "2010-12-01T08:26:00", " 12/1/2010 8:26 "],
)  # fmt: skip
def test_readable_dates(read, write, date):
    assert read(write(text(*dated(date))), max_unreadable_share=0)[0][6] == date


@pytest.mark.parametrize("date", ["", "yesterday", "2/30/2010 8:26", "31.31.2010 8:26", "40513.35"])
def test_unreadable_dates(fails, write, date):
    says(fails(write(text(*dated(date)))), "1 of 1 lines (100.0%)", "1 date", "date_format")


@pytest.mark.parametrize("value", ["1.5", "0x10", "", "1 00", "12345678901"])
def test_unreadable_quantities(fails, write, value):
    says(fails(write(text(LINE_1.replace(",6,", f",{value},")))), "(1 quantity)")


@pytest.mark.parametrize("value", ["£", "2.5.5", "", '"1,00.5"', "NaN"])
def test_unreadable_prices(fails, write, value):
    says(fails(write(text(LINE_1.replace(",2.55,", f",{value},")))), "(1 price)")


def test_too_many_unreadable_lines_are_counted_and_the_first_is_shown(fails, read, write):
    bad = ["oops", LINE_1.replace(",6,", ",six,"), *dated("?"), LINE_1.replace("2.55", "two")]
    path = write("\n" + text(*[LINE_1] * 75, *bad))
    message = fails(path)
    says(message, "4 of 79 lines (5.1%) are unreadable, more than 5.0%")
    says(message, "(1 not of the header's shape, 1 quantity, 1 date, 1 price)")
    says(message, "first line 78 (the header is line 2): 'oops'", "Correct the file")
    assert len(read(write(text(*[LINE_1] * 76, *bad)))) == 80  # 4 of 80 are 5%, and no more
    says(fails(path, max_unreadable_share=0.01), "more than 1.0%")


def test_positions_in_sheets_and_in_a_second_file(fails, write, tmp_path, session):
    path = write_xlsx(
        tmp_path / "s.xlsx",
        One=[NAMES.split(","), RECORD_1, RECORD_1],
        Two=[[], NAMES.split(","), RECORD_1, [*RECORD_1[:3], "six", *RECORD_1[4:]]],
    )
    says(fails(path), "sheet 'Two'", "first row 4 (the header is row 2)", "six")
    write(text(LINE_1, LINE_1), "1.csv")
    write(text(LINE_1, "oops"), "2.csv")
    with pytest.raises(reader.InputFileError, match=r"2\.csv: 1 of 2 lines .* line 3 "):
        reader.read_invoices(session, str(tmp_path / "?.csv"), **SETTINGS)


def test_an_unknown_date_format(fails, write):
    message = fails(write(text(LINE_1)), date_format="dd.mm.yyyy")
    says(message, "date_format 'dd.mm.yyyy' is not known", "'m/d/yyyy' or 'd/m/yyyy'")


# --- how it fails ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", text("oops"), gzip.compress(text(*[LINE_1] * 999).encode())[:-9], b"PAR1"]
)
def test_the_error_prints_as_one_line(session, write, content):
    path = write(content)
    try:
        reader.read_invoices(session, str(path), **SETTINGS)
    except reader.InputFileError as error:  # printed as dbt-duckdb's run_python_job does
        printed = "".join(traceback.format_exception(error))
    assert printed.startswith(f"InputFileError: {path}: ")
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize("content", [text("oops"), gzip.compress(text(LINE_1).encode())[:-9]])
def test_after_a_failure_everything_is_as_it_was(tmp_path, write, content):
    path = write(content)
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        session = connection.cursor()
        session.execute("create table raw_invoice_lines as select 42 as answer")
        session.execute("begin")
        with pytest.raises(reader.InputFileError):
            reader.read_invoices(session, str(path), **SETTINGS)
        # The transaction is alive, and nothing of the reader's is left.
        assert session.execute("from raw_invoice_lines").fetchall() == [(42,)]
        names = "select table_name from information_schema.tables"
        assert session.execute(names).fetchall() == [("raw_invoice_lines",)]
        session.execute("commit")
        relation = reader.read_invoices(session, str(write(text(LINE_1))), **SETTINGS)
        session.register("as_dbt_does", relation)
        session.execute("create or replace table raw_invoice_lines as from as_dbt_does")
        assert session.execute("select line_id from raw_invoice_lines").fetchall() == [(1,)]


# --- raw_files -------------------------------------------------------------------------------


# what raw_files says of the format
UCI = (
    "UCI Online Retail", "uci.yml", "",
    "The data's description does not say whether prices include tax.", "C", "duplicate", False, "", True,
)  # fmt: skip


def test_raw_files(write, tmp_path):
    one = write(text(LINE_1), "a.csv").read_bytes()
    two = f"\n{NAMES},Stand,,VAT\n{LINE_2},paid,,20\n".encode()
    write(two, "b.csv")
    table = reader.raw_files(str(tmp_path / "*.csv"), **SETTINGS)
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        (
            1,
            "a.csv",
            len(one),
            hashlib.sha256(one).hexdigest(),
            1,
            1,
            1,
            "",
            "m/d/yyyy",
            "",
            "",
            *UCI,
        ),
        (
            2,
            "b.csv",
            len(two),
            hashlib.sha256(two).hexdigest(),
            2,
            2,
            1,
            "Stand, VAT",
            "m/d/yyyy",
            "",
            "",
            *UCI,
        ),
    ]
    assert table.column_names == reader.FILE_COLUMNS
    with pytest.raises(reader.InputFileError, match="does not exist"):
        reader.raw_files(str(tmp_path / "c.csv"), **SETTINGS)
