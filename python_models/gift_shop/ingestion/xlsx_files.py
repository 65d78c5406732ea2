"""XLSX: every sheet with a fitting header, read row by row with python-calamine."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count, islice

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
    HEADER,
    LARGEST_WHOLE,
    Part,
    inexact_id,
    insert_lines,
    line_schema,
    problem,
    shown,
)
from gift_shop.ingestion.mapping import Binding, Mapping, fitting_names, recognise, sheet_fits

CHUNK_ROWS = 50_000
MOST_TITLE_ROWS = 20  # above a header, that are looked at


def load_xlsx(
    session: duckdb.DuckDBPyConnection,
    path: str,
    part_no: int,
    offset: int,
    zone: str = "",
    own: Mapping | None = None,
) -> tuple[list[Part], int]:
    """Load a workbook's fitting sheets into the scratch table, in its order.

    A sheet is skipped if it is hidden, or if its header is far from that of any format (a summary, a
    note); with just one column missing it is most likely invoices, and leaving it out would be wrong. The notes of
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
    own : Mapping, optional
        The user's; else the header says which format it is.

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
        column, an id is a number above 2^53, or there is no record.
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
                sheet = Sheet(workbook.get_sheet_by_name(described.name), own)
                seen.append(f"{name}: {', '.join(map(str, sheet.header[:20])) or 'empty'}")
                if not sheet.header:
                    continue
                if not sheet_fits(sheet.header, own):
                    rows, what = (
                        sheet.count_rows(),
                        "has no header of invoice lines and was not read",
                    )
                elif described.visible != SheetVisibleEnum.Visible:
                    rows, what = sheet.count_rows(), "is hidden and was not read"
                    hidden.append(name)
                else:
                    binding = recognise(f"{path}, sheet {name}", sheet.header, own)
                    number = part_no + len(parts)
                    part = Part(number, path, last, sheet.header_row, described.name, binding)
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
    """A sheet's header, the row it stands in, and the rows after it.

    The header is the row of the first MOST_TITLE_ROWS of which most names are known, else the first
    that is not empty; an empty sheet has the header [].
    """

    def __init__(self, sheet: CalamineSheet, own: Mapping | None = None):
        self.rows = iter(sheet.iter_rows()) if sheet.height else iter(())
        first = list(islice(self.rows, MOST_TITLE_ROWS))
        self.title_rows = 0
        filled = [number for number, row in enumerate(first, 1) if not is_empty(row)]
        self.header, self.header_row = [], 0
        if filled:
            self.header_row = max(filled, key=lambda number: fitting_names(first[number - 1], own))
            self.header = first[self.header_row - 1]
            self.title_rows = filled.index(self.header_row)
        self.rows = chain(first[self.header_row :], self.rows)

    def count_rows(self) -> int:
        """Rows that are not empty, the header included; they are used up by it."""
        return bool(self.header) + self.title_rows + sum(not is_empty(row) for row in self.rows)


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
        Where an id is a number above 2^53.
    """
    last = [part.offset]
    schema = line_schema(part, "raw_text")
    insert_lines(session, part, schema, row_batches(sheet.rows, schema, last, part))
    return last[0]


def row_batches(
    rows: Iterator[list], schema: pa.Schema, last: list[int], part: Part
) -> Iterator[pa.RecordBatch]:
    """The rows of a sheet as Arrow batches; empty rows at its end are left out.

    Parameters
    ----------
    rows : iterator of list
        Those after the header.
    schema : Schema
        Of the batches: line_id, the slots of the part's binding, raw_text.
    last : list of int
        Its one entry, the last line_id used, goes on as the batches are taken.
    part : Part
        That the sheet is, for messages.

    Yields
    ------
    RecordBatch
        An empty row between records is one not of
        the file's shape: raw_text ''.
    """
    fields = len(part.binding.slots)
    chunk, empty = [], 0
    for line_id, row in zip(count(last[0] + 1), rows):
        if is_empty(row):
            empty += 1
            continue
        blanks = range(line_id - empty, line_id)
        chunk += [(blank, *[None] * fields, "") for blank in blanks]
        chunk.append((line_id, *row_texts(part, line_id, row), None))
        empty, last[0] = 0, line_id
        if len(chunk) >= CHUNK_ROWS:
            yield chunk_batch(chunk, schema)
            chunk = []
    if chunk:
        yield chunk_batch(chunk, schema)


def row_texts(part: Part, line_id: int, row: list) -> list[str | None]:
    """The cells of a row that are read, as texts.

    Parameters
    ----------
    part : Part
        That the row is of.
    line_id : int
    row : list

    Returns
    -------
    list of str or None
        One for each slot of the part's binding.

    Raises
    ------
    InputFileError
        Where an id is a number above 2^53.
    """
    binding: Binding = part.binding
    texts = []
    for slot, at in binding.slots.items():
        value, is_id = row[at], slot in binding.code_slots
        if is_id and isinstance(value, float) and abs(value) > LARGEST_WHOLE:
            raise inexact_id(part.where, part.position(line_id), binding.header[at], value)
        texts.append(cell_text(value, is_id=is_id))
    return texts


def chunk_batch(chunk: list[tuple], schema: pa.Schema) -> pa.RecordBatch:
    """Rows -> Arrow columns."""
    columns = zip(*chunk, strict=True)
    return pa.record_batch(
        [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)], schema=schema
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
