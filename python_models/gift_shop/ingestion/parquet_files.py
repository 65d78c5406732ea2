"""Parquet: read by DuckDB, typed values written as the text that a CSV export would hold."""

import glob

import duckdb

from gift_shop.ingestion.files import COLUMNS, SCRATCH, Part, positions, problem, unused_names

OPTIONS = "binary_as_string = true, hive_partitioning = false"
NOT_THE_FILE = (duckdb.OutOfMemoryException, duckdb.InterruptException)


def load_parquet(
    session: duckdb.DuckDBPyConnection, path: str, part_no: int, offset: int
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

    Returns
    -------
    list of Part
        The one part.
    int
        The last line_id used.

    Raises
    ------
    InputFileError
        Where the file is damaged, a column is missing or doubled, or there is no record.
    """
    name = glob.escape(path)  # DuckDB globs as Python does
    try:
        # A connection of its own: an error on the session's would end dbt's transaction.
        with duckdb.connect() as own:
            schema = own.execute(
                f"select column_name, column_type from (describe from read_parquet(?, {OPTIONS}))",
                [name],
            ).fetchall()
        header = [column for column, _ in schema]
        place = positions(path, header)
        part = Part(part_no, path, offset, unused=unused_names(header))
        texts = ", ".join(text_sql(f"c{place[c]}", schema[place[c]][1]) for c in COLUMNS)
        names = ", ".join([f"c{i}" for i in range(len(header))] + ["row_no"])
        ((rows,),) = session.execute(
            f"""insert into {SCRATCH}
            select {offset} + row_no + 1, {part_no}, {texts}, null
            from read_parquet(?, file_row_number = true, {OPTIONS}) as t({names})""",
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


def text_sql(column: str, kind: str) -> str:
    """SQL that writes a value as text: 6 not 6.0, 2.55, YYYY-MM-DD HH:MM:SS (UTC).

    Parameters
    ----------
    column : str
    kind : str
        Its DuckDB type.

    Returns
    -------
    str
        An expression; null for null, NaN and an empty text.
    """
    text = f"cast({column} as varchar)"
    if kind in ("FLOAT", "DOUBLE"):
        return plain_number_sql(f"cast({text} as double)")
    if kind.startswith("DECIMAL"):
        text = f"regexp_replace({text}, '(\\.[0-9]*?)0+$', '\\1')"
        return f"rtrim({text}, '.')"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(make_timestamp(epoch_us({column})), '%Y-%m-%d %H:%M:%S')"  # UTC
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"strftime(cast({column} as timestamp), '%Y-%m-%d %H:%M:%S')"
    return f"nullif({text}, '')"


def plain_number_sql(number: str) -> str:
    """15 digits, as a spreadsheet shows (2.55 for 2.5500000000000003), no exponent, NaN null."""
    digits = f"format('{{:.15g}}', {number})"
    fixed = f"rtrim(rtrim(format('{{:.15f}}', {number}), '0'), '.')"
    return f"""case when isnan({number}) then null
        when contains({digits}, 'e-') then {fixed} else {digits} end"""
