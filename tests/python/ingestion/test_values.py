"""Numbers and dates as exports write them: each read to the right plain text, or left as it is."""

from decimal import Decimal

import duckdb
import pytest
from gift_shop.ingestion import files, values
from gift_shop.ingestion.files import FIELDS, InputFileError, Part
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def session():
    with duckdb.connect() as connection:
        yield connection


def read(session, columns, *, delimiter=",", part_no=0, **signs):
    """The result, and the columns after it; `columns` gives the texts of each field."""
    fields = ", ".join(f"{field} varchar" for field in FIELDS)
    session.execute(
        f"create or replace temp table sales (line_id bigint, part_no integer, {fields})"
    )
    rows = list(zip(*columns.values(), strict=True))
    session.executemany(
        f"insert into sales (line_id, part_no, {', '.join(columns)})"
        f" values (?, {part_no}{', ?' * len(columns)})",
        [(line_id, *row) for line_id, row in enumerate(rows, 1)],
    )
    part = Part(part_no, "shop.csv", 0, 1, delimiter=delimiter)
    plain = values.plain_values(session, "sales", part, **signs)
    found = session.execute(f"select {', '.join(columns)} from sales order by line_id").fetchall()
    return plain, dict(zip(columns, map(list, zip(*found, strict=True)), strict=True))


def prices(session, *texts, **signs):
    return read(session, {"unit_price": texts}, **signs)[1]["unit_price"]


AMOUNTS = {
    "1,250.50": "1250.5",
    "1,250,000": "1250000",
    "£2.55": "2.55",
    "GBP 2.55": "2.55",
    "-£12.00": "-12",
    "£-12.00": "-12",
    "(12.00)": "-12",
    "(£12.00)": "-12",
    "£(12.00)": "-12",
    "12.00-": "-12",
    "12.00- £": "-12",
    "\u221212.50": "-12.5",
    "1 250.5": "1250.5",
    "1\u00a0250.5": "1250.5",
    "1\u202f250.5": "1250.5",
    "1'250.50": "1250.5",
    "1\u2019250.50": "1250.5",
    "0.30000000000000004": "0.3",
    "1e-05": "0",
    "1.5E+3": "1500",
    "+5": "5",
    "-0.00": "0",
    ".5": "0.5",
    # plain already, to the sign
    "2.50": "2.50",
    "007": "007",
    "-12": "-12",
    " 1.2500 ": " 1.2500 ",
    # no numbers
    "1,25.00": "1,25.00",
    "1,250,00": "1,250,00",
    "1 250'000": "1 250'000",
    "1250,000.00": "1250,000.00",
    "--5": "--5",
    "(5": "(5",
    "-(5)": "-(5)",
    "10 %": "10 %",
    "n/a": "n/a",
    "nan": "nan",
    "": "",
}


def test_amounts_in_a_file_of_commas(session):
    assert dict(zip(AMOUNTS, prices(session, *AMOUNTS, decimal="."), strict=True)) == AMOUNTS


def test_amounts_with_a_decimal_comma(session):
    texts = ["2,55", "12,00 €", "1.250", "1.250,50", "1\u202f250,50", "-0,5", "12.5", "3"]
    plain, found = read(session, {"unit_price": texts}, delimiter=";", decimal=",")
    assert found["unit_price"] == ["2.55", "12", "1250", "1250.5", "1250.5", "-0.5", "12.5", "3"]
    assert plain.decimal == ","


@pytest.mark.parametrize(
    ("texts", "delimiter", "expected"),
    [
        (["2,55", "1.250"], ";", ["2.55", "1250"]),
        (["2.55", "1,250"], ";", ["2.55", "1250"]),
        (["1,2500", "1.250"], ",", ["1.25", "1250"]),
        (["1.250.000", "1,250"], ";", ["1250000", "1.25"]),
        (["0,250", "1.250"], ";", ["0.25", "1250"]),
        (["1234,567", "1.250"], "\t", ["1234.567", "1250"]),
        (["1,250", "1.250"], ",", ["1250", "1.250"]),
        (["3", "4"], ";", ["3", "4"]),
    ],
)
def test_the_decimal_sign_is_settled_by_what_can_only_be_read_one_way(
    session, texts, delimiter, expected
):
    assert prices(session, *texts, delimiter=delimiter) == expected


def test_quantities_and_amounts_are_of_one_kind(session):
    columns = {"quantity": ["1.250", "6,0"], "unit_price": ["2,55", "1"]}
    assert read(session, columns, delimiter=";")[1] == {
        "quantity": ["1250", "6"],
        "unit_price": ["2.55", "1"],
    }


def test_thousands_signs_that_are_set(session):
    assert prices(session, "1.250", "1 250", delimiter=";", thousands=".") == ["1250", "1 250"]
    assert prices(session, "1,250", delimiter=";", thousands=",") == ["1250"]
    texts = "1\u00a0250", "1'250"
    assert prices(session, *texts, decimal=",", thousands="\u00a0") == ["1250", "1'250"]


def test_a_file_that_says_nothing_is_refused_with_both_readings(session):
    with pytest.raises(InputFileError) as caught:
        prices(session, "3", "1,250", delimiter=";")
    assert str(caught.value) == (
        "shop.csv: nothing tells whether '1,250' in line 3 (the header is line 1) is 1250 with decimal: '.'"
        " or 1.250 with decimal: ','. Set decimal in the mapping (RAW_MAPPING) to '.' or ','."
    )


def test_evidence_of_both_signs_is_refused_with_an_example_of_each(session):
    with pytest.raises(InputFileError) as caught:
        prices(session, "2.55", "2,55", "3.5")
    assert str(caught.value) == (
        "shop.csv: some of its numbers have a decimal point (2), as '2.55' in line 2 (the header is line 1)"
        " and a decimal comma (1), as '2,55' in line 3 (the header is line 1)."
        " Correct them, or set decimal in the mapping (RAW_MAPPING) to the right one."
    )
    assert prices(session, "2.55", "2,55", decimal=".") == ["2.55", "2,55"]


def test_quantities(session):
    texts = {"6.0": "6", "1,000": "1000", "0.250": "0.25", "-1.0": "-1", "-0": "0", "1e3": "1000"}
    texts |= {"12": "12", "-3": "-3", "0.125": "0.125", "£5": "£5", "5 kg": "5 kg"}
    plain, found = read(session, {"quantity": list(texts)})
    assert dict(zip(texts, found["quantity"], strict=True)) == texts
    assert plain.rounded == 0


def test_long_decimals_are_rounded_half_even_and_counted(session):
    amounts = ["0.00005", "0.00015", "-0.00015", "0.00025001", "1.50000"]
    weights = ["0.0005", "0.0015", "0.00251", "2", "2"]
    plain, found = read(session, {"unit_price": amounts, "quantity": weights})
    assert found["unit_price"] == ["0", "0.0002", "-0.0002", "0.0003", "1.5"]
    assert found["quantity"] == ["0", "0.002", "0.003", "2", "2"]
    assert plain.rounded == 4 + 3
    assert "; ".join(plain.notes) == (
        "4 amounts with more than 4 decimals were rounded half to even, the first is '0.00005' in line 2"
        " (the header is line 1); 3 quantities with more than 3 decimals were rounded half to even, the first is '0.0005' in line 2"
        " (the header is line 1)"
    )


def test_amounts_with_several_currency_signs_are_refused(session):
    with pytest.raises(InputFileError, match=r"2 currencies \(2 with EUR, 1 with GBP\)"):
        prices(session, "€2.00", "2.00 EUR", "£3.00")
    columns = {"unit_price": ["€2.00", "£3.00"], "currency": ["EUR", "GBP"]}
    assert read(session, columns)[1]["unit_price"] == ["2", "3"]


def test_another_part_is_not_touched(session):
    read(session, {"unit_price": ["£2.00"]})
    values.plain_values(session, "sales", Part(1, "other.csv", 1))
    session.execute("update sales set unit_price = '£2.00'")
    values.plain_values(session, "sales", Part(1, "other.csv", 1))
    assert session.execute("select unit_price from sales").fetchall() == [("£2.00",)]


STYLES = [
    ("{:,}", ".", ","),
    ("£{:,}", ".", ","),
    ("{:,} USD", ".", ","),
    ("{:,}", ".", " "),
    ("{:,}", ".", "'"),
    ("{:,}", ",", "."),
    ("{:,} €", ",", "\u00a0"),
    ("{:,}", ",", "\u202f"),
    ("CHF {:,}", ",", "\u2019"),
    ("{}", ",", ""),
]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=9), st.sampled_from(STYLES),
       st.sampled_from(["-{}", "({})", "{}-"]))  # fmt: skip
def test_any_amount_comes_back_exactly(amounts, style, negative):
    pattern, decimal, thousands = style
    signs = str.maketrans({".": decimal, ",": thousands})
    texts = [
        (negative if amount < 0 else "{}").format(pattern.format(abs(amount)).translate(signs))
        for amount in amounts
    ]
    with duckdb.connect() as own:
        plain, found = read(own, {"unit_price": texts}, delimiter=";", decimal=decimal)
    assert [Decimal(text) for text in found["unit_price"]] == amounts
    assert plain.rounded == 0


DATES = {
    "2026-03-28 22:29:09 -0700": "2026-03-29 07:29:09",  # summer time began that night
    "2025-09-20T09:15:00+00:00": "2025-09-20 11:15:00",
    "2025-09-20T09:15:00.123+02": "2025-09-20 09:15:00",
    "2026-01-02T23:30:00Z": "2026-01-03 00:30:00",
    "2026-01-02 23:30:00 UTC": "2026-01-03 00:30:00",
    "Fri, 2 Jan 2026 23:30:00 +0000": "2026-01-03 00:30:00",
    "2026-01-02 13:05:00.000": "2026-01-02 13:05:00",
    "2026-01-02\u00a013:05": "2026-01-02 13:05:00",
    "2026/1/2 3:04": "2026-01-02 03:04:00",
    "20260102": "2026-01-02 00:00:00",
    "1/2/2026 1:05 PM": "1/2/2026 13:05",
    "1/2/2026 1:05\u202fPM": "1/2/2026 13:05",
    "08/15/2026, 02:00 pm": "08/15/2026 14:00",
    "1/2/2026 12:05:30 a.m.": "1/2/2026 0:05:30",
    "12/26/21": "12/26/2021 0:00",
    "12/1/10 8:26": "12/1/2010 8:26",
    "1/2/2026": "1/2/2026 0:00",
    "31-12-2025 8:05": "31/12/2025 8:05",
    "2.1.2026 13:05": "2026-01-02 13:05:00",
    "02.01.26": "2026-01-02 00:00:00",
    "12-Nov-2011": "2011-11-12 00:00:00",
    "12-Nov-11 8:26": "2011-11-12 08:26:00",
    "1 November 2011": "2011-11-01 00:00:00",
    "Nov 1, 2011": "2011-11-01 00:00:00",
    "Sept. 3rd, 2011 1:05 pm": "2011-09-03 13:05:00",
    # readable already
    "12/1/2010 8:26": "12/1/2010 8:26",
    "2010-12-01": "2010-12-01",
    "2010-12-01T08:26:00": "2010-12-01T08:26:00",
    # no dates
    "30.02.2026": "30.02.2026",
    "13/13/2021": "13/13/2021",
    "1/2/2026 13:05 PM": "1/2/2026 13:05 PM",
    "1/2/2026 25:00": "1/2/2026 25:00",
    "1/2/2026 11:30 PM +0100": "1/2/2026 11:30 PM +0100",
    "01022026": "01022026",
    "yesterday": "yesterday",
    "": "",
}


@pytest.mark.parametrize("field", ["invoice_date", "refunded_at"])
def test_dates_in_the_zone_of_the_shop(session, field):
    plain, found = read(session, {field: list(DATES)}, zone="Europe/Berlin")
    assert dict(zip(DATES, found[field], strict=True)) == DATES
    assert plain.notes == ()


def test_without_a_zone_times_stay_as_written_and_it_is_said(session):
    texts = ["2026-03-28 22:29:09 -0700", "2026-01-02T23:30:00Z", "1/2/2026 11:30 PM +0100"]
    plain, found = read(session, {"invoice_date": texts})
    assert found["invoice_date"] == ["2026-03-28 22:29:09", "2026-01-02 23:30:00", "1/2/2026 23:30"]
    assert plain.notes == (
        "its times have a zone and were read as they are written: set the shop's, as in VARS='shop_timezone: Europe/London'",
    )


def test_a_plain_part_is_left_alone_and_leaves_no_table(session):
    columns = {
        "quantity": ["6", None],
        "unit_price": ["2.55", None],
        "invoice_date": ["12/1/2010 8:26", None],
    }
    assert read(session, columns) == (values.Plain(), columns)
    names = [
        name for (name,) in session.execute("select table_name from duckdb_tables()").fetchall()
    ]
    assert values.TEXTS.removeprefix("temp.") not in names


def test_every_field_with_a_value_to_rewrite_is_of_a_kind():
    others = {
        "line_no",
        "category",
        "product_group",
        "status",
        "left_out_reason",
        "is_refunded",
        "currency",
    }
    texts = {"invoice_no", "stock_code", "description", "customer_id", "country", "may_contact"}
    read_here = {*values.QUANTITIES, *values.MONEY, *values.DATES}
    assert read_here == set(files.FIELDS) - others - texts
