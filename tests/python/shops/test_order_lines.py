"""Discounts, refunds, statuses and weights of an order line, to the penny."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
import sql_models
from gift_shop.ingestion import files
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import PROJECT
from sql_shop import MODELS, SEEDS

D = Decimal
FIELDS = (*files.COLUMNS, *files.MORE_FIELDS)
RECONCILIATION = (
    "assert_every_line_is_in_one_class",
    "assert_discounts_and_refunds_reconcile",
    "assert_no_return_takes_back_more_than_it_says",
)
DEFAULTS = {
    "invoice_no": "1001",
    "stock_code": "P1",
    "description": "Mug",
    "quantity": "1",
    "invoice_date": "2026-01-05 10:00",
    "customer_id": "k1",
    "country": "DE",
}


class Lines:
    """The SQL models over raw lines as the reader writes them; a line is a dict of its fields."""

    def __init__(self, lines: Iterable[dict], **settings):
        lines = [DEFAULTS | line for line in lines]
        names = [line.pop("source_file", "orders.csv") for line in lines]
        columns = {
            field: pa.array([line.get(field) for line in lines], pa.string()) for field in FIELDS
        }
        files_of = sorted(set(names), key=names.index)
        self.connection = duckdb.connect(config={"threads": 2})
        sql_models.put(
            self.connection,
            raw_invoice_lines=pa.table(
                {"line_id": range(1, len(lines) + 1), "source_file": names}
                | columns
                | {
                    "raw_text": pa.nulls(len(lines), pa.string()),
                    "date_format": ["m/d/yyyy"] * len(lines),
                }
            ),
            raw_files=pa.table(
                {
                    "file_name": files_of,
                    "first_line_id": [1 + names.index(name) for name in files_of],
                    "header_line": [1] * len(files_of),
                    "sheets": [1] * len(files_of),
                    **{
                        name: [""] * len(files_of)
                        for name in ("unused_columns", "date_format", "date_evidence", "notes")
                    },
                    **{
                        name: [value] * len(files_of)
                        for name, value in {
                            "format": "generic",
                            "cancellation_prefix": "C",
                            "repeated_lines": "duplicate",
                            "later_file_wins": False,
                            "zero_quantity": "",
                            "is_general": True,
                        }.items()
                    },
                }
            ),
            customer_addresses=pa.table({"customer_id": [""], "address": [""]}),
        )
        sql_models.run(self.connection, "stg_ingestion_settings", **settings)
        for seed, types in SEEDS.items():
            self.connection.execute(f"create table {seed} ({types})")
            self.connection.execute(
                f"copy {seed} from '{PROJECT / 'seeds' / seed}.csv' (header, nullstr '')"
            )
        sql_models.run(
            self.connection,
            *MODELS,
            "sales_by_month",
            "int_suspected_fees",
            "build_warnings",
            **settings,
        )
        for test in RECONCILIATION:
            text = (PROJECT / f"tests/data/reconciliation/{test}.sql").read_text()
            assert self.rows(sql_models.render(text)) == []

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def row(self, query: str) -> tuple:
        (row,) = self.rows(query)
        return row

    def net(self) -> list[Decimal]:
        """Net of each sale line, in their order."""
        return [net for (net,) in self.rows("select net_amount from int_sales order by line_id")]

    def classes(self) -> list[tuple[str, str]]:
        return self.rows(
            "select line_class, reason from int_invoice_lines_classified order by line_id"
        )

    def warnings(self) -> list[tuple[str, str]]:
        return self.rows("select warning, message from build_warnings order by all")

    def ledger(self, line_class: str = "sale") -> tuple:
        return self.row(
            "select sum(amount), sum(discount_amount), sum(refunded_units), sum(refunded_amount),"
            " sum(net_amount), sum(shipping_refunded_amount) from cleaning_ledger"
            f" where line_class = '{line_class}'"
        )


def order(*amounts: str, **fields) -> list[dict]:
    """Lines of one order, products P1, P2, ... at these prices, each with the same further fields."""
    return [{"stock_code": code, "unit_price": amount} | fields
            for code, amount in zip(("P1", "P2", "P3"), amounts, strict=False)]  # fmt: skip


def test_a_discount_of_a_line():
    shop = Lines([{"quantity": "2", "unit_price": "5.00", "discount": "4.00"}])
    assert shop.net() == [D("6.00")]
    assert shop.row("select gross_amount, returned_amount from int_orders") == (D(6), D(0))
    assert shop.ledger() == (10, 4, 0, 0, 6, 0)
    assert shop.warnings() == []


@pytest.mark.parametrize(
    "amounts, fields, net",
    [
        (["10.00", "5.00"], {"order_discount": "1.00"}, ["9.33", "4.67"]),
        # ties go to the lowest line
        (["5.00", "5.00", "5.00"], {"order_discount": "1.00"}, ["4.66", "4.67", "4.67"]),
        (["10.00", "5.00"], {"order_discount": "15.00"}, ["0", "0"]),
        # a discount of the line comes first, whatever its sign
        (["10.00", "5.00"], {"order_discount": "1.00", "discount": "-2.50"}, ["6.75", "2.25"]),
        # the subtotal says what was taken off, the discount of an order may be of its shipping
        (["10.00", "5.00"], {"order_subtotal": "14.00", "order_discount": "5.00"}, ["9.33", "4.67"]),
        (["0.0005", "0.0010"], {"order_discount": "0.0003"}, ["0.0004", "0.0008"]),
    ],
)  # fmt: skip
def test_a_discount_of_an_order_is_spread(amounts, fields, net):
    assert Lines(order(*amounts, **fields)).net() == [D(amount) for amount in net]


def test_a_subtotal_with_tax_inside():
    shop = Lines([
        {"unit_price": "119.00", "order_subtotal": "132.80", "order_total": "138.75"},
        {"stock_code": "P2", "quantity": "2", "unit_price": "11.90"},
    ])  # fmt: skip
    assert shop.net() == [D("110.67"), D("22.13")]
    assert shop.warnings() == []


def test_fees_take_their_share_of_a_discount():
    shop = Lines([
        {"unit_price": "10.00", "order_discount": "1.50"},
        {"stock_code": "POST", "unit_price": "5.00"},
    ])  # fmt: skip
    assert shop.net() == [D("9.00")]
    assert shop.ledger("non_product") == (5, D("0.50"), 0, 0, D("4.50"), 0)


@pytest.mark.parametrize(
    "fields, net, message",
    [
        (
            {"order_discount": "20.00"},
            "0",
            (
                "1 line or order with a discount larger than the order, the first in orders.csv,"
                " line 2: only what the order costs is taken off."
            ),
        ),
        (
            {"order_subtotal": "17.85"},
            "15",
            (
                "1 line or order with a subtotal larger than what its lines cost, the first in"
                " orders.csv, line 2: no discount is taken off. Are prices without a tax that the"
                " subtotal has, or is a line missing?"
            ),
        ),
        (
            {"discount": "6.00"},
            "4",
            (
                "1 line or order with a discount larger than its line, the first in orders.csv,"
                " line 3: only what the line costs is taken off."
            ),
        ),
    ],
)
def test_a_discount_that_cannot_be_is_said(fields, net, message):
    shop = Lines(order("10.00", "5.00", **fields))
    assert sum(shop.net()) == D(net)
    assert shop.warnings() == [("money", message)]


def test_a_refund_of_an_order_in_money():
    shop = Lines(order("10.00", "5.00", order_refund="7.50"))
    assert shop.net() == [D("5.00"), D("2.50")]
    assert shop.rows("select distinct returned_units from int_sales") == [(0,)]
    assert shop.ledger() == (15, 0, 0, D("7.50"), D("7.50"), 0)
    assert shop.row("select refunded_amount, unmatched_amount, net_amount from sales_by_month") == (
        D("7.50"), 0, D("7.50"))  # fmt: skip
    assert shop.row("select returned_amount, matched_amount, price_difference"
                    " from returns_reconciliation") == (D("7.50"), D("7.50"), 0)  # fmt: skip
    assert shop.warnings() == [
        (
            "refund_day",
            (
                "Refunds of 7.50 in all, on 2 lines, have no day in the file and count on the day of their order:"
                " tests of the forecasts know of later refunds."
            ),
        )
    ]


def test_a_refund_with_shipping():
    fields = {"order_subtotal": "15.00", "order_total": "20.00", "order_refund": "20.00"}
    shop = Lines(order("10.00", "5.00", is_refunded="true", **fields))
    assert shop.net() == [0, 0]
    assert shop.ledger() == (15, 0, 0, 15, 0, 5)


def test_a_refund_on_its_own_day():
    lines = order("10.00", "5.00", order_refund="7.50", refunded_at="2026-02-01")
    shop = Lines(
        [*lines, {"invoice_no": "1002", "invoice_date": "2026-02-04 10:00", "unit_price": "1"}]
    )
    assert shop.rows(
        "select happened_on, gross_amount, returned_amount from int_customer_days order by all"
    ) == [
        (dt.date(2026, 1, 5), 15, 0),
        (dt.date(2026, 2, 1), 0, D("7.50")),
        (dt.date(2026, 2, 4), 1, 0),
    ]
    assert shop.rows("select refunded_amount from sales_by_month order by month") == [
        (0,),
        (D("7.50"),),
    ]
    assert shop.warnings() == []


@pytest.mark.parametrize(
    "day, as_of, net", [("2026-01-31", "2026-02-01", 0), ("2026-03-31", "2026-01-06", 15)]
)
def test_a_refund_after_the_last_line(day, as_of, net):
    shop = Lines(order("10.00", "5.00", refunded_quantity="1", refunded_at=day))
    assert shop.row("select cast(as_of_date as varchar) from int_as_of") == (as_of,)
    assert sum(shop.net()) == net
    assert shop.ledger() == (15, 0, 2, 15, 0, 0)
    late = [message for warning, message in shop.warnings() if warning == "late_refund"]
    assert late == ([] if not net else [
        ("Refunds of 15 in all, on 2 lines, came on or after the as-of date 2026-01-06 and do not count. If their"
        " days are right, set as_of_date.")])  # fmt: skip


@pytest.mark.parametrize(
    "fields, net, returned_units",
    [
        ({}, "0", 2),
        ({"discount": "1.00"}, "0", 2),
        # where something was refunded, the status adds nothing
        ({"refunded_amount": "3.00"}, "7", 0),
        ({"refunded_quantity": "1"}, "5", 1),
        ({"order_refund": "4.00"}, "6", 0),
        ({"order_refund": "0.00"}, "0", 2),
    ],
)
def test_a_status_of_refunded(fields, net, returned_units):
    shop = Lines([{"quantity": "2", "unit_price": "5.00", "is_refunded": "true"} | fields])
    assert shop.net() == [D(net)]
    assert shop.row("select returned_units from int_sales") == (returned_units,)


def test_statuses_of_orders():
    two = {"quantity": "2", "unit_price": "5.00"}
    shop = Lines([
        two | {"invoice_no": "1", "status": "paid"},
        two | {"invoice_no": "2", "status": "cancelled", "left_out_reason": "status cancelled"},
        two | {"invoice_no": "3", "status": "refunded", "is_refunded": "true"},
    ])  # fmt: skip
    assert sum(shop.net()) == 10
    assert shop.classes()[1] == ("left_out", "status cancelled")
    assert shop.rows("select line_class, reason from rejected_invoice_lines") == [
        ("left_out", "status cancelled")
    ]


def test_left_out_lines_neither_date_the_file_nor_stop_it():
    cancelled = {
        "left_out_reason": "status cancelled",
        "invoice_date": "2026-02-20 10:00",
        "unit_price": "x",
    }
    shop = Lines([{"unit_price": "5.00"}] + [cancelled | {"invoice_no": str(n)} for n in range(20)])
    assert shop.row("select cast(as_of_date as varchar) from int_as_of") == ("2026-01-06",)


def test_returned_units_take_their_share_the_last_the_rest():
    back = {"quantity": "-1", "unit_price": "3.50", "invoice_no": "1002"}
    days = ("2026-01-06 10:00", "2026-01-07 10:00", "2026-01-08 10:00")
    shop = Lines(
        [{"quantity": "3", "unit_price": "3.50", "discount": "0.50"}]
        + [back | {"invoice_date": day} for day in days]
    )
    assert shop.rows("select amount, refunded_amount from int_return_matches order by returned_at") == [
        (D("3.33"), D("3.5")), (D("3.34"), D("3.5")), (D("3.33"), D("3.5"))]  # fmt: skip
    assert shop.net() == [0]


def test_refunded_units_meet_their_own_line_first():
    shop = Lines([
        {"unit_price": "10.00", "refunded_quantity": "1"},
        {"unit_price": "4.00", "line_no": "2"},
    ])  # fmt: skip
    assert shop.net() == [0, 4]
    assert shop.rows("select return_line_id, purchase_line_id, units, amount from int_return_matches") == [
        (-1, 1, 1, 10)]  # fmt: skip


def test_refunded_units_on_a_later_day_are_the_last_bought():
    shop = Lines([
        {"unit_price": "10.00", "refunded_quantity": "1", "refunded_at": "2026-01-09"},
        {"invoice_no": "1002", "unit_price": "4.00", "invoice_date": "2026-01-07 10:00"},
        {"invoice_no": "1003", "unit_price": "4.00", "invoice_date": "2026-01-11 10:00"},
    ])  # fmt: skip
    assert shop.net() == [10, 0, 4]
    assert shop.row("select price_difference from returns_reconciliation") == (-6,)


def test_units_and_money_of_one_refund():
    shop = Lines(
        [
            {
                "quantity": "2",
                "unit_price": "5.00",
                "refunded_quantity": "1",
                "refunded_amount": "3.00",
            }
        ]
    )
    assert shop.net() == [7]
    assert shop.row("select returned_units, returned_amount from int_sales") == (1, 3)


def test_no_more_goes_back_than_was_paid():
    shop = Lines([
        {"quantity": "2", "unit_price": "5.00", "refunded_amount": "12.00", "refunded_quantity": "3"},
        {"quantity": "-2", "unit_price": "5.00", "invoice_no": "1002", "invoice_date": "2026-01-06 10:00"},
    ])  # fmt: skip
    assert shop.net() == [0]
    assert shop.ledger() == (10, 0, 2, 10, 0, 2)
    assert ("money", ("1 line or order with more units refunded than bought, the first in orders.csv, line 2:"
            " only the units bought are refunded.")) in shop.warnings()  # fmt: skip


def test_refunds_of_nobody_in_particular():
    shop = Lines([{"quantity": "2", "unit_price": "5.00", "customer_id": None, "order_refund": "4.00"},
                  {"unit_price": "1.00", "invoice_no": "1002"}])  # fmt: skip
    assert shop.row(
        "select anonymous_gross_amount, anonymous_returned_amount from sales_by_month"
    ) == (10, 4)
    assert shop.row(
        "select anonymous_gross_amount, anonymous_returned_amount from int_products"
    ) == (10, 4)
    assert shop.ledger("anonymous_sale") == (10, 0, 0, 4, 6, 0)


def test_weights():
    shop = Lines(
        [{"quantity": "0.250", "unit_price": "20.00"}, {"quantity": "0.333", "unit_price": "19.99"}]
    )
    assert shop.net() == [D("5.00"), D("6.6567")]
    assert shop.row("select units from int_orders") == (D("0.583"),)


def test_totals_of_lines():
    shop = Lines([{"quantity": "3", "line_total": "10.00"},
                  {"quantity": "-1", "line_total": "-3.33", "invoice_no": "1002",
                   "invoice_date": "2026-01-06 10:00"}])  # fmt: skip
    assert shop.rows("select unit_price, amount from stg_invoice_lines order by line_id") == [
        (D("3.3333"), 10), (D("3.33"), D("-3.33"))]  # fmt: skip
    assert shop.net() == [D("6.67")]


@pytest.mark.parametrize("field", ["line_total", "discount", "order_discount", "order_subtotal", "order_total",
                                   "refunded_quantity", "refunded_amount", "order_refund", "refunded_at"])  # fmt: skip
def test_an_unreadable_field_is_named(field):
    shop = Lines([{"unit_price": "5.00", field: "1,5x"}, {"unit_price": "5.00"}])
    assert shop.classes()[0] == ("invalid", f"{field.replace('_', ' ')} not readable")


@pytest.mark.parametrize("later_file_wins, net", [(True, 0), (False, 10)])
def test_an_order_in_two_files(later_file_wins, net):
    shop = Lines(
        [
            {"unit_price": "5.00", "status": "paid", "source_file": "1.csv"},
            {
                "unit_price": "5.00",
                "status": "refunded",
                "is_refunded": "true",
                "source_file": "2.csv",
            },
            {
                "unit_price": "5.00",
                "source_file": "2.csv",
                "left_out_reason": "status voided",
                "invoice_no": "2",
            },
        ],
        later_file_wins=later_file_wins,
    )
    assert sum(shop.net()) == (0 if later_file_wins else 5)
    assert (
        shop.classes()[0] == ("superseded", "its invoice stands again in 2.csv")
    ) == later_file_wins


def test_an_order_left_out_in_two_files_is_left_out_once():
    line = {"unit_price": "5.00", "left_out_reason": "order voided"}
    other = {"unit_price": "5.00", "source_file": "2.csv", "invoice_no": "another"}
    shop = Lines(
        [line | {"source_file": "1.csv"}, line | {"source_file": "2.csv"}, other],
        later_file_wins=True,
    )
    assert [line_class for line_class, _ in shop.classes()] == ["superseded", "left_out", "sale"]


def test_equal_lines_of_two_files_count_from_the_later():
    line = {"unit_price": "5.00"}
    shop = Lines(
        [line | {"source_file": "1.csv"}, line | {"source_file": "2.csv"}], later_file_wins=True
    )
    assert [line_class for line_class, _ in shop.classes()] == ["superseded", "sale"]


def test_a_quantity_of_zero():
    lines = [{"quantity": "0", "unit_price": "5.00"}, {"unit_price": "5.00"}]
    assert Lines(lines).classes()[0] == ("invalid", "quantity is zero")
    shop = Lines(lines * 12, zero_quantity="refunded in full", repeated_lines="sum")
    assert shop.classes()[0] == ("refunded", "refunded in full")


def test_who_may_be_contacted():
    shop = Lines([
        {"unit_price": "5.00", "may_contact": "true", "invoice_date": "2026-01-06 10:00"},
        {"unit_price": "6.00", "may_contact": "false"},
        {"unit_price": "5.00", "may_contact": "false", "customer_id": "k2", "left_out_reason": "voided"},
        {"unit_price": "5.00", "customer_id": "k2", "invoice_date": "2026-01-07 10:00"},
        {"unit_price": "5.00", "may_contact": "false", "customer_id": "k3"},
        {"unit_price": "6.00", "may_contact": "true", "customer_id": "k3"},
    ])  # fmt: skip
    said = shop.rows(
        "select customer_id from int_do_not_contact where customer_id like 'k%' order by 1"
    )
    assert said == [("k2",), ("k3",)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=8),
    st.floats(0, 1),
    st.sampled_from([100, 1]),
)
def test_shares_add_up_and_are_right_to_a_penny(amounts, part, unit):
    amounts = [D(amount * unit) / 10000 for amount in amounts]
    total = (sum(amounts) * D(part)).quantize(D(unit) / 10000)
    total = min(total, sum(amounts))
    with duckdb.connect() as connection:
        connection.execute(
            "create table given (line_id int, invoice_no text, amount decimal(38, 4), to_spread decimal(38, 4))"
        )
        connection.executemany("insert into given values (?, '1', ?, ?)",
                               [(n, amount, total) for n, amount in enumerate(amounts)])  # fmt: skip
        query = sql_models.render(
            "select share from ({{ spread_over_lines('given') }}) order by line_id"
        )
        shares = [share for (share,) in connection.execute(query).fetchall()]
    assert sum(shares) == total
    for amount, share in zip(amounts, shares, strict=True):
        assert abs(share - total * amount / sum(amounts)) < D("0.01")
        assert 0 <= share <= amount
