"""JSON: one flat record a line, or one array of them; a number keeps its text.

A line that is no record keeps its text, as of a CSV.
"""

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import duckdb
import pyarrow as pa

from gift_shop.ingestion.files import Part, insert_lines, line_schema, problem, shown
from gift_shop.ingestion.mapping import Mapping, recognise
from gift_shop.ingestion.packed import Stream, open_bytes

RECORDS_LOOKED_AT = 1000  # for their keys
RECORDS_A_BATCH = 50_000
Record = dict[str, str | None]


def load_json(
    session: duckdb.DuckDBPyConnection,
    path: str,
    part_no: int,
    offset: int,
    zone: str = "",
    own: Mapping | None = None,
) -> tuple[list[Part], int]:
    """Load a file of JSON records into the scratch table.

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
        The user's; else the keys say which format it is.

    Returns
    -------
    list of Part
        The one part.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        As read_json_lines, and where no format fits the keys.
    """
    with open_bytes(path) as stream:
        header, batches = read_json_lines(path, stream)
        part = Part(part_no, path, offset, binding=recognise(path, header, own))
        schema = line_schema(part, "raw_text")
        read = [*part.binding.slots.values(), len(header)]
        last = offset

        def numbered() -> Iterator[pa.RecordBatch]:
            nonlocal last
            for batch in batches:
                ids = pa.array(range(last + 1, last + 1 + batch.num_rows), pa.int64())
                last += batch.num_rows
                yield pa.record_batch([ids, *map(batch.column, read)], schema=schema)

        insert_lines(session, part, schema, numbered())
    return [part], last


def read_json_lines(path: str, stream: Stream) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """The keys of the records, and the records as text.

    Parameters
    ----------
    path : str
        For messages.
    stream : Stream
        At its beginning; read as the batches are taken.

    Returns
    -------
    list of str
        The keys of the first RECORDS_LOOKED_AT records, in order.
    iterator of RecordBatch
        A column for each key, named by its position, and `text`, null but for a line that is no
        record. Of lines each is a row, so that the number of a row is that of its line.

    Raises
    ------
    InputFileError
        Where an array is no JSON, there is no record, a value is an object or an array, or a later
        record has another key.
    """
    start = stream.peek(4096)[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    rows = array_rows(path, stream) if start == b"[" else line_rows(path, stream)
    first = list(islice(rows, RECORDS_LOOKED_AT))
    header = list(dict.fromkeys(key for record, _ in first for key in record or ()))
    if not header:
        raise problem(
            path, "holds JSON but no records", "Give one flat record a line, or an array of them."
        )
    return header, batches(path, header, chain(first, rows))


def batches(
    path: str, header: list[str], rows: Iterator[tuple[Record | None, str | None]]
) -> Iterator[pa.RecordBatch]:
    """Records and texts of other lines as Arrow batches, as read_json_lines gives them."""
    known, number = set(header), 0
    names = [*map(str, range(len(header))), "text"]
    schema = pa.schema([(name, pa.string()) for name in names])
    while some := list(islice(rows, RECORDS_A_BATCH)):
        for record, _ in some:
            number += 1
            if new := [key for key in record or () if key not in known]:
                raise problem(
                    path,
                    f"record {number} has the key {shown(new[0])}, which none of the first"
                    f" {RECORDS_LOOKED_AT:,} has",
                    "Give the first record all keys.",
                )
        columns = [[(record or {}).get(key) for record, _ in some] for key in header]
        columns.append([text for _, text in some])
        yield pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=schema)


def line_rows(path: str, stream: Stream) -> Iterator[tuple[Record | None, str | None]]:
    """Each line as its record, or as its text where it is none; empty lines at the end are left out."""
    empty = 0
    for number, line in enumerate(iter(stream.readline, b""), 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            empty += 1
            continue
        yield from [(None, "")] * empty
        empty = 0
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield None, line.decode("latin-1").rstrip("\r\n")
            continue
        try:
            value = parsed(text)
        except ValueError:
            value = None
        if isinstance(value, Pairs) and value.is_record:
            yield flat(path, f"line {number}", value), None
        else:
            yield None, text.rstrip("\r\n")


def array_rows(path: str, stream: Stream) -> Iterator[tuple[Record | None, str | None]]:
    """The records of an array, which is read as a whole.

    Raises
    ------
    InputFileError
        Where it is no JSON, or holds anything but records.
    """
    try:
        values = parsed(stream.read().decode("utf-8-sig"))
    except ValueError as error:
        raise problem(path, f"is no JSON ({error})", "Export it again.") from None
    for number, value in enumerate(values, 1):
        if not isinstance(value, Pairs) or not value.is_record:
            raise problem(
                path, f"element {number} of its array is no record of different keys", "Correct it."
            )
        yield flat(path, f"record {number}", value), None


class Pairs(list):
    """The keys and values of a JSON object."""

    @property
    def is_record(self) -> bool:
        """Whether its keys differ."""
        return len(dict(self)) == len(self)


def parsed(text: str) -> Any:
    """JSON with numbers as their texts, objects as Pairs.

    Raises
    ------
    ValueError
        Where it is none.
    """
    try:
        return json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=Pairs
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def flat(path: str, place: str, pairs: Pairs) -> Record:
    """A record of texts, empty ones null.

    Raises
    ------
    InputFileError
        Where a value is an object or an array.
    """
    for key, value in pairs:
        if isinstance(value, list):
            raise problem(
                path,
                f"{place}: {shown(key)} holds {'an object' if isinstance(value, Pairs) else 'an array'},"
                " not one value",
                "Export flat records, one for each line of an order.",
            )
    # a half of a surrogate pair is no text that can be stored
    words = {True: "true", False: "false", None: None, "": None}
    texts = {key: words.get(value, value) for key, value in pairs}
    return {key: text and text.encode("utf-8", "replace").decode() for key, text in texts.items()}
