"""What must hold for every shop, tried on shops that hypothesis makes: through the SQL, no dbt.

The shops are small and crowded on purpose: few customers, products and minutes, so that ties,
duplicates, returns of returns and returns before purchases are common. Derandomised: the same
shops each time.
"""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gift_shop.ingestion.files import COLUMNS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sql_shop import (
    CLEANING,
    CUSTOMERS,
    LEDGER,
    PEOPLE,
    RETURNS,
    SALES,
    SqlShop,
    assert_reconciled,
    totals,
    write,
)

FIRST_DAY = datetime(2011, 1, 1)
# One order every ten days of someone else, so that no gap in the days looks like a mistyped date.
CALENDAR = [
    ("K", "KEEP", "KEEP SHOP", "1", f"{FIRST_DAY + timedelta(days=n):%-m/%-d/%Y} 8:00", "1", "keeper", "Spain")
    for n in range(0, 90, 10)
]  # fmt: skip
MATCHING = (*CLEANING, *LEDGER, *SALES, *RETURNS)
PEOPLE_TABLES = ("int_customers", "int_customer_snapshots", "int_customer_scores")


def shops(odd: bool = False):
    """Lists of records: sales and cancellations; with `odd` also lines that cannot be read."""
    customers = st.sampled_from(["1", "2", "3", ""])
    quantity = st.integers(1, 6).map(str)
    price = st.sampled_from(["1", "2.50", "0.0001", "3"])
    if odd:
        quantity |= st.sampled_from(["-1", "0", "0x3", ""])
        price |= st.sampled_from(["0", "-1", "NaN", ""])
    minute = st.tuples(st.integers(0, 85), st.sampled_from(["9:00", "9:01", "23:59:59"]))
    record = st.tuples(
        st.booleans(), st.integers(1, 6), st.sampled_from("ABc"), quantity, minute, price,
        customers, st.sampled_from(["France", "Spain"]),
    ).map(_record)  # fmt: skip
    # copies of a line are duplicates
    return st.lists(record, min_size=1, max_size=24).flatmap(
        lambda lines: st.lists(st.sampled_from(lines), max_size=3).map(lambda more: lines + more)
    )


def _record(drawn) -> tuple[str, ...]:
    is_return, invoice, code, quantity, (day, time), price, customer, country = drawn
    return (
        f"{'C' if is_return else ''}{invoice}",
        code,
        f"PRODUCT {code}",
        f"-{quantity}" if is_return and quantity[:1].isdigit() else quantity,
        f"{FIRST_DAY + timedelta(days=day):%-m/%-d/%Y} {time}",
        price,
        customer,
        country,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shops")


def checked(examples: int):
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def _shop(folder, records, models, name="shop.csv", **values) -> SqlShop:
    lines = [",".join(record) for record in [*CALENDAR, *records]]
    return SqlShop(write(folder / name, lines), models, max_unreadable_share=1.0, **values)


def _rows(shop: SqlShop, *tables: str) -> list[list[tuple]]:
    return [shop.rows(f"select * from {table} order by all") for table in tables]


@checked(60)
@given(shops(odd=True))
def test_the_ledger_adds_up_and_returns_are_matched_or_not(folder, records):
    with _shop(folder, records, MATCHING) as shop:
        # the duplicates of the ledger are the copies of readable lines
        assert_reconciled(shop, totals((record[3], record[5]) for record in [*CALENDAR, *records]))
        classes = Counter(
            dict(shop.rows("select line_class, sum(lines) from cleaning_ledger group by 1"))
        )
        assert classes["duplicate"] <= len(records) - len(set(records))
        rejected = sum(n for kind, n in classes.items() if kind not in
                       ("sale", "return", "anonymous_sale", "anonymous_return"))  # fmt: skip
        assert shop.row("select count(*) from rejected_invoice_lines") == (rejected,)


def matched_by_a_loop(lines) -> Counter:
    """Last in, first out, as anyone would write it: units by (return, purchase)."""
    taken, stacks = Counter(), defaultdict(list)
    for line_id, key, units in lines:
        stack = stacks[key]
        if units > 0:
            stack.append([line_id, units])
        while units < 0 and stack:
            part = min(-units, stack[-1][1])
            taken[line_id, stack[-1][0]] += part
            units += part
            stack[-1][1] -= part
            if not stack[-1][1]:
                stack.pop()
    return taken


@checked(100)
@given(shops())
def test_matching_in_sql_equals_a_loop(folder, records):
    with _shop(folder, records, MATCHING) as shop:
        lines = shop.rows(
            "select line_id, (customer_id, stock_code), quantity from int_product_lines"
            " where line_class in ('sale', 'return') order by invoiced_at, line_id"
        )
        matches = shop.rows(
            "select return_line_id, purchase_line_id, units from int_return_matches"
        )
        expected = matched_by_a_loop(lines)
        assert {(back, bought): units for back, bought, units in matches} == expected
        # no purchase gives back more than it sold, no return takes back more than it says
        sold = {line_id: units for line_id, _, units in lines}
        given_back, taken_back = Counter(), Counter()
        for back, bought, units in matches:
            assert units > 0
            given_back[bought] += units
            taken_back[back] += units
        assert all(units <= sold[line_id] for line_id, units in given_back.items())
        assert all(units <= -sold[line_id] for line_id, units in taken_back.items())
        net = sum(Decimal(units - given_back[i]) * price for i, units, price in shop.rows(
            "select line_id, quantity, unit_price from int_product_lines where line_class = 'sale'"))  # fmt: skip
        assert shop.row("select sum(net_amount) from int_sales") == (net,)


@checked(40)
@given(shops(), st.integers(0, 2**32))
def test_shuffled_lines_change_nothing_but_their_numbers(folder, records, seed):
    # the lines of one minute keep their order: it decides which of them came first
    minutes = defaultdict(list)
    for record in records:
        minutes[record[4]].append(record)
    shuffled = list(minutes.values())
    random.Random(seed).shuffle(shuffled)
    models = (*CLEANING, *LEDGER, *SALES, *RETURNS, *CUSTOMERS, *PEOPLE)
    plain = _shop(folder, records, models)
    other = _shop(folder, [record for block in shuffled for record in block], models, "other.csv")
    same = (
        "cleaning_ledger",
        "returns_reconciliation",
        "int_orders",
        "int_products",
        *PEOPLE_TABLES,
    )
    with plain, other:
        assert _rows(other, *same) == _rows(plain, *same)


@checked(25)
@given(shops(odd=True), st.lists(st.integers(0, 40), max_size=3))
def test_parquet_parts_are_the_same_file(folder, records, cuts):
    models = (*CLEANING, *LEDGER, *SALES, *RETURNS, *CUSTOMERS, *PEOPLE)
    every = [*CALENDAR, *records]
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    ends = sorted({min(cut, len(every)) for cut in cuts} | {0, len(every)})
    for number, (start, end) in enumerate(pairwise(ends)):
        columns = zip(*every[start:end], strict=True)
        table = {name: [text or None for text in column] for name, column in zip(COLUMNS, columns, strict=True)}  # fmt: skip
        pq.write_table(
            pa.table(table, schema=pa.schema([(name, pa.string()) for name in COLUMNS])),
            folder / f"part-{number}.parquet",
        )
    whole = _shop(folder, records, models)
    parts = SqlShop(folder / "part-*.parquet", models, max_unreadable_share=1.0)
    with whole, parts:
        query = "select * exclude (source_file) from raw_invoice_lines order by line_id"
        assert parts.rows(query) == whole.rows(query)
        same = (
            "cleaning_ledger",
            "int_return_matches",
            "int_sales",
            "int_products",
            *PEOPLE_TABLES,
        )
        assert _rows(parts, *same) == _rows(whole, *same)


@checked(25)
@given(shops(), st.permutations(["Z 9", "000", "ann"]))
def test_new_names_for_customers_change_their_names_alone(folder, records, names):
    renamed = dict(zip(["1", "2", "3"], names, strict=True)) | {"": "", "keeper": "keeper"}
    models = (*CLEANING, *LEDGER, *SALES, *RETURNS, *CUSTOMERS, *PEOPLE)
    plain = _shop(folder, records, models)
    other = _shop(
        folder, [(*r[:6], renamed[r[6]], r[7]) for r in records], models, "renamed.csv"
    )  # fmt: skip
    with plain, other:
        same = ("cleaning_ledger", "returns_reconciliation", "int_products")
        assert _rows(other, *same) == _rows(plain, *same)
        for table in PEOPLE_TABLES:
            (before,), (after,) = _rows(plain, table), _rows(other, table)
            at = plain.connection.execute(f"select * from {table}").description
            at = [name for name, *_ in at].index("customer_id")
            assert sorted(after) == sorted((*row[:at], renamed[row[at]], *row[at + 1 :]) for row in before)  # fmt: skip


@checked(25)
@given(shops(), st.sampled_from([date(2011, 2, 1), date(2011, 3, 1)]))
def test_nothing_leaks_from_the_future(folder, records, day):
    models = (*CLEANING, *LEDGER, *SALES, *CUSTOMERS)
    past = [r for r in records if datetime.strptime(r[4].split()[0], "%m/%d/%Y").date() < day]
    whole = _shop(folder, records, models)
    kept = [r for r in CALENDAR if datetime.strptime(r[4].split()[0], "%m/%d/%Y").date() < day]
    lines = [",".join(record) for record in [*kept, *past]]
    cut = SqlShop(write(folder / "cut.csv", lines), models, as_of_date=str(day))
    # the whole file, looked at on that day
    then = _shop(folder, records, models, "then.csv", as_of_date=str(day))
    with whole, cut, then:
        for table in ("int_customer_snapshots", "int_customer_scores"):
            query = f"select * from {table} where cutoff_date <= date '{day}' order by all"
            month_ends = query.replace("order by", "and extract(day from cutoff_date) = 1 order by")
            assert cut.rows(query) == then.rows(query) != []
            assert cut.rows(month_ends) == whole.rows(month_ends) != []
        past_matches = (
            "select customer_id, stock_code, units, amount, refunded_amount, purchased_at,"
            f" returned_at from int_return_matches where returned_at < date '{day}' order by all"
        )
        assert cut.rows(past_matches) == whole.rows(past_matches)
