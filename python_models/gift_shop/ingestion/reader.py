"""The reader: raw invoice files, as read, one row for each line; or one clear error.

CSV, CSV.gz, Parquet and XLSX, recognised by their first bytes. Everything is text here; staging
types it.
"""

import contextlib
import hashlib
import os
import zlib

import duckdb
import pandas as pd
import pyarrow as pa

from gift_shop.ingestion.csv_files import load_csv
from gift_shop.ingestion.files import (
    COLUMNS,
    SCRATCH,
    InputFileError,
    Part,
    explained,
    file_kind,
    input_files,
    problem,
    shown,
)
from gift_shop.ingestion.parquet_files import load_parquet
from gift_shop.ingestion.xlsx_files import load_xlsx

__all__ = ["DATE_FORMATS", "InputFileError", "raw_files", "read_invoices"]

ISO_FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
]
SLASH_FORMATS = {
    "m/d/yyyy": ["%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"],
    "d/m/yyyy": ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"],
}
# The var date_format -> the strptime formats that are readable under it.
DATE_FORMATS = {name: slash + ISO_FORMATS for name, slash in SLASH_FORMATS.items()}
# White space around a field, as staging trims it (macro clean_text).
BLANKS = " \t\n\r\u00a0"
LOADERS = {"csv": load_csv, "parquet": load_parquet, "zip": load_xlsx}


def read_invoices(
    session: duckdb.DuckDBPyConnection,
    pattern: str,
    *,
    date_format: str,
    quantity_pattern: str,
    price_pattern: str,
    max_unreadable_share: float,
) -> duckdb.DuckDBPyRelation:
    """Every line of the file, or of the files of a glob, in one relation.

    The rows stand in a temporary table of the session, so that every check is done before the
    caller replaces anything; it lives as long as the session.

    Parameters
    ----------
    session : DuckDBPyConnection
    pattern : str
        A file or a glob.
    date_format : str
        One of DATE_FORMATS, the order of day and month in dates with slashes.
    quantity_pattern, price_pattern : str
        Regexes without anchors that a trimmed number matches as a whole.
    max_unreadable_share : float
        0..1, of the lines of a file or sheet.

    Returns
    -------
    DuckDBPyRelation
        One row per line: line_id (bigint), source_file (base name), the eight of COLUMNS and
        raw_text (all varchar). A line that is no record of the file's shape has its text in
        raw_text and no fields.

    Raises
    ------
    InputFileError
        Where the date format is not known, no file is found, or a file cannot be read or fails
        check_content; the scratch table is dropped.
    """
    if date_format not in DATE_FORMATS:
        raise InputFileError(
            f"date_format {shown(str(date_format))} is not known, reading {pattern}. "
            f"Set it to {' or '.join(map(repr, DATE_FORMATS))}."
        )
    create_scratch(session)
    try:
        parts = load_files(session, input_files(pattern))
        check_content(
            session,
            parts,
            date_format,
            quantity_pattern,
            price_pattern,
            float(max_unreadable_share),
        )
    except BaseException:
        with contextlib.suppress(Exception):  # a failed statement may have ended the transaction
            session.execute(f"drop table {SCRATCH}")
        raise
    names = {part.part_no: os.path.basename(part.path) for part in parts}
    session.register("reader_names", pa.table({"part_no": list(names), "name": names.values()}))
    session.execute("create or replace temp table reader_parts as from reader_names").fetchall()
    session.unregister("reader_names")
    return session.sql(f"""
        select line_id, name as source_file, {", ".join(COLUMNS)}, raw_text
        from {SCRATCH} join temp.reader_parts using (part_no)""")


def raw_files(pattern: str) -> pd.DataFrame:
    """What the raw files are, to the byte.

    Parameters
    ----------
    pattern : str
        A file or a glob.

    Returns
    -------
    DataFrame
        One row per file: file_no (from 1, in name order), file_name (base name), bytes, sha256
        (hex).

    Raises
    ------
    InputFileError
        Where there is no file or one cannot be read.
    """
    rows = []
    for file_no, path in enumerate(input_files(pattern), 1):
        try:
            with open(path, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise explained(path, error) from None
        rows.append((file_no, os.path.basename(path), os.path.getsize(path), digest))
    return pd.DataFrame(rows, columns=["file_no", "file_name", "bytes", "sha256"])


def create_scratch(session: duckdb.DuckDBPyConnection) -> None:
    """An empty scratch table; the file's name is a number in it, a text per row would cost."""
    fields = ", ".join(f"{column} varchar" for column in COLUMNS)
    session.execute(
        f"create or replace temp table {SCRATCH}"
        f" (line_id bigint, part_no integer, {fields}, raw_text varchar)"
    ).fetchall()


def load_files(session: duckdb.DuckDBPyConnection, paths: list[str]) -> list[Part]:
    """Load the files one after the other into the scratch table, line_id running on.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the scratch table of create_scratch.
    paths : list of str

    Returns
    -------
    list of Part
        One for each file, or for each sheet of a workbook that is read; part_no is the position.

    Raises
    ------
    InputFileError
        Where a file cannot be read or is none of the formats.
    """
    parts: list[Part] = []
    last = 0
    for path in paths:
        try:
            loaded, last = LOADERS[file_kind(path)](session, path, len(parts), last)
        except (OSError, EOFError, zlib.error) as error:
            raise explained(path, error) from None
        parts += loaded
    return parts


def check_content(
    session: duckdb.DuckDBPyConnection,
    parts: list[Part],
    date_format: str,
    quantity_pattern: str,
    price_pattern: str,
    max_unreadable_share: float,
) -> None:
    """Check that the dates are of the order that is set, and that most lines are readable.

    Each file and sheet is judged by itself. Unreadable: not of the file's shape, or quantity,
    date or price not readable. A year below 1000 is one of two digits, and not readable.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the lines of the parts in the scratch table.
    parts : list of Part
        By part_no.
    date_format : str
        One of DATE_FORMATS.
    quantity_pattern, price_pattern : str
        As in read_invoices.
    max_unreadable_share : float
        0..1.

    Raises
    ------
    InputFileError
        Where more dates of a part can only be of the other order than only of the one that is set,
        or more than max_unreadable_share of its lines are unreadable; it quotes the first such
        line.
    """
    other = next(name for name in DATE_FORMATS if name != date_format)
    rows = session.execute(
        f"""
        with shaped as (
            select part_no, line_id, raw_text is not null as is_malformed,
                not coalesce(regexp_full_match(quantity, $quantity), false) as bad_quantity,
                not coalesce(regexp_full_match(unit_price, $price), false) as bad_price,
                invoice_date
            from {SCRATCH}
        ), counted as (
            select part_no, is_malformed, bad_quantity, bad_price, invoice_date,
                count(*) as lines, min(line_id) as line_id
            from shaped group by all
        ), dated as (
            select *, {is_date_sql(DATE_FORMATS[date_format])} is not true as bad_date
            from counted
        ), judged as (
            select *, bad_quantity or bad_price or bad_date as is_bad,
                case when bad_date then {is_date_sql(SLASH_FORMATS[other])} end as is_swapped
            from dated
        )
        select part_no, sum(lines), sum(lines) filter (is_bad), min(line_id) filter (is_bad),
            sum(lines) filter (is_malformed),
            sum(lines) filter (not is_malformed and bad_quantity),
            sum(lines) filter (not is_malformed and bad_date),
            sum(lines) filter (not is_malformed and bad_price),
            sum(lines) filter (is_swapped), min(line_id) filter (is_swapped)
        from judged group by part_no order by part_no""",
        {"quantity": blanks_around(quantity_pattern), "price": blanks_around(price_pattern)},
    ).fetchall()
    for part_no, lines, bad, first_bad, *reasons, swapped, first_swapped in rows:
        part = parts[part_no]
        if swapped and swapped > count_proofs(session, part_no, date_format, other):
            raise problem(
                part.where,
                f"its dates look like {other}: {quoted_line(session, part, first_swapped)}",
                f"Set date_format to '{other}' (it is '{date_format}').",
            )
        if bad and bad > max_unreadable_share * lines:
            names = ("not of the header's shape", "quantity", "date", "price")
            counts = ", ".join(f"{n} {name}" for n, name in zip(reasons, names, strict=True) if n)
            raise problem(
                part.where,
                f"{bad} of {lines} lines ({bad / lines:.1%}) are unreadable, more than "
                f"{max_unreadable_share:.1%} ({counts}), first "
                f"{quoted_line(session, part, first_bad)}",
                f"Readable are dates like {date_format} H:MM or 2011-01-31 9:05, quantities like -12, "
                "prices like 1250.50. Correct the file, or set date_format or "
                "max_unreadable_share.",
            )


def blanks_around(pattern: str) -> str:
    """The pattern with white space around it, which costs a quarter of trimming each text."""
    return f"[{BLANKS}]*(?:{pattern})[{BLANKS}]*"


def is_date_sql(formats: list[str]) -> str:
    """SQL: invoice_date is readable by one of the formats, with a year of four digits."""
    return f"year(try_strptime(trim(invoice_date, '{BLANKS}'), {formats})) >= 1000"


def count_proofs(
    session: duckdb.DuckDBPyConnection, part_no: int, date_format: str, other: str
) -> int:
    """Lines whose date is readable as set and not in the other order: its day is above 12.

    One typing mistake among many proofs is an unreadable line, and no reason to refuse the file;
    without proofs, or with fewer than there are lines of the other order, it is.

    Parameters
    ----------
    session : DuckDBPyConnection
    part_no : int
    date_format, other : str
        The one of DATE_FORMATS that is set, and the other one.

    Returns
    -------
    int
    """
    ((proofs,),) = session.execute(f"""
        select count(*) from {SCRATCH} where part_no = {part_no}
            and {is_date_sql(SLASH_FORMATS[date_format])}
            and {is_date_sql(SLASH_FORMATS[other])} is not true""").fetchall()
    return proofs


def quoted_line(session: duckdb.DuckDBPyConnection, part: Part, line_id: int) -> str:
    """A line of a file for a message.

    Parameters
    ----------
    session : DuckDBPyConnection
    part : Part
        That the line is of.
    line_id : int

    Returns
    -------
    str
        "line 7 (the header is line 1): 'its text'"; a record's fields in the usual order.
    """
    fields = ", ".join(f"coalesce({column}, '')" for column in COLUMNS)
    ((text,),) = session.execute(
        f"select coalesce(raw_text, concat_ws(',', {fields})) from {SCRATCH} where line_id = ?",
        [line_id],
    ).fetchall()
    return f"{part.position(line_id)}: {shown(text)}"
