"""A shop through the reader and the SQL models in memory, without dbt: a tenth of a second a shop."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import duckdb
import sql_models
from gift_shop.ingestion import reader
from shop import HEADER, PROJECT

SEEDS = {
    "do_not_contact": "customer_id varchar, reason varchar",
    "nobody_ids": "customer_id varchar, why varchar",
    "non_product_codes": "stock_code varchar, meaning varchar",
    "non_product_words": "phrase varchar, meaning varchar",
    "product_category_names": "category_key varchar, category_name varchar, priority integer",
    "product_category_overrides": "stock_code varchar, category_key varchar, why varchar",
    "product_category_words": "category_key varchar, phrase varchar",
    "rfm_groups": "rfm_group varchar, r_from integer, r_to integer, f_from integer,"
    " f_to integer, m_from integer, m_to integer, segment_key varchar",
}
CLEANING = (
    "stg_line_settings",
    "int_line_classes",
    "stg_do_not_contact",
    "stg_nobody_ids",
    "stg_invoice_lines",
    "int_superseded_lines",
    "int_duplicate_lines",
    "int_invoice_days",
    "int_invoice_lines_classified",
    "int_line_adjustments",
)
LEDGER = ("int_cleaning_stops", "int_as_of", "cleaning_ledger", "rejected_invoice_lines")
SALES = ("int_product_lines", "int_return_matches", "int_sales", "int_orders")
RETURNS = ("returns_reconciliation",)
CUSTOMERS = (
    "int_do_not_contact",
    "int_customer_days",
    "int_cutoffs",
    "int_customer_snapshots",
    "int_customer_scores",
)
PEOPLE = ("int_customers", "int_product_descriptions", "int_products")
CATEGORIES = ("int_own_categories", "int_product_category_words")
MODELS = (*CLEANING, *LEDGER, *SALES, *RETURNS, *CUSTOMERS, *PEOPLE)


class SqlShop:
    """Tables of one shop, by their names; `raw` is a file or a glob."""

    def __init__(
        self, raw: Path | str, models: Iterable[str] = MODELS, mapping: Path | str = "", **settings
    ):
        self.connection = duckdb.connect(config={"threads": 2})
        values = sql_models.project_vars() | settings
        given = {name: values[name] for name in reader.SETTINGS} | {"mapping": str(mapping)}
        reader.read_invoices(self.connection, str(raw), **given).create("raw_invoice_lines")
        sql_models.put(
            self.connection,
            raw_files=reader.raw_files(str(raw), **given),
            customer_addresses=reader.customer_addresses(str(raw), **given),
        )
        sql_models.run(self.connection, "stg_ingestion_settings", **settings)
        for seed, columns in SEEDS.items():
            self.connection.execute(f"create table {seed} ({columns})")
            self.connection.execute(
                f"copy {seed} from '{PROJECT / 'seeds' / seed}.csv' (header, nullstr '')"
            )
        sql_models.run(self.connection, *models, **settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def row(self, query: str) -> tuple:
        (row,) = self.rows(query)
        return row

    def ledger(self) -> Counter:
        """Lines for each (class, reason)."""
        rows = self.rows("select line_class, reason, sum(lines) from cleaning_ledger group by all")
        return Counter({(line_class, reason): int(lines) for line_class, reason, lines in rows})


def write(path: Path, lines: Iterable[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8", newline="")
    return path


def totals(records: Iterable[tuple[str, str]]) -> tuple[int, Decimal, Decimal]:
    """Lines, units and amount of (quantity, price) texts; an unreadable number counts nothing."""
    lines, units, amount = 0, Decimal(0), Decimal(0)
    for quantity, price in records:
        lines += 1
        if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,3})?", quantity.strip()):
            units += Decimal(quantity.strip())
            if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", price.strip()):
                amount += Decimal(quantity.strip()) * Decimal(price.strip())
    return lines, units, amount


def assert_reconciled(shop: SqlShop, raw: tuple[int, Decimal, Decimal]) -> None:
    """Every line in one class, lines, units and money as in the file; returns as matched or not."""
    assert raw == shop.row(
        "select cast(sum(lines) as bigint), sum(units), sum(amount) from cleaning_ledger"
    )
    assert (
        shop.row("select count(*), count(distinct line_id) from int_invoice_lines_classified")[0]
        == (raw[0])
    )
    returned, matched, unmatched, money, refunded, rest = shop.row(
        "select returned_units, matched_units, unmatched_units, returned_amount, refunded_amount,"
        " unmatched_amount from returns_reconciliation"
    )
    assert returned == matched + unmatched and matched >= 0 and unmatched >= 0
    assert money == refunded + rest
    assert shop.row("select count(*) from int_sales where returned_units > units") == (0,)
    ledger = shop.row(
        "select -coalesce(sum(units), 0), -coalesce(sum(amount), 0) from cleaning_ledger"
        " where line_class = 'return' and before_as_of"
    )
    assert ledger == (returned, money)
