"""A table or view of a database as the invoices, opened read only: `table:<database>/<table>`.

    RAW_INVOICES=table:shop.duckdb/orders           or sales.orders, of another schema than main
    RAW_INVOICES=table:shop.sqlite/orders
    RAW_INVOICES=table:postgres://user@host/shop/orders

What stands after the last slash is the table. Lines are in the order of the row ids; a view, and a
table of Postgres, has none and is sorted by the columns that are read. SQLite is read by Python's own
module, as DuckDB's extension for it would have to be downloaded; Postgres needs DuckDB's.
"""

import os
import sqlite3
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count, islice
from typing import NamedTuple

import duckdb
import pyarrow as pa

from gift_shop import paths
from gift_shop.ingestion.files import (
    DUCKDB_LETTERS,
    FIELDS,
    SCRATCH,
    SET_ZONE,
    SQLITE_LETTERS,
    TABLE,
    InputFileError,
    Part,
    inexact_id,
    insert_lines,
    line_schema,
    problem,
    public_name,
    quoted,
)
from gift_shop.ingestion.mapping import Binding, Mapping, nearest, recognise
from gift_shop.ingestion.parquet_files import LARGEST, WITH_ZONE, text_sql
from gift_shop.ingestion.xlsx_files import chunk_batch, row_texts

BATCH_ROWS = 20_000
POSTGRES = ("postgres://", "postgresql://")
DEFAULT_SCHEMAS = ("main", "public")
MOST_LISTED = 20
NAME_IT = "Name a table as table:shop.duckdb/orders."
INSTALL = """Run `.venv/bin/python -c "import duckdb; duckdb.sql('install postgres')"` once where there is \
a network, or export the table to Parquet or CSV."""


class Name(NamedTuple):
    """A table as its database calls it."""

    schema: str
    table: str

    @property
    def sql(self) -> str:
        """The name in SQL."""
        return ".".join('"' + part.replace('"', '""') + '"' for part in self if part)

    @property
    def words(self) -> str:
        """As the user names it."""
        return ".".join(part for part in self if part and part not in DEFAULT_SCHEMAS)


def load_table(
    session: duckdb.DuckDBPyConnection,
    source: str,
    part_no: int,
    offset: int,
    zone: str = "",
    own: Mapping | None = None,
) -> tuple[list[Part], int]:
    """Load a table of a database into the scratch table.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the scratch table of create_scratch.
    source : str
        See the module.
    part_no : int
        Number of the first part, in order of loading.
    offset : int
        The last line_id used before.
    zone : str
        The shop's time zone, for times that have one; '' takes UTC, and says so.
    own : Mapping, optional
        The user's; else the names of the columns say which format it is.

    Returns
    -------
    list of Part
        The one part; its contents are the length of its texts and their hash.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where there is no such database or table, it cannot be opened, no format fits the columns, an
        id is a number above 2^53, or there is no row.
    """
    where = public_name(source)
    part = Part(part_no, where, offset)
    database, _, table = source.removeprefix(TABLE).rpartition("/")
    try:
        if not database.startswith(POSTGRES) and is_sqlite(where, database, table):
            part = load_sqlite(session, database, table, part, own)
        else:
            part = load_attached(session, database, table, part, zone, own)
    except (duckdb.Error, sqlite3.Error) as error:
        if isinstance(error, duckdb.OutOfMemoryException | duckdb.InterruptException):
            raise
        raise explained(where, database, error) from None
    fields = ", ".join(FIELDS)
    ((rows, size, digest),) = session.execute(f"""
        select count(*), sum(strlen(text)), sha256(string_agg(sha256(text), '' order by line_id))
        from (
            select line_id, cast(row({fields}) as varchar) as text
            from {SCRATCH} where part_no = {part_no}
        )""").fetchall()
    if not rows:
        raise problem(where, "holds no rows", "Name a table that holds the invoice lines.")
    return [replace(part, contents=(int(size), digest))], offset + rows


def is_sqlite(where: str, database: str, table: str) -> bool:
    """Whether a database's file is of SQLite; else it is of DuckDB.

    Raises
    ------
    InputFileError
        Where there is no file, no table is named, it is neither, or it is the working file.
    """
    if not os.path.isfile(database):
        if os.path.isfile(os.path.join(database, table)):
            raise problem(where, "names a database and no table", NAME_IT)
        raise problem(where, f"there is no database {database or table!r}", NAME_IT)
    with open(database, "rb") as file:
        letters = file.read(16)
    if letters.startswith(SQLITE_LETTERS):
        return True
    if letters[8:12] != DUCKDB_LETTERS:
        raise problem(where, f"{database} is no database of DuckDB or SQLite", NAME_IT)
    if paths.database().exists() and os.path.samefile(database, paths.database()):
        raise problem(
            where,
            "is in the working file of this build, which it writes",
            "Keep the table in a database of its own, or set GIFT_SHOP_DB to another file.",
        )
    return False


def explained(where: str, database: str, error: Exception) -> InputFileError:
    """The clear error for what a database says; a password in its address is not repeated."""
    reason = str(error).replace(database, public_name(database)).splitlines()[0]
    if "postgres_scanner" in reason:
        return problem(where, "DuckDB's extension postgres is not installed", INSTALL)
    if "Could not set lock" in reason or "already attached" in reason:
        return problem(
            where,
            "the database is open in another program",
            "Close it there, or name a copy of the file.",
        )
    return problem(where, f"cannot be read ({reason})", "Check the database and who may read it.")


def chosen(where: str, wanted: str, names: list[Name]) -> Name:
    """The table of that name, in any case of letters; a schema may be left out where one table has the name.

    Raises
    ------
    InputFileError
        Where there is none, or several schemas have one.
    """
    bare = [name for name in names if name.table.lower() == wanted.lower()]
    found = (
        [name for name in names if f"{name.schema}.{name.table}".lower() == wanted.lower()]
        or [name for name in bare if name.schema in DEFAULT_SCHEMAS]
        or bare
    )
    if len(found) == 1:
        return found[0]
    words = [name.words for name in names]
    listed = ", ".join(words[:MOST_LISTED]) or "none"
    what = f"{len(found)} tables are called {wanted}"
    if not found:
        what = f"there is no table {wanted}{nearest(wanted, words)}"
    raise problem(where, f"{what} (tables: {listed})", "Name one of them after the last slash.")


def load_attached(
    session: duckdb.DuckDBPyConnection,
    database: str,
    table: str,
    part: Part,
    zone: str,
    own: Mapping | None,
) -> Part:
    """Load a table of a DuckDB file or of Postgres, read by a DuckDB of its own."""
    kind = ", type postgres" if database.startswith(POSTGRES) else ""
    with duckdb.connect() as reader:
        reader.execute("set autoinstall_known_extensions = false")  # nothing is downloaded
        reader.execute(f"attach {quoted(database)} as source (read_only{kind})")
        tables = reader.execute("""
            select table_schema, table_name, table_type from information_schema.tables
            where table_catalog = 'source' order by all""").fetchall()
        name = chosen(part.where, table, [Name(schema, each) for schema, each, _ in tables])
        relation = f"source.{name.sql}"
        columns = reader.execute(
            f"select column_name, column_type from (describe from {relation})"
        ).fetchall()
        part = replace(part, binding=recognise(part.where, [column for column, _ in columns], own))
        binding: Binding = part.binding
        kinds = {slot: columns[at][1] for slot, at in binding.slots.items()}
        if not zone and any(each in WITH_ZONE for each in kinds.values()):
            zone = "UTC"
            note = f"its times have a zone and were read as UTC: {SET_ZONE}"
            part = replace(part, notes=(note,))
        names = ", ".join(f"c{at}" for at in range(len(columns)))
        for slot in binding.code_slots:
            if limit := LARGEST.get(kinds[slot]):
                too_large = reader.execute(f"""
                    select {slot} from {relation} as t({names})
                    where abs({slot}) > {limit} and not isnan({slot}) order by 1 limit 1""").fetchall()
                for (value,) in too_large:
                    raise inexact_id(
                        part.where, "a row", binding.header[binding.slots[slot]], value, limit
                    )
        texts = ", ".join(
            f"{text_sql(slot, kind, zone, is_id=slot in binding.code_slots)} as {slot}"
            for slot, kind in kinds.items()
        )
        has_row_ids = not kind and (name.schema, name.table, "BASE TABLE") in tables
        row_id = f"{relation}.rowid" if has_row_ids else "0"
        batches = reader.sql(f"""
            with source_lines as (select {row_id} as source_row, * from {relation}),
            texts as (select source_row, {texts} from source_lines as t(source_row, {names}))
            select
                {part.offset} + row_number() over (order by source_row, {", ".join(kinds)}) as line_id,
                {", ".join(kinds)}
            from texts order by line_id""").to_arrow_reader(BATCH_ROWS)
        insert_lines(session, part, batches.schema, batches)
    return part


def load_sqlite(
    session: duckdb.DuckDBPyConnection, database: str, table: str, part: Part, own: Mapping | None
) -> Part:
    """Load a table of an SQLite file, whose values are of any type."""
    address = f"file:{urllib.parse.quote(os.path.abspath(database))}?mode=ro"
    # DuckDB takes the rows from a thread of its own, one at a time
    with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as reader:
        tables = reader.execute(
            "select name, type from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
            " order by 1"
        ).fetchall()
        name = chosen(part.where, table, [Name("", each) for each, _ in tables])
        header = [
            column for column, *_ in reader.execute(f"select * from {name.sql} limit 0").description
        ]
        binding = recognise(part.where, header, own)
        part = replace(part, binding=binding)
        order = "rowid"
        try:
            reader.execute(f"select rowid from {name.sql} limit 0")
        except sqlite3.OperationalError:  # a table without
            order = ""
        if (name.table, "view") in tables:
            order = ""
        places = ", ".join(str(at + 1) for at in binding.slots.values())
        rows = reader.execute(f"select * from {name.sql} order by {order or places}")
        schema = line_schema(part)
        insert_lines(session, part, schema, sqlite_batches(rows, schema, part))
    return part


def sqlite_batches(
    rows: Iterator[tuple], schema: pa.Schema, part: Part
) -> Iterator[pa.RecordBatch]:
    """Rows as Arrow batches of texts.

    Raises
    ------
    InputFileError
        Where an id is a number above 2^53.
    """
    numbered = zip(count(part.offset + 1), rows)
    while some := list(islice(numbered, BATCH_ROWS)):
        lines = [
            (line_id, *row_texts(part, line_id, list(map(as_text, row)))) for line_id, row in some
        ]
        yield chunk_batch(lines, schema)


def as_text(value: object) -> object:
    """A value of SQLite; bytes are taken for text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
