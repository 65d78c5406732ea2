"""What lines mean, what stops a build and what is said: small files with the right outcome, by SQL alone."""

from collections import Counter
from decimal import Decimal

import duckdb
import openpyxl
import pytest
import sql_models
from gift_shop.ingestion import reader
from sql_shop import HEADER, SqlShop, write

SALE = ("sale", "bought by an identified customer")


def mug(invoice="1001", quantity=1, at="2026-01-05 10:00", price="5.00", customer="k1", code="A",
        country="DE") -> str:  # fmt: skip
    return f"{invoice},{code},Mug,{quantity},{at},{price},{customer},{country}"


def net_sales(shop: SqlShop) -> Decimal:
    return shop.row("select coalesce(sum(net_amount), 0) from int_sales")[0]


def warnings(shop: SqlShop) -> dict[str, str]:
    sql_models.run(shop.connection, "stg_do_not_contact", "int_suspected_fees", "build_warnings")
    return dict(shop.rows("select warning, message from build_warnings"))


def test_order_numbers_may_begin_with_c(tmp_path):
    lines = [mug("C1001", 2), mug("CMD-77", 1, customer="k3", country="FR")]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {SALE: 2}
        assert net_sales(shop) == 15


def test_a_cancellation_and_a_refund_without_one_are_returns(tmp_path):
    lines = [mug("536365", 3), mug("C536366", -1)]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {SALE: 1, ("return", "returned by an identified customer"): 1}
        assert net_sales(shop) == 10
    lines = [mug(quantity=2), mug(quantity=-1, at="2026-01-09 10:00")]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {SALE: 1, ("return", "returned outside a cancellation"): 1}
        assert net_sales(shop) == 5
    with SqlShop(write(tmp_path / "shop.csv", lines), cancellation_prefix="1") as shop:
        assert shop.ledger() == {SALE: 1, ("return", "returned by an identified customer"): 1}
    lines = [line.replace("k1", "") for line in lines]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {("anonymous_sale", "no customer"): 1, ("anonymous_return", "no customer"): 1}  # fmt: skip


def test_an_amount_of_the_order_on_each_of_its_lines_is_said(tmp_path):
    lines = [mug(n, 1, price=f"{5 + n}.00", code=code) for n in range(12) for code in ("P1", "P2")]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert warnings(shop)["order_total"].startswith(
            "In 12 of 12 orders of several products every line has the same amount, most likely"
        )
    # one price for all, and lines of their own amounts
    for prices in ({"P1": "5.00", "P2": "5.00"}, {"P1": "5.00", "P2": "6.00"}):
        lines = [
            mug(n, 1, price=price, code=code) for n in range(12) for code, price in prices.items()
        ]
        with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
            assert "order_total" not in warnings(shop)


def test_a_product_under_a_code_of_another_shops_fee_is_said(tmp_path):
    fees = [mug(9, code="M"), mug(9, code="D").replace("Mug", "Discount"), mug(9, code="A")]
    with SqlShop(write(tmp_path / "shop.csv", fees)) as shop:
        assert shop.ledger()["non_product", "discount"] == 1
        assert warnings(shop)["non_product"] == (
            "1 line of code M (Mug) of 5 in all count as manual entry by seeds/non_product_codes.csv, which has the codes"
            " of one shop: if it is a product of yours, take the row out."
        )


def test_one_row_a_unit(tmp_path):
    lines = [mug(), mug(), mug(), mug("1002", code="P2"), mug("1003", code="P3", customer="k2")]
    with SqlShop(write(tmp_path / "shop.csv", lines), repeated_lines="sum") as shop:
        assert net_sales(shop) == 25
        assert shop.row("select sum(units) from int_sales where invoice_no = '1001'") == (3,)
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert net_sales(shop) == 15


@pytest.mark.parametrize("setting", ["duplicate", "sum"])
def test_an_export_twice_counts_once(tmp_path, setting):
    lines = [mug(f"{1000 + n // 2}", code=f"P{n // 4}", customer=f"k{n % 3}") for n in range(40)]
    whole = write(tmp_path / "whole.csv", lines)
    twice = write(tmp_path / "twice.csv", lines * 2)
    for name in ("part_1.csv", "part_2.csv"):
        write(tmp_path / name, lines)
    # where single lines count as well the order of lines decides nothing, the reason included
    reasons = {
        "duplicate": "all fields equal an earlier line's",
        "sum": "stands again with its whole invoice",
    }
    copies = Counter({("duplicate", reasons[setting]): 40})
    settings = {"repeated_lines": setting, "max_duplicate_share": 1}
    with SqlShop(whole, **settings) as once:
        expected, net = once.ledger() + copies, net_sales(once)
    # whole invoices that stand again stop nothing
    settings["max_duplicate_share"] = 0.5
    for raw in (twice, tmp_path / "part_*.csv"):
        with SqlShop(raw, **settings) as shop:
            assert shop.ledger() == expected
            assert net_sales(shop) == net


def test_lines_of_an_invoice_between_those_of_others_are_no_repeat(tmp_path):
    # a till that writes as it scans: two mugs and a bowl of order 1, a mug of order 2 between them
    lines = [mug("1"), mug("2", customer="k2"), mug("1", code="P2"), mug("3"), mug("1"), mug("4")]
    with SqlShop(write(tmp_path / "shop.csv", lines), repeated_lines="sum") as shop:
        assert shop.ledger() == {SALE: 6}
        assert net_sales(shop) == 30
    with SqlShop(write(tmp_path / "twice.csv", lines * 2), repeated_lines="sum") as shop:
        assert shop.ledger() == {SALE: 6, ("duplicate", "stands again with its whole invoice"): 6}
        assert net_sales(shop) == 30


def test_guests_are_nobody_and_mail_addresses_have_no_case(tmp_path):
    lines = [mug(f"{n}", customer=nobody) for n, nobody in enumerate(["0", "nan", "NULL", "N/A"])]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger() == {("anonymous_sale", "no customer"): 4}
        assert shop.rows("select * from int_customers") == []
    lines = [mug("1", customer="Ann@x.example"), mug("2", customer="ann@x.example")]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.rows("select frequency from int_customers") == [(2,)]


def test_without_codes_products_are_their_descriptions(tmp_path):
    lines = ["1001,,Mug,1,2026-01-05 10:00,5.00,k1,DE", "1002,,Bowl,1,2026-01-05 10:00,7.00,k1,DE"]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        reason = "bought by an identified customer; product code from the description"
        assert shop.ledger() == {("sale", reason): 2}
        codes = shop.rows("select stock_code, revenue from int_products order by all")
        assert codes == [("BOWL", 7), ("MUG", 5)]


# --- dates ----------------------------------------------------------------------------------------

# 300 lines, a few orders a day on 1-28 December 2010
DECEMBER = [f"{n},A,Mug,1,12/{1 + n * 28 // 300}/2010 10:00,5.00,k{n % 40},DE" for n in range(300)]


def dated(*dates) -> list[str]:
    return [mug(f"{100 + n}", at=day) for n, day in enumerate(dates)]


def test_mistyped_future_days_stop_the_build(tmp_path):
    late = [mug("998", at="12/8/2012 10:00"), mug("999", at="12/9/2012 10:00")]
    path = write(tmp_path / "shop.csv", DECEMBER + late)
    with pytest.raises(duckdb.Error) as caught:
        SqlShop(path)
    for words in (
        (
            "2 lines from 2012-12-08 to 2012-12-09, the first in shop.csv, line 302, come 711 days after"
            " all others, which end on 2010-12-28"
        ),
        "as_of_date: 2010-12-29 to leave them out",
        "as_of_date: 2012-12-10 if they are right",
    ):
        assert words in str(caught.value)
    with SqlShop(path, as_of_date="2010-12-29") as shop:
        assert shop.row("select max(recency_days) < 28 from int_customers") == (True,)
    # they stop nothing where the gap is allowed
    with SqlShop(path, max_gap_days=800) as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2012-12-10"


def test_a_mistyped_early_day_is_left_out_by_name(tmp_path):
    path = write(tmp_path / "shop.csv", [mug("997", at="1/5/2001 10:00"), *DECEMBER])
    with SqlShop(path) as shop:
        assert shop.ledger()["invalid", "date more than 31 days before all others"] == 1
        assert str(shop.row("select first_line_on from int_as_of")[0]) == "2010-12-01"
        assert warnings(shop) == {"isolated_lines": (
            "1 line from 2001-01-05 to 2001-01-05 came more than 31 days before all others and was left"
            " out as mistyped. If they are right, raise max_gap_days."
        )}  # fmt: skip


def test_twelve_days_that_read_both_ways_are_days_of_one_month(tmp_path):
    lines = dated(*(f"{n}/11/2011 10:00" for n in range(1, 13)))
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        days = shop.row("select cast(min(ordered_at) as date), cast(max(ordered_at) as date) from int_orders")  # fmt: skip
        assert [str(day) for day in days] == ["2011-11-01", "2011-11-12"]
        assert warnings(shop)["date_order"] == (
            "Every date of shop.csv reads both ways; it was read as d/m/yyyy (as d/m/yyyy there are 12"
            " days in one month, as m/d/yyyy all would be the same day of 12 months). If that is wrong,"
            " set date_format."
        )


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_order_of_lines_settles_dates(tmp_path, newest_first):
    lines = dated(*(f"{day}/{month}/2011" + " 10:00" for month in (3, 4) for day in range(1, 8)))
    lines = lines[::-1] if newest_first else lines
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.row("select count(distinct date_trunc('month', ordered_at)) from int_orders") == (2,)  # fmt: skip
        assert "as d/m/yyyy its lines stand in order of time" in warnings(shop)["date_order"]


def test_the_order_of_invoice_numbers_settles_dates(tmp_path):
    lines = dated(*(f"{day}/{month}/2011" + " 10:00" for month in (3, 4) for day in range(1, 8)))
    lines = sorted(lines, key=lambda each: each[::-1])  # as by customer or product
    shuffled = lines[::3] + lines[1::3] + lines[2::3]
    with SqlShop(write(tmp_path / "shop.csv", shuffled)) as shop:
        assert "as d/m/yyyy its" in warnings(shop)["date_order"]


def test_two_dates_in_order_prove_nothing(tmp_path):
    # newest first and month first, they rise with the day first
    path = write(tmp_path / "shop.csv", dated("2/1/2011 10:00", "1/2/2011 10:00"))
    with pytest.raises(reader.InputFileError, match="every date reads both as m/d/yyyy"):
        SqlShop(path)


def test_a_few_days_of_one_month(tmp_path):
    lines = dated(*(f"{n}/11/2011 10:00" for n in range(1, 4)))
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2011-11-04"
        assert "there are 3 days in one month" in warnings(shop)["date_order"]


def test_the_same_month_of_two_years_is_not_one_month(tmp_path):
    days = [f"{day}/11/{year} 10:00" for day in (1, 2, 3) for year in (2010, 2011)]
    with pytest.raises(reader.InputFileError, match="every date reads both as m/d/yyyy"):
        SqlShop(write(tmp_path / "shop.csv", dated(*days)))


def test_files_of_one_day_each_are_judged_together(tmp_path):
    for n in range(1, 9):
        write(tmp_path / f"day_{n}.csv", [mug(f"{n}", at=f"{n}/11/2011 10:00")])
    with SqlShop(tmp_path / "day_*.csv") as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2011-11-09"
        message = (
            "Every date of day_1.csv and 7 other files reads both ways; it was read as d/m/yyyy"
        )
        assert warnings(shop)["date_order"].startswith(message)


def test_a_file_of_iso_dates_proves_no_order(tmp_path):
    write(tmp_path / "a.csv", [mug("1", at="2011-10-31 10:00")])
    write(tmp_path / "b.csv", dated(*(f"{n}/11/2011 10:00" for n in range(1, 9))))
    with SqlShop(tmp_path / "?.csv") as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2011-11-09"
        assert "in one month" in warnings(shop)["date_order"]


def test_a_mistyped_early_line_before_a_single_day(tmp_path):
    lines = [mug("997", at="1/13/2001 10:00"), *(mug(f"{n}", at="12/15/2010 10:00") for n in range(200))]  # fmt: skip
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        assert shop.ledger()["invalid", "date more than 31 days before all others"] == 1
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2010-12-16"


def test_a_day_above_12_settles_dates_without_a_word(tmp_path):
    with SqlShop(write(tmp_path / "shop.csv", dated("1/2/2011 10:00", "13/2/2011 10:00"))) as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2011-02-14"
        assert warnings(shop) == {}


def test_one_line_reads_month_first_with_a_word(tmp_path):
    with SqlShop(write(tmp_path / "shop.csv", dated("1/2/2011 10:00"))) as shop:
        assert str(shop.row("select as_of_date from int_as_of")[0]) == "2011-01-03"
        assert "nothing tells it from d/m/yyyy" in warnings(shop)["date_order"]


def test_many_dates_that_nothing_tells_apart_are_refused(tmp_path):
    days = [(n, 1 + n * 5 % 12) for n in (7, 3, 11, 1, 9, 5, 12, 2, 10, 4, 8, 6)]
    path = write(tmp_path / "shop.csv", dated(*(f"{m}/{d}/2011 10:00" for m, d in days)))
    with pytest.raises(reader.InputFileError) as caught:
        SqlShop(path)
    for words in ("every date reads both as m/d/yyyy (2011-01-06 to 2011-12-01)", "line 2",
                  "Set date_format to 'm/d/yyyy' or 'd/m/yyyy'"):  # fmt: skip
        assert words in str(caught.value)
    with SqlShop(path, date_format="d/m/yyyy", max_gap_days=400):
        pass


def test_another_file_of_the_glob_settles_dates(tmp_path):
    write(tmp_path / "a.csv", dated("1/2/2011 10:00", "2/2/2011 10:00"))
    write(tmp_path / "b.csv", [mug("7", at="28/2/2011 10:00")])
    with SqlShop(tmp_path / "*.csv") as shop:
        assert str(shop.row("select first_line_on from int_as_of")[0]) == "2011-02-01"
        assert "as in the other files" in warnings(shop)["date_order"]


def test_as_many_dates_of_either_order_are_refused(tmp_path):
    path = write(tmp_path / "shop.csv", dated("1/13/2011 10:00", "13/1/2011 10:00"))
    with pytest.raises(reader.InputFileError, match="can only be m/d/yyyy as only d/m/yyyy"):
        SqlShop(path)


# --- stops and warnings ---------------------------------------------------------------------------

MANY = [
    mug(f"{n}", quantity=1 + n % 3, customer=f"k{n % 40}", at=f"2026-01-{1 + n % 28:02d} 10:00")
    for n in range(200)
]


@pytest.mark.parametrize(
    ("odd", "words", "setting"),
    [
        (
            [mug(f"x{n}", price="-5.00") for n in range(12)],
            ("12 of 212 lines with a price (5.7%; 2.9% of their money) are adjustments, more than"
            " the 5.0% of max_adjustment_share, such as shop.csv, line 202 (invoice"
            " X0, code A, quantity 1, price -5.0000: price not above zero), shop.csv, line 203 (invoice"
            " X1, code A, quantity 1, price -5.0000: price not above zero), shop.csv, line 204 (invoice"
            " X2, code A, quantity 1, price -5.0000: price not above zero). Correct the file,"),
            {"max_adjustment_share": 0.07},
        ),
        (
            [mug(f"x{n}", price="-50.00") for n in range(10)],
            "10 of 210 lines with a price (4.8%; 20% of their money) are adjustments",
            {"max_adjustment_share": 0.21},
        ),
        (
            [mug("x", price="-500.00")],
            "1 of 201 lines with a price (0.5%; 20% of their money) are adjustments",
            {"max_adjustment_share": 0.21},
        ),
        (
            [mug("x", code="P2")] * 9,
            "8 of 209 lines (3.8%) equal an earlier line of their invoice",
            None,
        ),
        (
            [mug("x", code="P2")] * 11,
            ("10 of 211 lines (4.7%) equal an earlier line of their invoice: if the file has a line for each"
            " unit, set repeated_lines: sum, more than the 3.0% of max_duplicate_share"),
            {"repeated_lines": "sum"},
        ),
        (
            [mug(f"x{n}", quantity=0) for n in range(12)],
            "12 of 212 lines (5.7%) cannot be used, more than the 5.0% of max_invalid_share",
            {"max_invalid_share": 0.06},
        ),
    ],
)  # fmt: skip
def test_shares_that_no_shop_has_stop_the_build(tmp_path, odd, words, setting):
    path = write(tmp_path / "shop.csv", MANY + odd)
    if setting is None:  # a handful of lines is no share
        SqlShop(path).connection.close()
        return
    with pytest.raises(duckdb.Error) as caught:
        SqlShop(path)
    assert words in str(caught.value)
    SqlShop(path, **setting).connection.close()


def test_the_example_of_duplicates_is_one_that_counts(tmp_path):
    path = write(tmp_path / "shop.csv", MANY[:100] + MANY[:1] + MANY[100:] + [mug("x")] * 11)
    with pytest.raises(duckdb.Error) as caught:
        SqlShop(path)
    assert "10 of 212 lines (4.7%) equal" in str(caught.value)
    assert "such as shop.csv, line 204 (invoice X" in str(caught.value)


def test_a_line_of_a_second_sheet_is_a_record_of_all_sheets(tmp_path):
    book = openpyxl.Workbook()
    for name, rows in {"Jan": MANY, "Feb": [mug("x", price="-500.00")]}.items():
        sheet = book.create_sheet(name)
        for row in [HEADER, *rows]:
            sheet.append(row.split(","))
    book.save(tmp_path / "shop.xlsx")
    with pytest.raises(duckdb.Error, match="such as shop.xlsx, record 201 of its sheets together"):
        SqlShop(tmp_path / "shop.xlsx")


@pytest.mark.parametrize("also", [[], [mug("odd", price="-3.00", at="2026-01-09 10:00")]])
def test_free_gifts_are_a_warning(tmp_path, also):
    gifts = [
        mug(f"{n}", price="0.00", code="GIFT", at="2026-01-09 10:00") for n in range(20)
    ] + also
    with SqlShop(write(tmp_path / "shop.csv", MANY + gifts)) as shop:
        assert shop.ledger()["adjustment", "price not above zero"] == 20 + len(also)
        message = f"20 of {220 + len(also)} lines (9.{'0' if also else '1'}%) have a price of 0"
        assert warnings(shop)["free_lines"].startswith(message)


def test_an_id_that_orders_for_everybody_is_a_warning(tmp_path):
    till = [mug(f"t{n}", customer="till", at="2026-01-09 10:00") for n in range(60)]
    with SqlShop(write(tmp_path / "shop.csv", MANY + till)) as shop:
        message = warnings(shop)["one_customer"]
        assert message.startswith("Customer till has 60 of 260 orders (23%), the next one 5: ")


def test_columns_that_are_not_read_are_a_warning(tmp_path):
    lines = [f"{line},paid,0" for line in MANY]
    path = write(tmp_path / "shop.csv", lines, header=f"{HEADER},Financial Status,Region")
    with SqlShop(path) as shop:
        assert warnings(shop) == {"unused_column": (
            "A column of shop.csv that speaks of status is not read (not read are Financial Status,"
            " Region): if it says what a line is worth, correct the lines by it."
        )}  # fmt: skip


def test_files_of_one_header_share_a_warning_and_may_share_a_name(tmp_path):
    for folder in ("2025", "2026"):
        (tmp_path / folder).mkdir()
        for name in ("a.csv", "b.csv"):
            lines = [mug(f"{folder}-{name}", at=f"{folder}-12-15 10:00") + ",0"]
            write(tmp_path / folder / name, lines, header=f"{HEADER},Tax")
    with SqlShop(tmp_path / "*" / "*.csv", max_gap_days=400) as shop:
        found = warnings(shop)
        assert shop.row("select count(*) from build_warnings") == (1,)
        assert found["unused_column"].startswith("A column of a.csv and 3 other files that speaks of tax")  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "likely"),
    [("12345", "012345"), ("12345.0", "012345"), ("1.2345E4", "012345"), (" 12 345", "012345"),
     ("ANN-1", "Ann-1"), ("4711", None)],
)  # fmt: skip
def test_an_objector_who_fits_nobody_is_a_warning(tmp_path, listed, likely):
    lines = [mug("1", customer="012345"), mug("2", customer="Ann-1")]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        shop.connection.execute("insert into do_not_contact values (?, null)", [listed])
        message = warnings(shop)["objector"]
        assert "fits no customer" in message
        assert (f"most likely it is {likely}: " in message) == (likely is not None)


def test_an_objector_who_fits_is_no_warning(tmp_path):
    with SqlShop(write(tmp_path / "shop.csv", [mug(customer="012345")])) as shop:
        shop.connection.execute("insert into do_not_contact values (' 012345 ', null)")
        assert warnings(shop) == {}
