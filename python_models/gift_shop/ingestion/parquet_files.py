"""Parquet: read by DuckDB, typed values written as the text that a CSV export would hold."""

import glob

import duckdb
from pyarrow import parquet

from gift_shop.ingestion.files import (
    LARGEST_WHOLE,
    SCRATCH,
    SET_ZONE,
    Part,
    inexact_id,
    is_zone,
    problem,
)
from gift_shop.ingestion.mapping import Binding, Mapping, recognise

OPTIONS = "binary_as_string = true, hive_partitioning = false"
# up to which the whole numbers of a type are all there
LARGEST = {"FLOAT": 2**24, "DOUBLE": LARGEST_WHOLE}
WITH_ZONE = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
NOT_THE_FILE = (duckdb.OutOfMemoryException, duckdb.InterruptException)


def load_parquet(
    session: duckdb.DuckDBPyConnection,
    path: str,
    part_no: int,
    offset: int,
    zone: str = "",
    own: Mapping | None = None,
) -> tuple[list[Part], int]:
    """Load a Parquet file into the scratch table.

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
        The shop's time zone, for times that have one; '' takes the file's own, and says so.
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
        Where the file is damaged, no format fits its columns, an id is a number above 2^53, or
        there is no record.
    """
    name = glob.escape(path)  # DuckDB globs as Python does
    try:
        # A connection of its own: an error on the session's would end dbt's transaction.
        with duckdb.connect() as reader:
            schema = reader.execute(
                f"select column_name, column_type from (describe from read_parquet(?, {OPTIONS}))",
                [name],
            ).fetchall()
        binding = recognise(path, [column for column, _ in schema], own)
        kinds = {slot: schema[at][1] for slot, at in binding.slots.items()}
        notes: tuple[str, ...] = ()
        zoned = [slot for slot, kind in kinds.items() if kind in WITH_ZONE]
        if zoned and not zone:
            zone = stated_zone(path, binding.slots[zoned[0]])
            notes = (f"its times have a zone and were read as {zone}: {SET_ZONE}",)
        part = Part(part_no, path, offset, binding=binding, notes=notes)
        texts = ", ".join(
            f"{text_sql(slot, kind, zone, is_id=slot in binding.code_slots)} as {slot}"
            for slot, kind in kinds.items()
        )
        names = ", ".join([f"c{i}" for i in range(len(schema))] + ["row_no"])
        for slot in binding.code_slots:
            if kinds[slot] in LARGEST:
                check_ids(session, name, path, names, binding, slot, kinds[slot])
        ((rows,),) = session.execute(
            f"""insert into {SCRATCH} by name
            with texts as (
                select {offset} + row_no + 1 as line_id, {texts}
                from read_parquet(?, file_row_number = true, {OPTIONS}) as t({names})
            )
            select line_id, {part_no} as part_no, {binding.select_sql()} from texts""",
            [name],
        ).fetchall()
    except NOT_THE_FILE:
        raise
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise problem(
            path, f"is not a complete Parquet file ({reason})", "Export or copy it again."
        ) from None
    if not rows:
        raise problem(path, "holds a header and no records", "Export the invoice lines as well.")
    return [part], offset + rows


def stated_zone(path: str, position: int) -> str:
    """The zone that a Parquet file gives for a column of times, 'UTC' where it names none."""
    zone = parquet.read_schema(path).field(position).type.tz
    return zone if is_zone(zone) else "UTC"


def check_ids(
    session: duckdb.DuckDBPyConnection,
    name: str,
    path: str,
    names: str,
    binding: Binding,
    slot: str,
    kind: str,
) -> None:
    """Raise where an id is a number so large that ids beside it look the same."""
    too_large = session.execute(
        f"""select row_no, {slot} from read_parquet(?, file_row_number = true, {OPTIONS}) as t({names})
        where abs({slot}) > {LARGEST[kind]} and not isnan({slot}) order by row_no limit 1""",
        [name],
    ).fetchall()
    for row, value in too_large:
        raise inexact_id(
            path, f"row {row + 1}", binding.header[binding.slots[slot]], value, LARGEST[kind]
        )


def text_sql(column: str, kind: str, zone: str = "", *, is_id: bool = False) -> str:
    """SQL that writes a value as text: 6 not 6.0, 2.55, YYYY-MM-DD HH:MM:SS.

    Parameters
    ----------
    column : str
    kind : str
        Its DuckDB type.
    zone : str
        For a time that has one.
    is_id : bool
        Two ids that differ have texts that differ; other numbers have 15 digits.

    Returns
    -------
    str
        An expression; null for null, NaN and an empty text.
    """
    text = f"cast({column} as varchar)"
    if kind in LARGEST:
        return f"""case when isnan({column}) then null
            when abs({column}) <= {LARGEST_WHOLE} and {column} = trunc({column})
            then cast(try_cast({column} as bigint) as varchar)
            else {text if is_id else plain_number_sql(f"cast({text} as double)")} end"""
    if kind.startswith("DECIMAL"):
        text = f"regexp_replace({text}, '(\\.[0-9]*?)0+$', '\\1')"
        return f"rtrim({text}, '.')"
    if kind in WITH_ZONE:
        return f"strftime(timezone('{zone}', cast({column} as timestamptz)), '%Y-%m-%d %H:%M:%S')"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"strftime(cast({column} as timestamp), '%Y-%m-%d %H:%M:%S')"
    return f"nullif({text}, '')"


def plain_number_sql(number: str) -> str:
    """15 digits, as a spreadsheet shows (2.55 for 2.5500000000000003), no exponent below 1."""
    digits = f"format('{{:.15g}}', {number})"
    fixed = f"rtrim(rtrim(format('{{:.15f}}', {number}), '0'), '.')"
    return f"case when contains({digits}, 'e-') then {fixed} else {digits} end"
