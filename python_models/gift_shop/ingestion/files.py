"""What the formats share: the clear error, the files and their parts, the scratch table.

Used by reader.py and csv_files.py, parquet_files.py, xlsx_files.py; nothing here knows one format.
"""

import glob
import os
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from gift_shop.errors import InputFileError

COLUMNS = (
    "invoice_no",
    "stock_code",
    "description",
    "quantity",
    "invoice_date",
    "unit_price",
    "customer_id",
    "country",
)
# What an order line may say beyond the eight; docs/exports.md has the table of all.
MORE_FIELDS = (
    "line_no",
    "line_total",
    "discount",
    "order_discount",
    "order_subtotal",
    "order_shipping",
    "order_total",
    "refunded_quantity",
    "refunded_amount",
    "order_refund",
    "refunded_at",
    "category",
    "product_group",
    "status",
    "left_out_reason",
    "is_refunded",
    "currency",
    "may_contact",
)
FIELDS = COLUMNS + MORE_FIELDS
# White space around a field, as staging trims it (macro clean_text).
BLANKS = " \t\n\r\u00a0"
# an e-mail address in a text, whatever stands around it
ADDRESS = re.compile(r"""[^\s,;:|<>()"']+@[^\s,;:|<>()"']+""")
MASK = "(e-mail address)"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
IDS = ("invoice_no", "stock_code", "customer_id")
LARGEST_WHOLE = 2**53  # of a double: above it some whole numbers are missing
SET_ZONE = "set the shop's, as in VARS='shop_timezone: Europe/London'"
TABLE = "table:"  # before the name of a table of a database
SQLITE_LETTERS, DUCKDB_LETTERS = b"SQLite format 3\x00", b"DUCK"
SCRATCH = "temp.reader_scratch"
STREAM = "reader_stream"


def problem(where: str, what: str, remedy: str) -> InputFileError:
    """The exception to raise, of one shape: `<file>: <what is wrong>. <what to do>`.

    Parameters
    ----------
    where : str
        The file, with its sheet.
    what : str
        Without a full stop; e-mail addresses in it are masked.
    remedy : str
        A sentence.

    Returns
    -------
    InputFileError
    """
    return InputFileError(f"{where}: {masked(what)}. {remedy}")


def quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def blanks_around(pattern: str) -> str:
    """The pattern with white space around it, which costs a quarter of trimming each text."""
    return f"[{BLANKS}]*(?:{pattern})[{BLANKS}]*"


def masked(text: str) -> str:
    """A text without the e-mail addresses in it, whose place is marked."""
    return ADDRESS.sub(MASK, text)


def shown(text: str, limit: int = 120) -> str:
    """A text from the file, fit for a message: quoted, on one line, cut at `limit` characters."""
    return repr(text if len(text) <= limit else text[:limit] + "...")


@dataclass(frozen=True)
class Part:
    """A run of records with one header: a file, or a sheet of a workbook.

    `offset` is the line_id before the first record, `header_line` the physical line (or the
    sheet's row) of the header, 0 for Parquet; both count from 1. `binding` is its mapping, bound to
    the header, `delimiter` what stands between the fields of a CSV, `date_format` and `date_evidence` the order of day and month and what it
    rests on, `currency` the one code of the files, `notes` sentences on what was left out or taken for granted,
    `contents` size and hash of the lines of a table, which has no file.
    """

    part_no: int
    path: str
    offset: int
    header_line: int = 0
    sheet: str | None = None
    binding: Any = None  # a mapping.Binding; that module needs this one
    delimiter: str = ","
    date_format: str = ""
    date_evidence: str = ""
    currency: str = ""
    notes: tuple[str, ...] = ()
    contents: tuple[int, str] | None = None

    @property
    def is_text(self) -> bool:
        """A CSV: its values have no type."""
        return self.sheet is None and self.header_line > 0

    @property
    def where(self) -> str:
        """The file as the user named it, with the sheet."""
        return self.path if self.sheet is None else f"{self.path}, sheet {shown(self.sheet)}"

    def position(self, line_id: int) -> str:
        """Where an editor shows the record: "line 7 (the header is line 1)"."""
        number = line_id - self.offset + self.header_line
        unit = "row" if self.sheet is not None or not self.header_line else "line"
        header = f" (the header is {unit} {self.header_line})" if self.header_line else ""
        return f"{unit} {number}{header}"


def input_files(pattern: str) -> list[str]:
    """The files that RAW_INVOICES names.

    Parameters
    ----------
    pattern : str
        A file, a glob, a folder of Parquet files (whatever the folders in it) or a table (see
        table_source.py).

    Returns
    -------
    list of str
        One path at least, in name order; a table's name as it is.

    Raises
    ------
    InputFileError
        Where there is no such file, or the name is a folder's.
    """
    if pattern.startswith(TABLE):
        return [pattern]
    if os.path.isfile(pattern):  # before globbing: a name may hold [ or *
        return [pattern]
    if os.path.isdir(pattern):
        found = glob.glob(os.path.join(glob.escape(pattern), "**", "*.parquet"), recursive=True)
        if found:
            return sorted(path for path in found if os.path.isfile(path))
        raise problem(pattern, "is a folder", f"Name a file in it, or a glob: {pattern}/*.csv.")
    if not pattern or not glob.has_magic(pattern):
        what = "is not a regular file" if pattern and os.path.exists(pattern) else "does not exist"
        raise problem(pattern or "''", what, "Set RAW_INVOICES to an invoice file or a glob.")
    folder = pattern
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    # what exists is a name, whatever signs it holds
    pattern = glob.escape(folder) + pattern[len(folder) :]
    found = sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
    if not found:
        raise problem(pattern, "no file matches this glob", "Correct RAW_INVOICES.")
    return found


def public_name(source: str) -> str:
    """A file or a table as messages and tables name it: without the password of a database."""
    return re.sub(
        r"(?<=//)([^/@:]*):[^/]*@", r"\1@", re.sub(r"([?&]password=)[^&/]*", r"\1...", source)
    )


def inexact_id(
    where: str, place: str, column: str, value: float, largest: int = LARGEST_WHOLE
) -> InputFileError:
    """The error for an id that a file holds as a number too large to be exact.

    Parameters
    ----------
    where : str
        The file, with its sheet.
    place : str
        The row.
    column : str
        Its name in the file.
    value : float
    largest : int
        A power of 2, up to which the whole numbers of its type are all there.

    Returns
    -------
    InputFileError
    """
    return problem(
        where,
        f"{place}: {column} {value:.0f} is stored as a number above 2^{largest.bit_length() - 1}, so that"
        " its last digits may be lost",
        "Export the column as text.",
    )


def is_zone(name: str) -> bool:
    """A time zone that every machine and DuckDB know by this name."""
    return name in zoneinfo.available_timezones() and name != "localtime"


def line_schema(part: Part, *more: str) -> pa.Schema:
    """Of the lines of a part as a loader gives them: line_id, its slots, and further texts."""
    names = ["line_id", *part.binding.slots, *more]
    return pa.schema([(n, pa.int64() if n == "line_id" else pa.string()) for n in names])


def insert_lines(
    session: duckdb.DuckDBPyConnection,
    part: Part,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> None:
    """Add the lines of a part to the scratch table, through its mapping.

    Parameters
    ----------
    session : DuckDBPyConnection
    part : Part
    schema : Schema
        Of line_schema, with raw_text or without.
    batches : iterable of RecordBatch
    """
    raw_text = ", raw_text" if "raw_text" in schema.names else ""
    sql = f"""insert into {SCRATCH} by name
        select line_id, {part.part_no} as part_no, {part.binding.select_sql()}{raw_text} from {STREAM}"""
    insert_stream(session, sql, schema, batches)


def insert_stream(
    session: duckdb.DuckDBPyConnection,
    sql: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> None:
    """Run an insert that reads Arrow batches as table `reader_stream`.

    DuckDB wraps what is raised inside a stream, and gives up the transaction: so an error ends
    the stream quietly and is raised here, after the statement, as it was.

    Parameters
    ----------
    session : DuckDBPyConnection
    sql : str
        The insert.
    schema : Schema
        Of the batches.
    batches : iterable of RecordBatch

    Raises
    ------
    Exception
        Whatever the batches raise; duckdb.Error where the insert fails.
    """
    failures: list[Exception] = []

    def guarded() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised below
            failures.append(error)

    session.register(STREAM, pa.RecordBatchReader.from_batches(schema, guarded()))
    try:
        session.execute(sql).fetchall()
    finally:
        session.unregister(STREAM)
    if failures:
        raise failures[0]
