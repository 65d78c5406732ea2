"""A whole build of a shop small enough to work out every figure by hand, here, before looking."""

import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
import sql_models
from shop import Shop

# Customer 17850 buys twice and sends some back: 6 cups return, of which the 4 bought last come from
# the second order (at 2.00) and 2 from the first (at 1.50).
CUPS_AND_PLATES = [
    "1,CUP,RED CUP,10,1/3/2011 10:00,1.50,17850,United Kingdom",
    "1,PLATE,RED PLATE,2,1/3/2011 10:01,10.00,17850,United Kingdom",
    "2,cup ,RED CUP,4,2/3/2011 9:00,2.00,17850.0,United Kingdom",
    "C3,CUP,RED CUP,-6,2/10/2011 9:30,2.00,17850,United Kingdom",
]
# Customer 00123 sends everything back, for less than it cost.
ALL_RETURNED = [
    "4,LAMP,LAMP,1,2/20/2011 17:30,100.00,00123,Spain",
    "C5,LAMP,LAMP,-1,2/21/2011 10:00,90.00,00123,Spain",
]
# Customer 14000 pays postage, and the export holds the plates twice.
POSTAGE_AND_DUPLICATE = [
    "6,PLATE,RED PLATE,3,3/1/2011 12:15,10.00,14000,France",
    "6,PLATE,RED PLATE,3,3/1/2011 12:15,10.00,14000,France",
    "6,POST,POSTAGE,1,3/1/2011 12:15,18.00,14000,France",
]
# Customer 15000 returns what was bought before the file begins, and is no customer of it.
RETURNS_ONLY = ["C7,CUP,RED CUP,-2,1/5/2011 8:00,1.50,15000,United Kingdom"]
ANONYMOUS = [
    "8,LAMP,LAMP,5,1/4/2011 11:00,99.00,,United Kingdom",
    "C9,LAMP,LAMP,-1,1/4/2011 12:00,99.00,,United Kingdom",
]
REJECTED = [
    "10,CUP,damaged,-3,1/6/2011 9:00,0,,United Kingdom",
    "11,CUP,RED CUP,many,1/6/2011 9:00,1.50,17850,United Kingdom",
    "not a record",
]
# Customer 16000 buys 1, 2, ... 40 pins of a quarter each: enough lines that two unreadable ones are
# less than the twentieth part at which the file is refused. 40 * 41 / 2 = 820 pins.
PINS = [f"12,PIN,PIN,{n},1/31/2011 15:00,0.25,16000,United Kingdom" for n in range(1, 41)]

LINES = [
    *CUPS_AND_PLATES,
    *ALL_RETURNED,
    *POSTAGE_AND_DUPLICATE,
    *RETURNS_ONLY,
    *ANONYMOUS,
    *REJECTED,
    *PINS,
]


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("small_shop"))
    shop.write(LINES)
    shop.build()
    return shop


def test_every_line_is_in_the_ledger(small_shop):
    ledger = small_shop.rows(
        "select line_class, lines, units, amount from quality.cleaning_ledger order by line_class"
    )
    assert ledger == [
        ("adjustment", 1, -3, Decimal(0)),
        ("anonymous_return", 1, -1, Decimal(-99)),
        ("anonymous_sale", 1, 5, Decimal(495)),
        ("duplicate", 1, 3, Decimal(30)),
        ("invalid", 1, 0, Decimal(0)),
        ("malformed", 1, 0, Decimal(0)),
        ("non_product", 1, 1, Decimal(18)),
        ("return", 3, -6 - 1 - 2, Decimal(-12 - 90 - 3)),
        (
            "sale",
            3 + 1 + 1 + 40,
            10 + 2 + 4 + 1 + 3 + 820,
            Decimal(15 + 20 + 8 + 100 + 30 + 205),
        ),
    ]
    assert sum(lines for _, lines, _, _ in ledger) == len(LINES)


def test_rejected_lines_say_why(small_shop):
    rejected = small_shop.rows(
        "select line_class, reason, coalesce(raw_text, description), unit_price"
        " from quality.rejected_invoice_lines order by line_class"
    )
    assert rejected == [
        ("adjustment", "price not above zero", "damaged", "0"),
        ("duplicate", "all fields equal an earlier line's", "RED PLATE", "10.00"),
        ("invalid", "quantity not readable", "RED CUP", "1.50"),
        ("malformed", "not a record of the file's shape", "not a record", None),
        ("non_product", "postage", "POSTAGE", "18.00"),
    ]


def test_returns_meet_the_last_purchases_first(small_shop):
    matches = small_shop.rows(
        "select stock_code, units, amount, refunded_amount from intermediate.int_return_matches"
        " order by stock_code, units desc"
    )
    assert matches == [
        ("CUP", 4, Decimal(8), Decimal(8)),
        ("CUP", 2, Decimal(3), Decimal(4)),
        ("LAMP", 1, Decimal(100), Decimal(90)),
    ]
    assert small_shop.row("select * from quality.returns_reconciliation") == (
        6 + 1 + 2,
        6 + 1,
        2,
        Decimal(12 + 90 + 3),
        Decimal(8 + 3 + 100),
        Decimal(8 + 4 + 90),
        Decimal(3),
        Decimal(111 - 102),
    )


def test_customers(small_shop):
    # as of 2 March, the day after the last line
    customers = small_shop.rows(
        "select customer_id, country, recency_days, frequency, monetary, avg_order_value,"
        " median_days_between_orders, units_bought, units_returned, tenure_days, first_order_at"
        " from marts.customers order by customer_id"
    )
    assert customers == [
        (
            "00123",
            "Spain",
            10,
            1,
            Decimal(0),
            Decimal(0),
            None,
            1,
            1,
            10,
            datetime(2011, 2, 20, 17, 30),
        ),
        (
            "14000",
            "France",
            1,
            1,
            Decimal(30),
            Decimal(30),
            None,
            3,
            0,
            1,
            datetime(2011, 3, 1, 12, 15),
        ),
        (
            "16000",
            "United Kingdom",
            30,
            1,
            Decimal(205),
            Decimal(205),
            None,
            820,
            0,
            30,
            datetime(2011, 1, 31, 15, 0),
        ),
        (
            "17850",
            "United Kingdom",
            27,
            2,
            Decimal(15 + 20 - 3),
            Decimal(16),
            31.0,
            16,
            6,
            58,
            datetime(2011, 1, 3, 10, 0),
        ),
    ]


def test_scores(small_shop):
    # four customers: a rank of 1, 2, 3, 4 from the worst scores 1, 1 + floor(5/3) = 2,
    # 1 + floor(10/3) = 4, 5. Frequency: three share the first rank, one has the fourth.
    scores = small_shop.rows(
        "select customer_id, r_score, f_score, m_score, rfm_cell from marts.customers order by 1"
    )
    assert scores == [
        ("00123", 4, 1, 1, "411"),
        ("14000", 5, 1, 2, "512"),
        ("16000", 1, 1, 5, "115"),
        ("17850", 2, 5, 4, "254"),
    ]


def test_products(small_shop):
    products = small_shop.rows(
        "select stock_code, description, units_sold, units_returned, revenue, orders, customers,"
        " anonymous_units_sold, anonymous_gross_amount from marts.products order by 1"
    )
    assert products == [
        ("CUP", "RED CUP", 14, 6, Decimal(15 + 8 - 8 - 3), 2, 1, 0, Decimal(0)),
        ("LAMP", "LAMP", 1, 1, Decimal(0), 1, 1, 5, Decimal(495)),
        ("PIN", "PIN", 820, 0, Decimal(205), 1, 1, 0, Decimal(0)),
        ("PLATE", "RED PLATE", 5, 0, Decimal(50), 2, 2, 0, Decimal(0)),
    ]


def test_when_and_for_how_much_products_sell(small_shop):
    # cups at 1.50 and 2.00, lamps at 100.00 and 99.00: the median of two is their mean
    products = small_shop.rows(
        "select stock_code, first_sold_at, last_sold_at, median_unit_price, return_rate,"
        " anonymous_returned_amount from marts.products order by 1"
    )
    assert products == [
        (
            "CUP",
            datetime(2011, 1, 3, 10),
            datetime(2011, 2, 3, 9),
            Decimal("1.75"),
            0.428571,  # 6 / 14
            Decimal(0),
        ),
        (
            "LAMP",
            datetime(2011, 1, 4, 11),
            datetime(2011, 2, 20, 17, 30),
            Decimal("99.5"),
            1.0,
            Decimal(99),
        ),
        (
            "PIN",
            datetime(2011, 1, 31, 15),
            datetime(2011, 1, 31, 15),
            Decimal("0.25"),
            0.0,
            Decimal(0),
        ),
        (
            "PLATE",
            datetime(2011, 1, 3, 10, 1),
            datetime(2011, 3, 1, 12, 15),
            Decimal(10),
            0.0,
            Decimal(0),
        ),
    ]


def test_sales_by_month(small_shop):
    months = small_shop.rows(
        "select month, is_complete_month, orders, customers, new_customers, units, gross_amount,"
        " returned_amount, net_amount, refunded_amount, unmatched_amount, anonymous_gross_amount,"
        " anonymous_returned_amount from marts.sales_by_month order by month"
    )
    zero = Decimal(0)
    assert months == [
        # the file begins on the 3rd; of January's cups 2 came back later, dated by the purchase
        (
            date(2011, 1, 1),
            False,
            2,
            2,
            2,
            12 + 820,
            Decimal(35 + 205),
            Decimal(3),
            Decimal(237),
            zero,
            Decimal(3),
            Decimal(495),
            Decimal(99),
        ),
        (
            date(2011, 2, 1),
            True,
            2,
            2,
            1,
            5,
            Decimal(108),
            Decimal(108),
            zero,
            Decimal(12 + 90),
            zero,
            zero,
            zero,
        ),
        (
            date(2011, 3, 1),
            False,
            1,
            1,
            1,
            3,
            Decimal(30),
            zero,
            Decimal(30),
            zero,
            zero,
            zero,
            zero,
        ),
    ]


def test_weekdays_and_hours(small_shop):
    # 3 and 31 January are Mondays, 3 February a Thursday, 20 February a Sunday, 1 March a Tuesday
    orders = small_shop.rows(
        "select weekday, hour, orders, customers, net_amount, anonymous_gross_amount,"
        " anonymous_returned_amount from marts.sales_by_weekday_hour order by weekday_no, hour"
    )
    none = Decimal(0)
    assert orders == [
        ("Monday", 10, 1, 1, Decimal(32), none, none),
        ("Monday", 15, 1, 1, Decimal(205), none, none),
        # anonymous on Tuesday 4 January: 5 lamps at 99.00 bought at 11, one returned at 12
        ("Tuesday", 11, 0, 0, none, Decimal(495), none),
        ("Tuesday", 12, 1, 1, Decimal(30), none, Decimal(99)),
        ("Thursday", 9, 1, 1, none, none, none),
        ("Sunday", 17, 1, 1, none, none, none),
    ]


def test_countries(small_shop):
    countries = small_shop.rows(
        "select country, orders, customers, net_amount, anonymous_gross_amount,"
        " anonymous_returned_amount from marts.sales_by_country order by country"
    )
    assert countries == [
        ("France", 1, 1, Decimal(30), Decimal(0), Decimal(0)),
        ("Spain", 1, 1, Decimal(0), Decimal(0), Decimal(0)),
        ("United Kingdom", 3, 2, Decimal(237), Decimal(495), Decimal(99)),
    ]


def test_cohorts(small_shop):
    cohorts = small_shop.rows(
        "select cohort_month, months_since, cohort_customers, customers, retention_rate, revenue"
        " from marts.cohort_retention order by 1, 2"
    )
    complete = small_shop.rows(
        "select distinct order_month, is_complete_month from marts.cohort_retention order by 1"
    )
    assert [is_complete for _, is_complete in complete] == [True, True, False]
    january, february, march = (date(2011, month, 1) for month in (1, 2, 3))
    assert cohorts == [
        (january, 0, 2, 2, 1.0, Decimal(237)),
        (january, 1, 2, 1, 0.5, Decimal(0)),
        (january, 2, 2, 0, 0.0, Decimal(0)),
        (february, 0, 1, 1, 1.0, Decimal(0)),
        (february, 1, 1, 0, 0.0, Decimal(0)),
        (march, 0, 1, 1, 1.0, Decimal(30)),
    ]


def test_order_sizes(small_shop):
    # orders of 35, 8, 100, 30 and 205
    sizes = small_shop.rows(
        "select size_band, orders, customers, gross_amount from marts.order_sizes where orders > 0"
        " order by band_no"
    )
    assert sizes == [
        ("below 30", 1, 1, Decimal(8)),
        ("30 to 100", 2, 2, Decimal(35 + 30)),
        ("100 to 200", 1, 1, Decimal(100)),
        ("200 and above", 1, 1, Decimal(205)),
    ]


def test_a_shops_bands_stay_while_it_has_no_other():
    seed = (
        "select 1 as band_no, 'all' as size_band, 0.0 as from_amount, null::decimal as below_amount"
    )
    with duckdb.connect() as connection:
        connection.execute(f"create table order_size_bands as {seed} where false")
        connection.execute("create table stg_shop as select 'Roses' as shop")
        orders = (
            "create or replace table int_orders as select n as invoice_no, n * {} as gross_amount"
        )
        connection.execute(orders.format(1.25) + " from range(1, 81) as t (n)")
        sql_models.run(connection, "int_order_size_bands")
        bands = connection.execute("select band_no, size_band from int_order_size_bands").fetchall()
        # an eighth of 80 orders ends before 13.75, 26.25, 38.75, 51.25, 63.75, 76.25 and 88.75
        assert sorted(bands) == [
            (1, "below 10"), (2, "10 to 20"), (3, "20 to 30"), (4, "30 to 50"), (5, "50 to 70"),
            (6, "70 and above"),
        ]  # fmt: skip
        connection.execute("create table kept as from int_order_size_bands")
        connection.execute(orders.format(0.01) + " from range(1, 81) as t (n)")
        sql_models.run(connection, "int_order_size_bands", this="kept")
        again = connection.execute("select band_no, size_band from int_order_size_bands").fetchall()
        assert sorted(again) == sorted(bands)
        sql_models.run(connection, "int_order_size_bands")
        assert ("0.10 to 0.20",) in connection.execute(
            "select size_band from int_order_size_bands"
        ).fetchall()
        connection.execute(f"insert into order_size_bands {seed}")
        sql_models.run(connection, "int_order_size_bands", this="kept")
        assert connection.execute("select size_band from int_order_size_bands").fetchall() == [
            ("all",)
        ]


@pytest.mark.parametrize(
    "amounts, bands",
    [
        # hundredths: no two bands read alike
        (
            ["0.01", "0.012", "0.016", "0.02", "0.03", "0.05", "0.10", "0.20"],
            ["below 0.01", "0.01 to 0.02", "0.02 to 0.03", "0.03 to 0.05", "0.05 to 0.10",
             "0.10 to 0.20", "0.20 and above"],
        ),
        (["0"] * 8, ["0 and above"]),
        (["0.001"] * 8, ["0 and above"]),
        (["50"] * 400, ["below 50", "50 and above"]),
        (["7"], ["0 and above"]),
    ],
)  # fmt: skip
def test_bands_of_odd_amounts(amounts, bands):
    with duckdb.connect() as connection:
        connection.execute(
            "create table order_size_bands as select 1 as band_no, '' as size_band,"
            " 0.0 as from_amount, null::decimal as below_amount where false"
        )
        connection.execute("create table stg_shop as select 'Roses' as shop")
        connection.execute(
            "create table int_orders as select amount::decimal(38, 4) as gross_amount,"
            " row_number() over () as invoice_no from unnest(?::varchar[]) as t (amount)",
            [amounts],
        )
        sql_models.run(connection, "int_order_size_bands")
        rows = connection.execute("select size_band from int_order_size_bands order by band_no")
        assert [band for (band,) in rows.fetchall()] == bands


def test_a_segment_of_few_has_no_percentage():
    with duckdb.connect() as connection:
        for name, columns in {
            "int_customers": "1 as recency_days, 2 as frequency, 30.0 as monetary",
            "int_customer_segment_choice": "null::varchar as note",
            "stg_shop": "null::varchar as currency",
            "int_product_category_names": "'bags' as category_key, 'Bags' as category_name",
            "int_segment_category_spend": "'loyal' as segment_key, 'bags' as category_key,"
            " 0.5 as revenue_share, 0.1 as overall_share, 5.0 as affinity",
            "int_segment_profiles": "'loyal' as segment_key, 'clusters' as segment_source,"
            " 1 as customers, 1.0 as customer_share, 1.0 as revenue_share,"
            " 1 as median_recency_days, 2 as median_frequency, 30.0 as median_monetary,"
            " 1 as customers_then, 1.0 as order_again_rate, 1.0 as wholesale_share",
        }.items():
            connection.execute(f"create table {name} as select {columns}")
        sql_models.run(connection, "int_segment_interpretations")
        (text,) = connection.execute(
            "select interpretation from int_segment_interpretations"
        ).fetchone()
    assert text == (
        "1 customer of 1. Typically: last order 1 day ago (all customers: 1), 2 orders (2),"
        " 30 spent (30). Some buy wholesale."
    )


@pytest.mark.parametrize("second, found", [("100", []), ("110", []), ("300", [5])])
def test_months_alike_have_no_strongest(second, found):
    with duckdb.connect() as connection:
        for name, columns in {
            "int_as_of": "date '2011-01-01' as first_line_on, date '2011-03-01' as as_of_date",
            "int_customers": "'a' as customer_id, 2 as frequency, 10.0 as monetary,"
            " 0 as units_returned, 'retail' as buyer_type",
            "int_orders": "'a' as customer_id, month as invoice_no, make_timestamp(2011, month, 5,"
            " 9, 0, 0.0) as ordered_at, 'France' as country, amount as gross_amount,"
            f" amount as net_amount, 0.0 as returned_amount from (values (1, 100.0), (2, {second}))"
            " as t (month, amount)",
            "int_products": "'A' as stock_code, 10.0 as revenue",
            "int_product_categories": "'A' as stock_code, 'other' as category_key",
            "int_product_category_names": "'other' as category_key, 'Other' as category_name",
            "int_product_lines": "'sale' as line_class, 10.0 as amount",
            "int_customer_outcomes": "date '2010-01-01' as cutoff_date, 'a' as customer_id,"
            " 0 as orders",
            "int_customer_snapshots": "date '2010-01-01' as cutoff_date, 'a' as customer_id,"
            " 1 as frequency",
            "int_cutoffs": "date '2010-01-01' as cutoff_date, 'serving' as split",
        }.items():
            connection.execute(f"create table {name} as select {columns}")
        sql_models.run(connection, "key_findings")
        rows = connection.execute("select finding_no from key_findings where finding_no <> 7")
        assert [number for (number,) in rows.fetchall()] == found


SAMPLE_FILE = "online_retail_sample.csv.gz"


@pytest.mark.parametrize(
    "name, currency, files, in_file, shop",
    [
        ("", "", [SAMPLE_FILE], "", ("sample", "£")),
        ("", "", ["2012.csv", SAMPLE_FILE], "", ("shop", None)),
        ("", "", ["2012.csv"], "", ("shop", None)),
        ("", "", ["2012.csv"], "EUR", ("shop", "€")),
        ("", "", ["2012.csv"], "SEK", ("shop", "SEK")),
        ("Roses", "CHF", [SAMPLE_FILE], "", ("Roses", "CHF")),
        ("Roses", "CHF", ["2012.csv"], "EUR", ("Roses", "CHF")),
    ],
)
def test_a_shop_has_a_name_and_a_currency(monkeypatch, name, currency, files, in_file, shop):
    monkeypatch.setenv("GIFT_SHOP_NAME", name)
    monkeypatch.setenv("GIFT_SHOP_CURRENCY", currency)
    with duckdb.connect() as connection:
        connection.execute(
            "create table raw_files as select unnest(?) as file_name, ? as currency",
            [files, in_file],
        )
        sql_models._model_sql.cache_clear()
        sql_models.run(connection, "stg_shop")
        assert connection.execute("select shop, currency from stg_shop").fetchall() == [shop]


def test_nobody_is_loyal_where_nobody_has_ordered_twice():
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_customer_snapshots as select date '2011-01-01' as cutoff_date,"
            " 5 as tenure_days, 5 as recency_days, 1 as order_days"
        )
        connection.execute(
            "create table int_cutoffs as select date '2011-01-01' as cutoff_date,"
            " 0 as days_before_as_of, 400 as history_days, 'serving' as split,"
            " false as is_month_end, true as is_segment_definition"
        )
        connection.execute(
            "create table int_customers as select 'a' as customer_id, 5 as recency_days"
        )
        connection.execute(
            "create table int_customer_scores as select date '2011-01-01' as cutoff_date,"
            " 'a' as customer_id, 3 as f_score, 4 as m_score, 'loyal' as rfm_group_segment_key"
        )
        connection.execute(
            "create table segment_archetypes as select 'loyal' as segment_key, 'recent' as claims"
        )
        connection.execute(
            "create table int_customer_clusters as select 0 as definition_days, 0 as idle_days,"
            " date '2011-01-01' as cutoff_date, 'a' as customer_id, '' as segment_key,"
            " 1 as cluster_no, 1.0 as distance, '' as runner_up_segment_key,"
            " 1.0 as runner_up_distance, 1.0 as confidence, '' as reason_axis where false"
        )
        connection.execute("create table int_customer_segment_choice as select false as is_blind")
        sql_models.run(connection, "int_segment_bounds", "int_customer_segments")
        keys = connection.execute("select segment_key from int_customer_segments").fetchall()
    assert keys == [("some_high",)]


def test_raw_profile(small_shop):
    profile = {
        column: rest
        for column, *rest in small_shop.rows(
            "select column_name, missing, distinct_values, minimum, maximum, examples"
            " from quality.raw_profile"
        )
    }
    # missing: the malformed line in each column, and 3 lines without a customer
    assert profile["customer_id"][:4] == [1 + 3, 6, "00123", "17850.0"]
    assert profile["quantity"][2:4] == ["-6", "40"]
    assert profile["unit_price"][2:4] == ["0.0000", "100.0000"]
    assert profile["invoice_date"][2:4] == ["2011-01-03 10:00:00", "2011-03-01 12:15:00"]
    examples = f"United Kingdom ({len(LINES) - 1 - 5}), France (3), Spain (2)"
    assert profile["country"] == [1, 3, "France", "United Kingdom", examples]


def test_published_files_hold_the_same_rows(small_shop):
    import duckdb

    published = small_shop.published
    manifest = json.loads((published / "manifest.json").read_text())
    assert manifest["as_of_date"] == "2011-03-02"
    assert manifest["raw_files"][0]["bytes"] == small_shop.invoices.stat().st_size
    with duckdb.connect(str(published / "gift_shop.duckdb"), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("show tables").fetchall()}
        assert tables == {"build_info", *manifest["tables"]} >= {"customers", "cleaning_ledger"}
        (info,) = connection.execute("select * from build_info").fetchall()
        assert info == (manifest["build_id"], date(2011, 3, 2), "invoices.csv", False, "shop", None)
        for table, rows in manifest["tables"].items():
            parquet = published / "parquet" / f"{table}.parquet"
            csv = published / "csv" / f"{table}.csv"
            # spreadsheets take a file without the mark for Windows-1252
            assert csv.read_bytes().startswith(b"\xef\xbb\xbf") and not csv.read_bytes().count(
                b"\xef\xbb\xbf", 3
            )
            for source in (f'"{table}"', f"'{parquet}'", f"'{csv}'"):
                found = connection.execute(f"select count(*) from {source}").fetchone()[0]
                assert found == rows, source
        monetary = connection.execute("select sum(monetary) from customers").fetchone()[0]
    assert monetary == Decimal(0 + 30 + 205 + 32)


def test_a_second_build_is_identical(small_shop):
    first = small_shop.files()
    small_shop.build()
    second = small_shop.files()
    # the database file holds its own bookkeeping; its tables are compared by the manifest's hash
    first.pop("gift_shop.duckdb"), second.pop("gift_shop.duckdb")
    assert first == second
