"""CSV: physical lines as Arrow batches, each line a record or its text, so that every line is somewhere.

DuckDB's own read_csv loses lines after one unterminated quote (DESIGN, 'Reading raw files'). Lines
on which all readers agree are split by Arrow's, all others by a regex in SQL.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from gift_shop.ingestion.files import (
    COLUMNS,
    HEADER,
    SCRATCH,
    STREAM,
    InputFileError,
    Part,
    Stream,
    column_at,
    insert_stream,
    open_bytes,
    positions,
    problem,
    shown,
    unused_names,
)

BLOCK_BYTES = 8 << 20
LONGEST_LINE_BYTES = 256 << 20  # more is no text file, and Arrow's offsets are 32 bits
LONGEST_HEADER_BYTES = 1 << 20
MOST_LINES_JOINED = 5
LINES = pa.schema(
    {"line_id": pa.int64()} | dict.fromkeys(COLUMNS, pa.string()) | {"text": pa.string()}
)
# As Python's csv module reads them: a quote inside an unquoted field is a character: 12" RULER.
FIELD = r'"[^"]*(?:""[^"]*)*"|[^",\r\n][^,\r\n]*|'
# On these all readers agree: quotes around a whole field, inner ones doubled.
PLAIN_FIELD = r'(?:"(?:[^"\r\n]|"")*"|[^",\r\n]*)'
# what Windows has where Latin-1 has control characters: 0x80 is the euro sign
WINDOWS_1252 = {
    byte: bytes([byte]).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
DELIMITERS = {";": "';'", "\t": "tabs", "|": "'|'"}


@dataclass
class Progress:
    """The last line_id used; how many lines were not UTF-8, and the line_id of the first."""

    last: int
    foreign: int = 0
    first_foreign: int = 0


def load_csv(
    session: duckdb.DuckDBPyConnection, path: str, part_no: int, offset: int, zone: str = ""
) -> tuple[list[Part], int]:
    """Load a CSV file into the scratch table.

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
        The one part.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where there is no header, a column is missing or doubled, a line is too long, or no record
        follows.
    """
    with open_bytes(path) as stream:
        header, header_line = read_header(path, stream)
        part = Part(part_no, path, offset, header_line, unused=unused_names(header))
        place = header_positions(part, header)
        progress = Progress(offset)
        insert_stream(
            session,
            split_sql(STREAM, part_no, len(header), place),
            LINES,
            line_batches(path, stream, len(header), place, progress),
        )
    if progress.last == offset:
        raise problem(path, "holds a header and no records", "Export the invoice lines as well.")
    join_broken_lines(session, part_no, len(header), place)
    if n := progress.foreign:
        lines = "1 line is" if n == 1 else f"{n:,} lines are"
        note = (
            f"{lines} not UTF-8 and {'was' if n == 1 else 'were'} read as Windows-1252, the first is"
            f" {part.position(progress.first_foreign)}"
        )
        part = replace(part, notes=(note,))
    return [part], progress.last


def read_header(path: str, stream: Stream) -> tuple[list[str], int]:
    """The names in the first line that is not blank.

    Parameters
    ----------
    path : str
        For the message.
    stream : Stream
        At its beginning; it is read up to the end of the header.

    Returns
    -------
    list of str
    int
        The header's line number, from 1.

    Raises
    ------
    InputFileError
        Where the file is empty, its lines end in CR alone, or the line is no CSV header.
    """
    number, line = 1, stream.readline(LONGEST_HEADER_BYTES).removeprefix(b"\xef\xbb\xbf")
    while line and not line.strip():
        number, line = number + 1, stream.readline(LONGEST_HEADER_BYTES)
    if not line:
        raise problem(path, "is empty", f"It needs a header ({HEADER}) and records.")
    line = line.rstrip(b"\r\n")
    if b"\r" in line:
        raise problem(path, "its lines end in CR alone", "Save it with LF or CRLF line ends.")
    text = line.decode() if is_utf8(line) else windows_1252(line)
    if text.lstrip().startswith(("{", "[", "<")):  # JSON, XML, a web page
        raise no_header(path, text)
    try:
        return next(csv.reader([text])), number
    except csv.Error:
        raise no_header(path, text) from None


def no_header(path: str, text: str) -> InputFileError:
    """The error for a first line that names none of the columns."""
    for suffix, kind in ((".xlsx", "an Excel workbook"), (".parquet", "a Parquet file")):
        if path.lower().endswith(suffix):
            return problem(
                path,
                f"is not {kind} in spite of its name: it begins {shown(text)}",
                "Export it again.",
            )
    return problem(
        path,
        f"no header line: the first line is {shown(text)}",
        f"Add the header {HEADER}.",
    )


def header_positions(part: Part, header: list[str]) -> dict[str, int]:
    """Where in the header each column stands.

    Parameters
    ----------
    part : Part
        For the message.
    header : list of str

    Returns
    -------
    dict of str to int
        Position, from 0, of each of COLUMNS.

    Raises
    ------
    InputFileError
        For another delimiter, no header, a missing or doubled column.
    """
    text = ",".join(header)
    if sum(map(bool, map(column_at, header))) <= 1:
        for delimiter, name in DELIMITERS.items():
            if sum(map(bool, map(column_at, text.replace('"', "").split(delimiter)))) > 3:
                raise problem(
                    part.where,
                    f"its columns are separated by {name}",
                    "Save it as comma-separated CSV.",
                )
        if not any(map(column_at, header)):
            raise no_header(part.where, text)
    return positions(part.where, header)


def line_batches(
    path: str, stream: Stream, width: int, place: dict[str, int], progress: Progress
) -> Iterator[pa.RecordBatch]:
    """The lines of a CSV file as Arrow batches.

    Parameters
    ----------
    path : str
        For the message.
    stream : Stream
        After its header.
    width : int
        Fields of a record.
    place : dict of str to int
        Position of each of COLUMNS.
    progress : Progress
        Goes on as the batches are taken.

    Yields
    ------
    RecordBatch
        Columns LINES: line_id and the eight fields of a plain line, line_id and text of another.

    Raises
    ------
    InputFileError
        Where a line is longer than LONGEST_LINE_BYTES.
    """
    pattern = rf"\A{','.join([PLAIN_FIELD] * width)}\r?\n?\z"
    for block in line_blocks(path, stream):
        lines, foreign = line_array(block)
        first = progress.last + 1
        if foreign and not progress.foreign:
            progress.first_foreign = first + foreign[0]
        progress.foreign += len(foreign)
        progress.last += len(lines)
        ids = pa.array(np.arange(first, progress.last + 1))
        is_plain = compute.match_substring_regex(lines, pattern)
        is_odd = compute.invert(is_plain)
        if is_plain.true_count:
            fields = plain_fields(lines.filter(is_plain), width, place)
            yield from batches(ids.filter(is_plain), fields)
        if is_odd.true_count:
            yield from batches(ids.filter(is_odd), {"text": lines.filter(is_odd)})


def batches(ids: pa.Array, columns: dict[str, pa.Array]) -> list[pa.RecordBatch]:
    """Rows of LINES with these columns, the others null."""
    nulls = pa.nulls(len(ids), pa.string())
    rows = [ids, *(columns.get(name, nulls) for name in LINES.names[1:])]
    return pa.table(rows, schema=LINES).to_batches()


def plain_fields(lines: pa.StringArray, width: int, place: dict[str, int]) -> dict[str, pa.Array]:
    """The fields of plain lines.

    The names stand before them, so that a line that begins with a byte order mark keeps it.

    Parameters
    ----------
    lines : StringArray of shape (n,)
    width : int
        Fields of a record.
    place : dict of str to int
        Position of each of COLUMNS.

    Returns
    -------
    dict of str to Array of shape (n,)
        Of each of COLUMNS its texts, empty ones null.
    """
    names = [str(i) for i in range(width)]
    text = b"".join([",".join(names).encode(), b"\n", lines.buffers()[2]])
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(block_size=len(text)),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[names[place[column]] for column in COLUMNS],
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return dict(zip(COLUMNS, table.columns, strict=True))


def line_blocks(path: str, stream: Stream) -> Iterator[bytes]:
    """Blocks of whole lines; an empty last line is left out, so the last line is held back.

    Parameters
    ----------
    path : str
        For the message.
    stream : Stream

    Yields
    ------
    bytes
        About BLOCK_BYTES, or one line where it is longer.

    Raises
    ------
    InputFileError
        Where a line is longer than LONGEST_LINE_BYTES.
    """
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        rest += block
        cut = rest.rfind(b"\n", 0, len(rest) - 1) + 1
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > LONGEST_LINE_BYTES:
            raise problem(
                path,
                f"has a line of more than {LONGEST_LINE_BYTES >> 20} MB",
                "Check that it is a CSV file with line ends.",
            )
    if rest.strip(b"\r\n"):
        yield rest


def line_array(block: bytes) -> tuple[pa.StringArray, list[int]]:
    """The lines of a block, and which of them, from 0, were not UTF-8 and are re-coded."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == 10) + 1
    if not len(ends) or ends[-1] != len(block):
        ends = np.append(ends, len(block))
    offsets = np.concatenate(([0], ends))
    lines = string_array(block, offsets)
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        block, offsets, foreign = recoded(block, offsets)
        return string_array(block, offsets), foreign
    return lines, []


def string_array(block: bytes, offsets: np.ndarray) -> pa.StringArray:
    """Arrow strings over the bytes, without a copy."""
    offsets = offsets.astype(np.int32)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(block))


def recoded(block: bytes, offsets: np.ndarray) -> tuple[bytes, np.ndarray, list[int]]:
    """A block with each line that is not UTF-8 read as Windows-1252.

    Parameters
    ----------
    block : bytes
        n lines.
    offsets : ndarray of shape (n + 1,)
        Where each line begins, and the end of the last.

    Returns
    -------
    bytes
        The block in UTF-8.
    ndarray of shape (n + 1,)
        Its offsets.
    list of int
        The lines that were not UTF-8, from 0.
    """
    high = np.flatnonzero(np.frombuffer(block, np.uint8) > 127)
    pieces, done, grown, foreign = [], 0, np.zeros(len(offsets), np.int64), []
    for line in np.unique(np.searchsorted(offsets, high, side="right")):
        start, end = int(offsets[line - 1]), int(offsets[line])
        if is_utf8(block[start:end]):
            continue
        text = windows_1252(block[start:end]).encode()
        pieces += [block[done:start], text]
        done, grown[line] = end, len(text) - (end - start)
        foreign.append(int(line) - 1)
    return b"".join([*pieces, block[done:]]), offsets + np.cumsum(grown), foreign


def is_utf8(line: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def windows_1252(line: bytes) -> str:
    """Bytes as Windows-1252, the five that it lacks as in Latin-1: each is a character."""
    return line.decode("latin-1").translate(WINDOWS_1252)


def record_pattern(width: int, place: dict[str, int]) -> str:
    """A regex of a whole record of `width` fields; group 1 is the record, then those in `place`."""
    wanted = set(place.values())
    fields = (f"({FIELD})" if i in wanted else f"(?:{FIELD})" for i in range(width))
    return rf"\A({','.join(fields)})\z"


def split_sql(source: str, part_no: int, width: int, place: dict[str, int]) -> str:
    """SQL that inserts the records of a table into the scratch table: texts are split by regex.

    Nothing here comes from the file but the number and order of its columns.

    Parameters
    ----------
    source : str
        A table with the columns of LINES.
    part_no : int
    width : int
        Fields of a record.
    place : dict of str to int
        Position of each of COLUMNS.

    Returns
    -------
    str
        A text that is no record goes to raw_text, its fields null.
    """
    pattern = record_pattern(width, place)
    names = ["whole", *sorted(place, key=lambda column: place[column])]
    fields = ", ".join(
        f"""case when text is null then {c}
            when starts_with(record.{c}, '"')
            then nullif(replace(substring(record.{c}, 2, length(record.{c}) - 2), '""', '"'), '')
            else nullif(record.{c}, '') end as {c}"""
        for c in COLUMNS
    )
    return f"""
        insert into {SCRATCH} by name
        with lines as (
            select * replace (rtrim(text, chr(13) || chr(10)) as text) from {source}
        ), records as (
            select *,
                case when text is not null then regexp_extract(text, '{pattern}', {names}) end as record
            from lines
        )
        select line_id, {part_no} as part_no, {fields}, case when record.whole = '' then text end as raw_text
        from records"""


def join_broken_lines(
    session: duckdb.DuckDBPyConnection, part_no: int, width: int, place: dict[str, int]
) -> None:
    """Replace runs of 2 to 5 malformed lines that together are one record by that record.

    A quoted line break is legal. Good lines are never touched, so that an unterminated quote
    costs its own line only; a break in the first column stays unjoined, as the line after it has
    all its fields. The record takes the first line's id; the break reads as LF.

    Parameters
    ----------
    session : DuckDBPyConnection
        Whose scratch table is changed.
    part_no : int
    width : int
        Fields of a record.
    place : dict of str to int
        Position of each of COLUMNS.
    """
    pieces = ["raw_text"]
    adjacent = ["true"]
    for ahead in range(1, MOST_LINES_JOINED):
        pieces.append(f"lead(raw_text, {ahead}) over file_order")
        adjacent.append(f"lead(line_id, {ahead}) over file_order = line_id + {ahead}")
    pattern = record_pattern(width, place)
    whens = " ".join(
        f"when {adjacent[n]} and regexp_full_match("
        f"concat_ws(chr(10), {', '.join(pieces[: n + 1])}), '{pattern}') then {n + 1}"
        for n in range(1, MOST_LINES_JOINED)
    )
    candidates = session.execute(f"""
        select line_id, size from (
            select line_id, case {whens} end as size
            from {SCRATCH} where part_no = {part_no} and raw_text is not null
            window file_order as (order by line_id)
        ) where size is not null order by line_id""").fetchall()
    starts, free = [], 0
    for line_id, size in candidates:
        if line_id >= free:
            starts.append((line_id, size))
            free = line_id + size
    if not starts:
        return
    first, sizes = zip(*starts, strict=True)
    session.register(STREAM, pa.table({"first_id": first, "size": sizes}))
    session.execute(f"""
        create or replace temp table reader_joined as
        select first_id as line_id, line_id as member_id, raw_text
        from {STREAM} join {SCRATCH} on line_id between first_id and first_id + size - 1""")
    session.unregister(STREAM)
    session.execute(
        f"delete from {SCRATCH} where line_id in (select member_id from reader_joined)"
    ).fetchall()
    fields = ", ".join(f"null as {column}" for column in COLUMNS)
    joined = f"""(select line_id, {fields}, string_agg(raw_text, chr(10) order by member_id) as text
        from reader_joined group by line_id)"""
    session.execute(split_sql(joined, part_no, width, place)).fetchall()
    session.execute("drop table reader_joined")
