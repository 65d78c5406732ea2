"""Whole builds of shops at the edge: green, with every table there, or one clear message."""

from datetime import date

import pytest

GOOD = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,{n % 3},France" for n in range(1, 13)]
ANONYMOUS = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,,France" for n in range(1, 13)]
RETURNS = [f"C{n},CUP,RED CUP,-{n},1/{n}/2011 10:00,1.50,{n % 3},France" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("lines", "line_class"), [(ANONYMOUS, "anonymous_sale"), (RETURNS, "return")]
)
def test_without_a_sale_to_a_known_customer_tables_are_empty(shop, lines, line_class):
    shop.write(lines)
    shop.build()
    assert shop.rows("select line_class, lines from quality.cleaning_ledger") == [(line_class, 12)]
    assert shop.rows("select * from marts.customers") == []
    assert shop.rows("select * from marts.segments") == []
    assert (shop.published / "manifest.json").exists()


def test_one_line(shop):
    shop.write(["1,CUP,RED CUP,2,1/1/2011 10:00,1.50,7,France"])
    shop.build()
    customers = shop.rows("select customer_id, recency_days, rfm_cell from marts.customers")
    assert customers == [("7", 1, "333")]


def test_dates_with_the_day_first(shop):
    shop.write([line.replace("1/", "", 1).replace("/2011", "/1/2011") for line in GOOD])
    shop.build("--vars", "date_format: d/m/yyyy")
    assert shop.row("select as_of_date from intermediate.int_as_of") == (date(2011, 1, 13),)
    assert (shop.published / "manifest.json").exists()


def test_as_of_a_day_in_the_past(shop):
    shop.write(GOOD)
    shop.build("--vars", "as_of_date: 2011-01-05")
    ledger = shop.rows("select before_as_of, lines from quality.cleaning_ledger order by 1")
    assert ledger == [(False, 8), (True, 4)]
    # the orders of 1 to 4 January: customers 1, 2, 0 and 1 again
    customers = shop.rows(
        "select customer_id, recency_days, frequency from marts.customers order by 1"
    )
    assert customers == [("0", 2, 1), ("1", 1, 2), ("2", 3, 1)]


@pytest.mark.parametrize(
    ("vars", "last_day", "message"),
    [
        ("", "3/1/2011", "as_of_date: 2011-01-13 to leave it out, as_of_date: 2011-03-02 if"),
        ("as_of_date: 1/7/2011", "1/13/2011", "'1/7/2011': write it as YYYY-MM-DD"),
        ("as_of_date: 2011-01-01", "1/13/2011", "not after the first invoice day 2011-01-01"),
    ],
)
def test_an_as_of_date_that_cannot_be(shop, vars, last_day, message):
    shop.write([*GOOD, f"99,CUP,RED CUP,1,{last_day} 10:00,1.50,1,France"])
    result = shop.dbt("build", *(["--vars", vars] if vars else []))
    assert result.returncode != 0
    assert message in result.stdout
    assert "Traceback" not in result.stdout
    assert not shop.published.exists()
