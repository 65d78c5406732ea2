"""Bad input of many kinds: each ends in a green result with its lines in the ledger, or an error.

What the reader refuses by itself is in test_reader.py and test_refused_files.py. Here each odd line or
odd shop goes through the reader and the SQL without dbt, and some go through a whole build.
"""

import csv
import io
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
import sql_models
from gift_shop.ingestion import reader
from shop import Shop
from sql_shop import CLEANING, SqlShop, assert_reconciled, totals, write

# Forty plain lines stand around the odd one, so that it is less than the twentieth part at which a
# file is refused: 40 customers, one cup of 1.50 each, in the 29 days of February 2012.
DAYS = 29
GOOD = [f"{n},CUP,RED CUP,1,2/{1 + n % DAYS}/2012 10:00,1.50,{20000 + n},France" for n in range(40)]
SALE = ("sale", "bought by an identified customer")
ANONYMOUS = ("anonymous_sale", "no customer")
DATE = ("invalid", "date not readable")
PLAUSIBLE = ("invalid", "date outside 2000-01-01 to 2099-12-31")
QUANTITY = ("invalid", "quantity not readable")
PRICE = ("invalid", "price not readable")
FREE = ("adjustment", "price not above zero")


def line(invoice="99", code="MUG", text="BLUE MUG", quantity="2", at="2/3/2012 11:00",
         price="2.50", customer="17850", country="France") -> str:  # fmt: skip
    """One record; fields that need quotes get them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(
        [invoice, code, text, quantity, at, price, customer, country]
    )
    return out.getvalue().removesuffix("\n")


# name: (line, its class and reason, what else staging must have made of it)
ODD_LINES = {
    # dates
    "29 February": (line(at="2/29/2012 9:00"), SALE, {"invoiced_at": datetime(2012, 2, 29, 9)}),
    "29 February of a common year": (line(at="2/29/2011 9:00"), DATE, {}),
    "30 February": (line(at="2/30/2012 9:00"), DATE, {}),
    "month 13": (line(at="13/13/2012 9:00"), DATE, {}),
    "month 0": (line(at="0/3/2012 9:00"), DATE, {}),
    "day first, once": (line(at="15/2/2012 9:00"), DATE, {}),
    "ISO": (line(at="2012-02-03T09:00:05"), SALE, {"invoiced_at": datetime(2012, 2, 3, 9, 0, 5)}),
    "ISO without time": (line(at="2012-02-03"), SALE, {"invoiced_at": datetime(2012, 2, 3)}),
    "seconds": (line(at="2/3/2012 9:00:59"), SALE, {"invoiced_at": datetime(2012, 2, 3, 9, 0, 59)}),
    "hour 24": (line(at="2/3/2012 24:00"), DATE, {}),
    "minute 60": (line(at="2/3/2012 9:60"), DATE, {}),
    "a spreadsheet's day number": (line(at="40942.375"), DATE, {}),
    "year 1900": (line(at="1/1/1900 0:00"), PLAUSIBLE, {}),
    "year 2100": (line(at="1/1/2100 0:00"), PLAUSIBLE, {}),
    "no date": (line(at=""), DATE, {"invoiced_at": None}),
    # quantities
    "half a unit": (line(quantity="1.5"), SALE, {"quantity": Decimal("1.5")}),
    "eleven digits": (line(quantity="99999999999"), QUANTITY, {"quantity": None}),
    "nine digits": (
        line(quantity="999999999", price="999999999.9999"),
        SALE,
        {"amount": 999999999 * Decimal("999999999.9999")},
    ),
    "hexadecimal": (line(quantity="0x10"), QUANTITY, {"quantity": None}),
    "minus zero": (line(quantity="-0"), ("invalid", "quantity is zero"), {"quantity": 0}),
    "blanks around": (line(quantity=" \t7\u00a0"), SALE, {"quantity": 7}),
    "Arabic digits": (line(quantity="\u0663"), QUANTITY, {"quantity": None}),
    # prices
    "decimal comma": (line(price="2,55"), PRICE, {"unit_price": None}),
    "negative price": (line(price="-2.55"), FREE, {"unit_price": Decimal("-2.55")}),
    "free": (line(price="0.0000"), FREE, {"amount": 0}),
    "NaN": (line(price="NaN"), PRICE, {"unit_price": None}),
    "infinite": (line(price="inf"), PRICE, {"unit_price": None}),
    "twenty digits": (line(price="1" * 20), PRICE, {"unit_price": None}),
    # customers
    "customer in blanks": (line(customer="  17850 "), SALE, {"customer_id": "17850"}),
    "customer of two words": (line(customer="Ann  17"), SALE, {"customer_id": "Ann  17"}),
    "customer of a spreadsheet": (line(customer="17850.0"), SALE, {"customer_id": "17850"}),
    "customer of letters": (line(customer="Ann-17"), SALE, {"customer_id": "Ann-17"}),
    "leading zeros": (line(customer="00123"), SALE, {"customer_id": "00123"}),
    "customer 1e5": (line(customer="1e5"), SALE, {"customer_id": "1e5"}),
    "customer of blanks": (line(customer=" \u00a0 "), ANONYMOUS, {"customer_id": None}),
    "customer .0": (line(customer=".0"), ANONYMOUS, {"customer_id": None}),
    "customer 0": (line(customer="0"), ANONYMOUS, {"customer_id": None}),
    "customer nan": (line(customer="nan"), ANONYMOUS, {"customer_id": None}),
    "customer NULL": (line(customer="NULL"), ANONYMOUS, {"customer_id": None}),
    "customer N/A": (line(customer=" N/A "), ANONYMOUS, {"customer_id": None}),
    "customer \\N": (line(customer="\\N"), ANONYMOUS, {"customer_id": None}),
    "customer Guest": (line(customer="Guest"), ANONYMOUS, {"customer_id": None}),
    "customer -1.0": (line(customer="-1.0"), ANONYMOUS, {"customer_id": None}),
    "customer 00": (line(customer="00"), SALE, {"customer_id": "00"}),
    "customer of SQL": (line(customer="1' or '1'='1"), SALE, {"customer_id": "1' or '1'='1"}),
    # texts
    "quotes": (line(text='12" "BEST" RULER'), SALE, {"description": '12" "BEST" RULER'}),
    "line break": (line(text="RED\nCUP"), SALE, {"description": "RED\nCUP"}),
    "tabs": (line(text="\tRED\tCUP\t"), SALE, {"description": "RED\tCUP"}),
    "emoji": (line(text="☕ CUP 👨‍👩‍👧"), SALE, {"description": "☕ CUP 👨‍👩‍👧"}),
    "right to left": (line(text="كوب \u202eأحمر"), SALE, {"description": "كوب \u202eأحمر"}),
    "HTML": (line(text="<script>alert(1)</script>"), SALE, {"description": "<script>alert(1)</script>"}),
    "SQL": (line(text="'); drop table int_sales; --"), SALE, {"description": "'); drop table int_sales; --"}),
    "a template": (line(text="{{ 7 * 7 }} {% raw %} %s $1"), SALE, {"description": "{{ 7 * 7 }} {% raw %} %s $1"}),
    "a formula": (line(text="=cmd|' /C calc'!A0"), SALE, {"description": "=cmd|' /C calc'!A0"}),
    "no description": (line(text=""), SALE, {"description": None}),
    "a very long text": (line(text="X" * 100_000), SALE, {"description": "X" * 100_000}),
    # codes and invoices
    "code of another case": (line(code=" mug "), SALE, {"stock_code": "MUG"}),
    "code with a blank inside": (line(code="mug  a"), SALE, {"stock_code": "MUG  A"}),
    "no code": (
        line(code="  "),
        ("sale", "bought by an identified customer; product code from the description"),
        {"stock_code": "BLUE MUG"},
    ),
    "no code and no description": (
        line(code="", text=" "),
        ("invalid", "stock code and description missing"),
        {},
    ),
    "no invoice": (line(invoice=""), ("invalid", "invoice number missing"), {}),
    "a fee in small letters": (line(code="post"), ("non_product", "postage"), {}),
    "a voucher": (line(code="gift_0001_20"), ("non_product", "gift voucher"), {}),
    "a small c cancels": (
        line(invoice="c99", quantity="-2"),
        ("return", "returned by an identified customer"),
        {"invoice_no": "C99"},
    ),
    "negative without a cancellation": (
        line(quantity="-2"),
        ("return", "returned outside a cancellation"),
        {},
    ),
    "the same, nobody's": (line(quantity="-2", customer=""), ("anonymous_return", "no customer"), {}),
    "positive in a cancellation": (line(invoice="C99"), SALE, {}),
    "a stock correction": (line(quantity="-2", price="0.00", customer=""), FREE, {}),
    # the shape
    "a field too many": (line() + ",", ("malformed", "not a record of the file's shape"), {}),
    "half a line": (line()[:20], ("malformed", "not a record of the file's shape"), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_LINES)
def test_an_odd_line_is_in_the_ledger(tmp_path, name):
    odd, found, expected = ODD_LINES[name]
    with SqlShop(write(tmp_path / "shop.csv", [*GOOD, odd])) as shop:
        assert shop.ledger() == Counter({SALE: len(GOOD)}) + Counter([found])
        raw = [("1", "1.50")] * len(GOOD)
        raw += (
            [tuple(next(csv.reader([odd]))[i] for i in (3, 5))] if found[0] != "malformed" else []
        )
        _, units, amount = totals(raw)
        assert_reconciled(shop, (len(GOOD) + 1, units, amount))
        for column, value in expected.items():
            query = f"select {column} from int_invoice_lines_classified where line_id = 41"
            assert shop.row(query) == (value,)
        # nobody else is touched
        others = shop.row("select count(*), sum(monetary) from int_customers where customer_id >= '20000' and customer_id < '20040'")  # fmt: skip
        assert others == (40, 40 * Decimal("1.50"))


def test_two_descriptions_and_two_prices_for_a_code(tmp_path):
    lines = [
        line(text="BLUE MUG", price="1"),
        line(text="MUG, BLUE", price="2", at="2/4/2012 9:00"),
        line(text=" BLUE  MUG", price="4", at="2/5/2012 9:00"),
        line(text="?", code="mug", price="8", at="2/6/2012 9:00"),
        line(text="damaged", code="Mug ", price="0", quantity="-1", at="2/7/2012 9:00"),
    ]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        # the text of most lines, white space aside; the note of the warehouse is no sale
        row = shop.row("select stock_code, description, units_sold, revenue from int_products")
        assert row == ("MUG", "BLUE MUG", 4 * 2, 2 * (1 + 2 + 4 + 8))


def test_a_cancellation_of_another_persons_invoice_takes_nothing_back(tmp_path):
    lines = [
        line(invoice="5", customer="1"),
        line(invoice="C5", customer="2", quantity="-2", at="2/4/2012 9:00"),
        line(invoice="C5", customer="1", code="CUP", quantity="-2", at="2/4/2012 9:00"),
    ]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.rows("select * from int_return_matches") == []
        assert shop.row("select unmatched_units, unmatched_amount from returns_reconciliation") == (4, 10)  # fmt: skip
        assert shop.rows("select customer_id, monetary from int_customers") == [("1", 5)]


def test_a_return_larger_than_everything_bought(tmp_path):
    lines = [
        line(quantity="2", price="3"),
        line(quantity="3", price="4", at="2/4/2012 9:00"),
        line(invoice="C1", quantity="-100", price="5", at="2/5/2012 9:00"),
        line(quantity="1", price="6", at="2/6/2012 9:00"),
    ]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        row = shop.row("select matched_units, unmatched_units, matched_amount, refunded_amount, unmatched_amount from returns_reconciliation")  # fmt: skip
        assert row == (5, 95, 2 * 3 + 3 * 4, 5 * 5, 95 * 5)
        # what was bought afterwards is not touched by what came back before
        assert shop.row("select monetary, units_returned from int_customers") == (6, 5)


def test_everything_returned(tmp_path):
    sold = [line(invoice=f"{n}", customer=f"{n}") for n in range(1, 6)]
    back = [line(invoice=f"C{n}", customer=f"{n}", quantity="-2", at="2/9/2012 9:00") for n in range(1, 6)]  # fmt: skip
    with SqlShop(write(tmp_path / "shop.csv", sold + back)) as shop:
        assert_reconciled(shop, (10, 0, Decimal(0)))
        people = shop.rows("select distinct frequency, monetary, return_rate from int_customers")
        assert people == [(1, 0, 1)]
        scores = shop.rows("select distinct rfm_cell from int_customer_scores join int_as_of on cutoff_date = as_of_date")  # fmt: skip
        assert scores == [("333",)]


def test_only_returns(tmp_path):
    lines = [line(invoice=f"C{n}", quantity=f"-{n}") for n in range(1, 6)]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert_reconciled(shop, (5, -15, Decimal("-2.50") * 15))
        assert shop.rows("select * from int_customers") == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one customer", {"customer": "1"}),
        ("one product", {"code": "CUP"}),
        ("one invoice", {"invoice": "1"}),
        ("all in one minute", {"at": "2/3/2012 11:00"}),
        (
            "one of everything",
            dict.fromkeys(("customer", "code", "invoice"), "1") | {"at": "2/3/2012 11:00"},
        ),
    ],
)
def test_shops_of_one_kind(tmp_path, name, change):
    lines = [
        line(**{"invoice": f"{n}", "code": f"P{n % 3}", "customer": f"{1 + n % 5}", "quantity": f"{n}",
                "at": f"2/{n}/2012 9:00"} | change)
        for n in range(1, 21)
    ]  # fmt: skip
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        units = sum(range(1, 21))
        assert_reconciled(shop, (20, units, units * Decimal("2.50")))
        customers = 1 if "customer" in change else 5
        # an invoice that several customers share is one order of each
        orders = (1 if "customer" in change else 5) if "invoice" in change else 20
        assert shop.row("select count(*), sum(frequency), sum(monetary) from int_customers") == (
            customers, orders, units * Decimal("2.50"))  # fmt: skip
        assert shop.row("select count(*) from int_products") == (1 if "code" in change else 3,)


def test_all_lines_are_duplicates_of_one(tmp_path):
    with SqlShop(write(tmp_path / "shop.csv", [line()] * 50), max_duplicate_share=1) as shop:
        assert {kind: n for (kind, _), n in shop.ledger().items()} == {"sale": 1, "duplicate": 49}
        assert_reconciled(shop, (50, 100, Decimal(250)))
        assert shop.row("select frequency, monetary from int_customers") == (1, 5)


RETURNS = [
    line(invoice=f"C{n}", code="CUP", quantity="-1", at=f"2/{1 + n % DAYS}/2012 12:00",
         customer=f"{20000 + n}", price="1.25")
    for n in range(0, 40, 4)
]  # fmt: skip


def _people(shop) -> list[tuple]:
    return shop.rows("select * from int_customers order by all")


def test_a_file_appended_to_itself_changes_the_duplicates_alone(tmp_path):
    lines = [*GOOD, *RETURNS]
    once = SqlShop(write(tmp_path / "once.csv", lines))
    twice = SqlShop(write(tmp_path / "twice.csv", lines * 2))
    with once, twice:
        copies = {("duplicate", "all fields equal an earlier line's"): len(lines)}
        assert twice.ledger() == once.ledger() + Counter(copies)
        assert _people(twice) == _people(once) != []


def test_a_second_header_inside_the_file_is_one_invalid_line(tmp_path):
    lines = [*GOOD, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]  # fmt: skip
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {SALE: 40, QUANTITY: 1}


def test_lines_in_reverse_order(tmp_path):
    lines = [*GOOD, *RETURNS]
    forth = SqlShop(write(tmp_path / "forth.csv", lines))
    back = SqlShop(write(tmp_path / "back.csv", lines[::-1]))
    with forth, back:
        assert back.ledger() == forth.ledger()
        assert _people(back) == _people(forth) != []
        query = "select * from int_products order by all"
        assert back.rows(query) == forth.rows(query) != []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"earliest_date": "2012-02-01' as date) or true --"}, "earliest_date"),
        ({"earliest_date": "1/2/2012"}, "earliest_date.*write it as YYYY-MM-DD"),
        ({"as_of_date": "2011-02-29"}, "'2011-02-29', a day that the calendar does not have"),
        ({"as_of_date": "2011-13-01"}, "'2011-13-01', a day that the calendar does not have"),
        ({"latest_date": "31/12/2099"}, "latest_date"),
        ({"as_of_date": "2012-03-01'; drop table int_sales; --"}, "as_of_date"),
    ],
)
def test_a_setting_that_is_no_date_is_named(tmp_path, settings, message):
    path = write(tmp_path / "shop.csv", GOOD)
    with pytest.raises(sql_models.CompilerError, match=message):
        SqlShop(path, **settings)


def test_a_pattern_with_a_quote_is_a_pattern(tmp_path):
    path = write(tmp_path / "shop.csv", GOOD)
    settings = {"price_pattern": "[0-9.]+|'", "max_unreadable_share": 1.0}
    with SqlShop(path, CLEANING, **settings) as shop:
        assert shop.row("select count(unit_price) from int_invoice_lines_classified") == (40,)


def test_more_odd_lines_than_the_share_are_refused(tmp_path):
    odd = [odd for odd, (kind, _), _ in ODD_LINES.values() if kind == "invalid"]
    with pytest.raises(reader.InputFileError, match="unreadable, more than 5.0%"):
        SqlShop(write(tmp_path / "shop.csv", [*GOOD, *odd]))


# --- whole builds -------------------------------------------------------------------------------

HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")',
           "<script>alert(1)</script>", "'); drop table int_sales; --", "{{ 7 * 7 }}", "كوب 👨‍👩‍👧",
           "\uff1dcmd"]  # fmt: skip


@pytest.fixture(scope="module")
def odd_shop(tmp_path_factory):
    """All odd lines in one file, with many good lines; hostile texts as products and people."""
    shop = Shop(tmp_path_factory.mktemp("odd_shop"))
    hostile = [
        line(invoice=f"{700 + n}", code=text[:9], text=text, customer=text, country=text)
        for n, text in enumerate(HOSTILE)
    ]
    many = [
        line(
            invoice=f"{n}",
            quantity="1",
            at=f"2/{1 + n % DAYS}/2012 {n % 12}:00",
            customer=f"{1 + n}",
        )
        for n in range(1000)
    ]
    odd = [odd for odd, *_ in ODD_LINES.values()]
    write(shop.invoices, [*many, *hostile, *odd])
    shop.build()
    return shop


def test_all_odd_lines_in_one_build(odd_shop):
    expected = Counter(found for _, found, _ in ODD_LINES.values())
    expected += Counter({SALE: 1000 + len(HOSTILE)})
    ledger = odd_shop.rows(
        "select line_class, reason, cast(sum(lines) as bigint) from quality.cleaning_ledger"
        " group by all"
    )
    assert {(kind, reason): n for kind, reason, n in ledger} == expected


def test_published_csv_files_hold_no_formula(odd_shop):
    seen = 0
    for path in sorted((odd_shop.published / "csv").glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for value in row:
                    seen += value.startswith("'")
                    is_number = value.replace(".", "").replace("-", "").replace("e", "").isdigit()
                    assert is_number or not value.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")), (path.name, value)  # fmt: skip
    assert seen >= 7  # the six formulas at least, each with an apostrophe


def test_published_tables_hold_the_texts_as_they_were(odd_shop):
    customers = {
        customer for (customer,) in odd_shop.rows("select customer_id from marts.customers")
    }
    assert set(HOSTILE) <= customers


@pytest.fixture(scope="module")
def good_shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("good_shop"))
    shop.write([*GOOD, *RETURNS])
    shop.build()
    return shop


LATE = (
    [*GOOD, line(at="11/3/2012 9:00")],
    "come 248 days after all others, which end on 2012-02-29",
)


def test_an_error_after_the_reader_leaves_what_was_published(good_shop):
    lines, message = LATE
    before = good_shop.files()
    write(good_shop.invoices, lines)
    result = good_shop.dbt("build")
    assert result.returncode != 0
    assert message in result.stdout
    assert "Traceback" not in result.stdout
    assert good_shop.files() == before


@pytest.mark.parametrize(
    ("lines", "message"), [LATE, ([line(quantity="0")] * 3, "no usable line in the invoices")]
)
def test_an_error_after_the_reader_comes_from_the_sql(tmp_path, lines, message):
    with pytest.raises(duckdb.Error, match=message):
        SqlShop(write(tmp_path / "shop.csv", lines))


def test_a_whole_build_of_the_file_appended_to_itself(good_shop, shop):
    shop.write([*GOOD, *RETURNS] * 2)
    shop.build()
    for name in ("customers", "products", "sales_by_month", "segments"):
        with_copies = shop.rows(f"select * from marts.{name} order by all")
        path = good_shop.published / "parquet" / f"{name}.parquet"
        assert with_copies == shop.rows(f"select * from '{path}' order by all") != []


def test_the_whole_build_sees_the_last_day_right(odd_shop):
    assert odd_shop.row("select as_of_date from intermediate.int_as_of") == (date(2012, 3, 1),)
