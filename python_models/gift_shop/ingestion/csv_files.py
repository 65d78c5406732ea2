"""CSV: physical lines as Arrow batches, each line a record or its text, so that every line is somewhere.

DuckDB's own read_csv loses lines after one unterminated quote (DESIGN, 'Reading raw files'). Lines
on which all readers agree are split by Arrow's, all others by a regex in SQL.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from gift_shop.ingestion.files import (
    HEADER,
    SCRATCH,
    STREAM,
    InputFileError,
    Part,
    insert_stream,
    problem,
    shown,
)
from gift_shop.ingestion.mapping import MAP_IT, Binding, Mapping, fitting_names, recognise
from gift_shop.ingestion.packed import Stream, open_bytes

BLOCK_BYTES = 8 << 20
LONGEST_LINE_BYTES = 256 << 20  # more is no text file, and Arrow's offsets are 32 bits
LONGEST_HEADER_BYTES = 1 << 20
MOST_LINES_JOINED = 40
# As Python's csv module reads them: a quote inside an unquoted field is a character: 12" RULER.
FIELD = r'"[^"]*(?:""[^"]*)*"|[^"DELIMITER\r\n][^DELIMITER\r\n]*|'
# On these all readers agree: quotes around a whole field, inner ones doubled.
PLAIN_FIELD = r'(?:"(?:[^"\r\n]|"")*"|[^"DELIMITER\r\n]*)'
# what Windows has where Latin-1 has control characters: 0x80 is the euro sign
WINDOWS_1252 = {
    byte: bytes([byte]).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
DELIMITERS = (",", ";", "\t", "|")
MOST_TITLE_LINES = 20  # above a header, that are looked at


@dataclass(frozen=True)
class Layout:
    """How a file's records are written, and what is read of them."""

    binding: Binding
    header_line: int
    delimiter: str

    @property
    def width(self) -> int:
        """Fields of a record."""
        return len(self.binding.header)

    @property
    def place(self) -> dict[str, int]:
        """Position of each field that is read, by its slot."""
        return self.binding.slots

    @property
    def lines(self) -> pa.Schema:
        """Of the batches: the fields of a plain line, or the text of another."""
        names = ["line_id", *self.place, "text"]
        return pa.schema([(n, pa.int64() if n == "line_id" else pa.string()) for n in names])

    def field(self, pattern: str) -> str:
        """FIELD or PLAIN_FIELD for this delimiter."""
        return pattern.replace("DELIMITER", {"\t": r"\t"}.get(self.delimiter, self.delimiter))

    @property
    def delimiter_pattern(self) -> str:
        """The delimiter between two fields of a regex."""
        return {"\t": r"\t", "|": "[|]"}.get(self.delimiter, self.delimiter)


@dataclass
class Progress:
    """The last line_id used; how many lines were not UTF-8, and the line_id of the first."""

    last: int
    foreign: int = 0
    first_foreign: int = 0


def load_csv(
    session: duckdb.DuckDBPyConnection,
    path: str,
    part_no: int,
    offset: int,
    zone: str = "",
    own: Mapping | None = None,
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
        Not used: no time of this format has a type.
    own : Mapping, optional
        The user's; else the header says which format it is.

    Returns
    -------
    list of Part
        The one part.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where there is no header, no format fits it, a line is too long, or no record follows.
    """
    layout = read_layout(path, own)
    binding = layout.binding
    part = Part(
        part_no, path, offset, layout.header_line, binding=binding, delimiter=layout.delimiter
    )
    progress = Progress(offset)
    with open_bytes(path) as stream:
        for _ in range(layout.header_line):
            stream.readline(LONGEST_HEADER_BYTES)
        insert_stream(
            session,
            split_sql(STREAM, part_no, layout),
            layout.lines,
            line_batches(path, stream, layout, progress),
        )
    if progress.last == offset:
        raise problem(path, "holds a header and no records", "Export the invoice lines as well.")
    join_broken_lines(session, part_no, layout)
    if n := progress.foreign:
        lines = "1 line is" if n == 1 else f"{n:,} lines are"
        note = (
            f"{lines} not UTF-8 and {'was' if n == 1 else 'were'} read as Windows-1252, the first is"
            f" {part.position(progress.first_foreign)}"
        )
        part = replace(part, notes=(note,))
    return [part], progress.last


def read_layout(path: str, own: Mapping | None = None) -> Layout:
    """Which line is the header, what it is of, and what stands between its fields.

    The header is the first of MOST_TITLE_LINES lines that a format fits; a line `sep=;` names the
    delimiter.

    Parameters
    ----------
    path : str
    own : Mapping, optional
        As in load_csv.

    Returns
    -------
    Layout

    Raises
    ------
    InputFileError
        Where the file is empty, its lines end in CR alone, it has no header, or no format fits.
    """
    lines = first_lines(path)
    stated = own.delimiter if own else ""
    first_text = lines[0][1].strip().lower()
    if first_text.startswith("sep=") and len(first_text) == 5:
        stated, lines = stated or lines[0][1].strip()[4], lines[1:]
        if not lines:
            raise no_header(path, "")
    delimiters = (stated,) if stated else DELIMITERS
    headers = [
        Header(number, delimiter, names)
        for number, text in lines
        for delimiter in delimiters
        for names in [split(text, delimiter)]
    ]
    best = max(headers, key=lambda header: header.promise(own))
    if not best.promise(own):
        best = max(headers, key=lambda header: len(header.names))
        if not own:
            error = no_header(path, lines[0][1], f"If it is the header, map its columns: {MAP_IT} ")
            error.header = list(best.names)
            raise error
    return Layout(recognise(path, best.names, own), best.number, best.delimiter)


def split(text: str, delimiter: str) -> tuple[str, ...]:
    """The fields of a line, none where it is no CSV."""
    try:
        return tuple(next(csv.reader([text], delimiter=delimiter)))
    except csv.Error:
        return ()


class Header(NamedTuple):
    """A line of a file that may be its header."""

    number: int
    delimiter: str
    names: tuple[str, ...]

    def promise(self, own: Mapping | None) -> int:
        """How many of its names are known: the most promising line is the header, the first of two."""
        return fitting_names(self.names, own)


def first_lines(path: str) -> list[tuple[int, str]]:
    """The first lines that are not blank, with their numbers from 1.

    Parameters
    ----------
    path : str

    Returns
    -------
    list of tuple of int and str
        At least one.

    Raises
    ------
    InputFileError
        Where the file is empty, its lines end in CR alone, or it is of another kind.
    """
    found: list[tuple[int, str]] = []
    with open_bytes(path) as stream:
        for number in range(1, MOST_TITLE_LINES + 1):
            line = stream.readline(LONGEST_HEADER_BYTES)
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line:
                break
            line = line.rstrip(b"\r\n")
            if b"\r" in line and not found:
                raise problem(
                    path, "its lines end in CR alone", "Save it with LF or CRLF line ends."
                )
            if line.strip():
                found.append((number, line.decode() if is_utf8(line) else windows_1252(line)))
    if not found:
        raise problem(path, "is empty", f"It needs a header ({HEADER}) and records.")
    if found[0][1].lstrip().startswith(("{", "[", "<")):  # JSON, XML, a web page
        raise no_header(path, found[0][1])
    return found


def no_header(path: str, text: str, if_header: str = "") -> InputFileError:
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
        f"the first line names no column that is known: {shown(text)}",
        f"{if_header}{'Else add' if if_header else 'Add'} a header, such as {HEADER}.",
    )


def line_batches(
    path: str, stream: Stream, layout: Layout, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """The lines of a CSV file as Arrow batches.

    Parameters
    ----------
    path : str
        For the message.
    stream : Stream
        After its header.
    layout : Layout
    progress : Progress
        Goes on as the batches are taken.

    Yields
    ------
    RecordBatch
        Columns of layout.lines: line_id and the fields of a plain line, line_id and text of another.

    Raises
    ------
    InputFileError
        Where a line is longer than LONGEST_LINE_BYTES.
    """
    fields = [layout.field(PLAIN_FIELD)] * layout.width
    pattern = rf"\A{layout.delimiter_pattern.join(fields)}\r?\n?\z"
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
            plain = plain_fields(lines.filter(is_plain), layout)
            yield from batches(layout, ids.filter(is_plain), plain)
        if is_odd.true_count:
            yield from batches(layout, ids.filter(is_odd), {"text": lines.filter(is_odd)})


def batches(layout: Layout, ids: pa.Array, columns: dict[str, pa.Array]) -> list[pa.RecordBatch]:
    """Rows of layout.lines with these columns, the others null."""
    nulls = pa.nulls(len(ids), pa.string())
    rows = [ids, *(columns.get(name, nulls) for name in layout.lines.names[1:])]
    return pa.table(rows, schema=layout.lines).to_batches()


def plain_fields(lines: pa.StringArray, layout: Layout) -> dict[str, pa.Array]:
    """The fields of plain lines.

    The names stand before them, so that a line that begins with a byte order mark keeps it.

    Parameters
    ----------
    lines : StringArray of shape (n,)
    layout : Layout

    Returns
    -------
    dict of str to Array of shape (n,)
        Of each slot its texts, empty ones null.
    """
    names = [str(i) for i in range(layout.width)]
    text = b"".join([layout.delimiter.join(names).encode(), b"\n", lines.buffers()[2]])
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(block_size=len(text)),
        arrow_csv.ParseOptions(delimiter=layout.delimiter),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[names[at] for at in layout.place.values()],
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return dict(zip(layout.place, table.columns, strict=True))


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


def record_pattern(layout: Layout) -> str:
    """A regex of a whole record; group 1 is the record, then the fields that are read."""
    field = layout.field(FIELD)
    wanted = set(layout.place.values())
    fields = (f"({field})" if i in wanted else f"(?:{field})" for i in range(layout.width))
    return rf"\A({layout.delimiter_pattern.join(fields)})\z"


def split_sql(source: str, part_no: int, layout: Layout) -> str:
    """SQL that inserts the records of a table into the scratch table: texts are split by regex.

    Parameters
    ----------
    source : str
        A table with the columns of layout.lines.
    part_no : int
    layout : Layout

    Returns
    -------
    str
        A text that is no record goes to raw_text, its fields null.
    """
    pattern = record_pattern(layout)
    names = ["whole", *layout.place]
    fields = "".join(
        f""", case when text is null then {c}
            when starts_with(record.{c}, '"')
            then nullif(replace(substring(record.{c}, 2, length(record.{c}) - 2), '""', '"'), '')
            else nullif(record.{c}, '') end as {c}"""
        for c in layout.place
    )
    return f"""
        insert into {SCRATCH} by name
        with lines as (
            select * replace (rtrim(text, chr(13) || chr(10)) as text) from {source}
        ), records as (
            select *,
                case when text is not null then regexp_extract(text, '{pattern}', {names}) end as record
            from lines
        ), split as (
            select line_id, case when record.whole = '' then text end as raw_text{fields} from records
        )
        select line_id, {part_no} as part_no, {layout.binding.select_sql()}, raw_text from split"""


def join_broken_lines(session: duckdb.DuckDBPyConnection, part_no: int, layout: Layout) -> None:
    """Replace runs of up to MOST_LINES_JOINED malformed lines that together are one record by that record.

    A quoted line break is legal. Good lines are never touched, so that an unterminated quote
    costs its own line only; a break in the first column stays unjoined, as the line after it has
    all its fields. Only between two lines with a quote can there be a quoted break. The record takes the first line's id; the break reads as LF.

    Parameters
    ----------
    session : DuckDBPyConnection
        Whose scratch table is changed.
    part_no : int
    layout : Layout
    """
    pieces = ["raw_text"]
    adjacent = ["true"]
    for ahead in range(1, MOST_LINES_JOINED):
        pieces.append(f"lead(raw_text, {ahead}) over file_order")
        adjacent.append(f"lead(line_id, {ahead}) over file_order = line_id + {ahead}")
    pattern = record_pattern(layout)
    whens = " ".join(
        f"when {adjacent[n]} and contains({pieces[n]}, '\"') and regexp_full_match("
        f"concat_ws(chr(10), {', '.join(pieces[: n + 1])}), '{pattern}') then {n + 1}"
        for n in range(1, MOST_LINES_JOINED)
    )
    candidates = session.execute(f"""
        select line_id, size from (
            select line_id, case when contains(raw_text, '"') then case {whens} end end as size
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
    fields = ", ".join(f"null as {slot}" for slot in layout.place)
    joined = f"""(select line_id, {fields}, string_agg(raw_text, chr(10) order by member_id) as text
        from reader_joined group by line_id)"""
    session.execute(split_sql(joined, part_no, layout)).fetchall()
    session.execute("drop table reader_joined")
