"""Whole builds of shops at the edge: green, with every table there, or one clear message."""

import re
from datetime import date, timedelta

import duckdb
import pytest
import sql_models
from sql_shop import SqlShop, write

GOOD = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,{1 + n % 3},France" for n in range(1, 13)]
ANONYMOUS = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,,France" for n in range(1, 13)]
RETURNS = [f"C{n},CUP,RED CUP,-{n},1/{n}/2011 10:00,1.50,{1 + n % 3},France" for n in range(1, 13)]


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


SENTENCES = (
    "select segment_reason from marts.customers union select why from marts.customer_actions"
    " union select reason from marts.new_customers union select finding from marts.key_findings"
    " union select interpretation || ' ' || meaning from marts.segments"
    " union select verdict from marts.cluster_candidates"
    " union select note from quality.model_metrics where note is not null"
)
CLUMSY = re.compile(
    r"(?<![\d.,])1 (\w+ )?(days|orders|customers|countries|rows)\b|\(s\)|nan|  |\b0 other"
)


def assert_reads_well(shop):
    """What the tables say in words, of a few customers, one day, nothing."""
    clumsy = [text for (text,) in shop.rows(SENTENCES) if CLUMSY.search(text)]
    assert not clumsy


def test_one_line(shop):
    shop.write(["1,CUP,RED CUP,2,1/1/2011 10:00,1.50,7,France"])
    shop.build()
    assert_reads_well(shop)
    customers = shop.rows("select customer_id, recency_days, rfm_cell from marts.customers")
    assert customers == [("7", 1, "333")]


def day_first(line):
    return line.replace("1/", "", 1).replace("/2011", "/1/2011")


def test_dates_with_the_day_first(tmp_path):
    path = write(tmp_path / "shop.csv", map(day_first, GOOD))
    with SqlShop(path, date_format="d/m/yyyy") as shop:
        assert shop.row("select as_of_date from int_as_of") == (date(2011, 1, 13),)


def test_as_of_a_day_in_the_past(shop):
    anonymous = [f"2{n},CUP,RED CUP,1,1/3/2011 10:00,1.50,,France" for n in range(16)]
    anonymous += [f"3{day},CUP,RED CUP,10,1/{day}/2011 10:00,1.50,,France" for day in (8, 9)]
    shop.write([day_first(line) for line in [*GOOD, *anonymous]])
    shop.build("--vars", "{as_of_date: 2011-01-05, date_format: d/m/yyyy}")
    assert (shop.published / "manifest.json").exists()
    assert_reads_well(shop)
    ledger = shop.rows(
        "select before_as_of, cast(sum(lines) as int) from quality.cleaning_ledger group by 1 order by 1"
    )
    assert ledger == [(False, 10), (True, 20)]
    # the orders of 1 to 4 January: customers 2, 3, 1 and 2 again
    customers = shop.rows(
        "select customer_id, recency_days, frequency from marts.customers order by 1"
    )
    assert customers == [("1", 2, 1), ("2", 1, 2), ("3", 3, 1)]
    # of 1 + 2 + 3 + 4 + 16 units, the 16 of as many lines of twenty
    assert shop.rows("select finding, figure from marts.key_findings where finding_no = 12") == [
        (
            "80% of the sale lines, 62% of their amount, name no customer: no segment can hold them.",
            0.615385,
        )
    ]


NO_SUCH_DATES = [
    ("", "3/1/2011", "as_of_date: 2011-01-13 to leave them out, as_of_date: 2011-03-02 if"),
    ("1/7/2011", "1/13/2011", "'1/7/2011': write it as YYYY-MM-DD"),
    ("2011-01-01", "1/13/2011", "not after the first invoice day 2011-01-01"),
]


@pytest.mark.parametrize(("as_of_date", "last_day", "message"), NO_SUCH_DATES)
def test_an_as_of_date_that_cannot_be(tmp_path, as_of_date, last_day, message):
    path = write(tmp_path / "shop.csv", [*GOOD, f"99,CUP,RED CUP,1,{last_day} 10:00,1.50,1,France"])
    with pytest.raises((duckdb.Error, sql_models.CompilerError)) as caught:
        SqlShop(path, as_of_date=as_of_date)
    assert message in str(caught.value)


def test_a_build_as_of_such_a_date_publishes_nothing(shop):
    as_of_date, last_day, message = NO_SUCH_DATES[1]
    shop.write([*GOOD, f"99,CUP,RED CUP,1,{last_day} 10:00,1.50,1,France"])
    result = shop.dbt("build", "--vars", f"as_of_date: {as_of_date}")
    assert result.returncode != 0
    assert message in result.stdout
    assert "Traceback" not in result.stdout
    assert not shop.published.exists()


def orders(customers, days, orders_each, first="2011-01-02"):
    """Orders at regular gaps of a few customers: no two alike, none of them special."""
    start = date.fromisoformat(first)
    lines = []
    for customer in range(customers):
        for number in range(orders_each):
            day = start + timedelta(days=(customer * 7 + number * (11 + customer % 9)) % days)
            when = f"{day.month}/{day.day}/{day.year} {9 + customer % 8}:00"
            theme = ["BAG", "MUG", "CANDLE", "SIGN"][(customer + number * (customer % 3)) % 4]
            lines.append(
                f"{customer}-{number},{theme[:2]}{customer % 12},RED {theme} {customer % 12},"
                f"{1 + (customer + number) % 7},{when},{1 + customer % 5}.50,{customer},France"
            )
    return lines


@pytest.mark.parametrize(
    ("lines", "untried"),
    [
        (orders(30, 400, 3), {"customer_segments", "category_of_interest", "segment_transition"}),
        (orders(400, 400, 1), {"category_of_interest", "customer_value_order"}),
        (orders(300, 150, 3), {"customer_segments", "customer_value_order"}),
        (
            [line.replace("MUG", "BAG").replace("CANDLE", "BAG").replace("SIGN", "BAG")
             for line in orders(250, 400, 3)],
            {"category_of_interest"},
        ),
    ],
    ids=["thirty customers", "no second orders", "150 days", "one category"],
)  # fmt: skip
def test_what_cannot_be_tried_says_why(shop, lines, untried):
    shop.write(lines)
    shop.build()
    assert_reads_well(shop)
    notes = shop.rows("select model, note from quality.model_metrics where metric = 'not_tried'")
    assert untried <= {model for model, _ in notes}
    assert all(note for _, note in notes)
    customers = shop.row("select count(*) from marts.customers")
    assert shop.row("select sum(customers) from marts.segments") == customers
    assert shop.row("select count(*) from marts.customer_actions") == customers
    # no sentence has a probability that was not held out
    if "category_of_interest" in untried:
        assert shop.row("select count(category_probability) from marts.new_customers") == (0,)
