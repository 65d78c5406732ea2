"""XLSX: every sheet with a fitting header, read row by row with python-calamine."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count

import duckdb
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from gift_shop.ingestion.files import (
    COLUMNS,
    HEADER,
    IDS,
    LARGEST_WHOLE,
    SCRATCH,
    STREAM,
    Part,
    column_at,
    inexact_id,
    insert_stream,
    positions,
    problem,
    shown,
    unused_names,
)

CHUNK_ROWS = 50_000
ROWS = pa.schema(
    {"line_id": pa.int64()} | dict.fromkeys(COLUMNS, pa.string()) | {"raw_text": pa.string()}
)


def load_xlsx(
    session: duckdb.DuckDBPyConnection, path: str, part_no: int, offset: int, zone: str = ""
) -> tuple[list[Part], int]:
    """Load a workbook's fitting sheets into the scratch table, in its order.

    A sheet is skipped if it is hidden, or if two columns or more are missing (a summary, a note);
    with just one missing it is most likely invoices, and leaving it out would be wrong. The notes of
    the first part say what became of each sheet.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the scratch table of create_scratch.
    path : str
    part_no : int
        Number of the first part, in order of loading.
    offset : int
        The last line_id used before.
    zone : str
        Not used: no time of this format has a zone.

    Returns
    -------
    list of Part
        One for each sheet that is read.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where the file is no complete workbook or has a password, no visible sheet fits, one lacks a
        column or has it twice, an id is a number above 2^53, or there is no record.
    """
    check_archive(path)
    try:
        with open(path, "rb") as stream:
            workbook = CalamineWorkbook.from_filelike(stream)
            parts: list[Part] = []
            last, seen, hidden = offset, [], []
            notes: list[str] = []  # what became of each sheet that holds anything
            for described in workbook.sheets_metadata:
                name = shown(described.name)
                sheet = Sheet(workbook.get_sheet_by_name(described.name))
                seen.append(f"{name}: {', '.join(map(str, sheet.header[:20])) or 'empty'}")
                if not sheet.header:
                    continue
                if len({column_at(cell) for cell in sheet.header} - {None}) < len(COLUMNS) - 1:
                    rows, what = (
                        sheet.count_rows(),
                        "has no header of invoice lines and was not read",
                    )
                elif described.visible != SheetVisibleEnum.Visible:
                    rows, what = sheet.count_rows(), "is hidden and was not read"
                    hidden.append(name)
                else:
                    number, unused = part_no + len(parts), unused_names(sheet.header)
                    part = Part(number, path, last, sheet.header_row, described.name, unused)
                    parts.append(part)
                    last = load_sheet(session, sheet, part)
                    rows, what = last - part.offset, "was read"
                notes.append(f"sheet {name} ({rows:,} row{'s' * (rows != 1)}) {what}")
    except PasswordError:
        raise problem(
            path, "is password-protected", "Save it as .xlsx without a password."
        ) from None
    except (CalamineError, zipfile.BadZipFile) as error:
        raise problem(
            path, f"is not a complete Excel workbook ({error})", "Save it again as .xlsx."
        ) from None
    if hidden and not parts:
        raise problem(
            path, f"all sheets with lines are hidden ({', '.join(hidden)})", "Unhide them."
        )
    if not parts:
        raise problem(
            path,
            f"no sheet has a header line with the columns needed (found {'; '.join(seen)[:500]})",
            f"Add the header {HEADER}.",
        )
    if last == offset:
        raise problem(path, "holds a header and no records", "Export the invoice lines as well.")
    if len(notes) > 1:  # of the only sheet nothing needs to be said
        parts[0] = replace(parts[0], notes=tuple(notes))
    return parts, last


def check_archive(path: str) -> None:
    """Raise unless the zip archive is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise problem(
            path, f"is not a complete Excel workbook ({error})", "Save or copy it again."
        ) from None
    if not any(name.startswith("xl/workbook.") for name in names):
        raise problem(
            path,
            f"is a zip archive and no Excel workbook (it holds {', '.join(names[:5])})",
            "Unpack it and name the file inside.",
        )


class Sheet:
    """A sheet's first row that is not empty, its number, and the rows after it."""

    def __init__(self, sheet: CalamineSheet):
        """Read up to the header; an empty sheet has the header []."""
        self.rows = iter(sheet.iter_rows()) if sheet.height else iter(())
        self.header, self.header_row = [], 0
        for number, row in enumerate(self.rows, 1):
            if not is_empty(row):
                self.header, self.header_row = row, number
                break

    def count_rows(self) -> int:
        """Rows that are not empty, the header included; they are used up by it."""
        return bool(self.header) + sum(not is_empty(row) for row in self.rows)


def load_sheet(session: duckdb.DuckDBPyConnection, sheet: Sheet, part: Part) -> int:
    """Load one sheet into the scratch table.

    Parameters
    ----------
    session : DuckDBPyConnection
    sheet : Sheet
    part : Part
        That the sheet is.

    Returns
    -------
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where a column is missing or doubled, or an id is a number above 2^53.
    """
    place = positions(part.where, sheet.header)
    last = [part.offset]
    insert_stream(
        session,
        f"insert into {SCRATCH} by name select {part.part_no} as part_no, * from {STREAM}",
        ROWS,
        row_batches(sheet.rows, place, last, part),
    )
    return last[0]


def row_batches(
    rows: Iterator[list], place: dict[str, int], last: list[int], part: Part
) -> Iterator[pa.RecordBatch]:
    """The rows of a sheet as Arrow batches; empty rows at its end are left out.

    Parameters
    ----------
    rows : iterator of list
        Those after the header.
    place : dict of str to int
        Position of each of COLUMNS.
    last : list of int
        Its one entry, the last line_id used, goes on as the batches are taken.
    part : Part
        That the sheet is, for messages.

    Yields
    ------
    RecordBatch
        Columns ROWS: line_id, the eight texts, raw_text. An empty row between records is one not of
        the file's shape: raw_text ''.
    """
    chunk, empty = [], 0
    for line_id, row in zip(count(last[0] + 1), rows):
        if is_empty(row):
            empty += 1
            continue
        blanks = range(line_id - empty, line_id)
        chunk += [(blank, *[None] * len(COLUMNS), "") for blank in blanks]
        for column in IDS:
            value = row[place[column]]
            if isinstance(value, float) and abs(value) > LARGEST_WHOLE:
                raise inexact_id(part.where, part.position(line_id), column, value)
        texts = [cell_text(row[at], is_id=column in IDS) for column, at in place.items()]
        chunk.append((line_id, *texts, None))
        empty, last[0] = 0, line_id
        if len(chunk) >= CHUNK_ROWS:
            yield chunk_batch(chunk)
            chunk = []
    if chunk:
        yield chunk_batch(chunk)


def chunk_batch(chunk: list[tuple]) -> pa.RecordBatch:
    """Rows -> Arrow columns."""
    columns = zip(*chunk, strict=True)
    return pa.record_batch(
        [pa.array(c, field.type) for c, field in zip(columns, ROWS, strict=True)], schema=ROWS
    )


def is_empty(row: list) -> bool:
    """No cell holds anything; calamine gives '' for an empty one."""
    return not any(cell is not None and cell != "" for cell in row)


def cell_text(value: object, *, is_id: bool = False) -> str | None:
    """A cell as a CSV export would hold it.

    Parameters
    ----------
    value : object
    is_id : bool
        Two ids that differ have texts that differ; other numbers have 15 digits.

    Returns
    -------
    str or None
        6 not 6.0, 2.55, YYYY-MM-DD HH:MM:SS; None for an empty cell.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        # 15 digits, as a spreadsheet shows; Decimal writes no exponent.
        return repr(value) if is_id else format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d 00:00:00")
    return None if value is None else str(value)
