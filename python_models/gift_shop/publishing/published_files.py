"""Write the finished tables where people read them: one DuckDB file, Parquet, CSV and a manifest.

Readers never see half a file: everything is written under temporary names first, then renamed one
file after the other, the manifest last. An open reader keeps the file it has. All tables of one
build stand together in the DuckDB file; the Parquet and CSV files follow it within moments.
"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from gift_shop.errors import PublishError
from gift_shop.paths import SAMPLE
from gift_shop.publishing.formulas import FORMULA

TEMPORARY = ".writing-"
DATABASE = "gift_shop.duckdb"
MANIFEST = "manifest.json"
WARNING = "warning: "
BYTE_ORDER_MARK = "\ufeff"
# rows up to which a table of the file has its key: the index of one takes 37 MB and a second a million (4 million
# customers: 35 MB and 3.6 s without, 183 MB and 7.1 s with it)
KEYED_ROWS = 1_000_000
# sums are exact in decimal(38, 4); this is as exact, and a whole number of 64 bits to whatever reads it
MONEY, LARGEST = "decimal(18, 4)", "99999999999999.9999"


def publish(connection: duckdb.DuckDBPyConnection, folder: Path) -> pd.DataFrame:
    """Publish the tables that the build gate lists, unless the running dbt call is a partial one.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Of the working file, outside dbt's transaction. It reads quality.build_gate and
        quality.logged_contents (tables and their content hashes), quality.build_invocation (what
        dbt was asked for), staging.raw_files, staging.customer_addresses and intermediate.int_as_of.
    folder : Path
        That people and BI tools read from; it is made where it is not there.

    Returns
    -------
    DataFrame
        One row: is_published, build_id, as_of_date, published_tables, message (of a line for each of
        quality.build_warnings and one for what was done).

    Raises
    ------
    PublishError
        Where the folder cannot be written; what was published stays as it was.
    """
    gate, logged = (
        connection.execute(
            "select table_schema, table_name, grain, is_published, row_count, content_hash"
            f" from quality.{name} order by all"
        ).df()
        for name in ("build_gate", "logged_contents")
    )
    tables = pd.concat([gate[gate["is_published"]], logged])
    ((as_of_date,),) = connection.execute(
        "select as_of_date from intermediate.int_as_of"
    ).fetchall()
    build_id = _build_id(gate)
    ((refusal,),) = connection.execute("select refusal from quality.build_invocation").fetchall()
    too_large: list[str] = []
    if refusal:
        message = f"not published: {refusal}"
    else:
        sources, too_large = _sources(connection, tables)
        manifest = _manifest(connection, build_id, as_of_date, tables)
        with _published_folder(folder):
            _write(connection, folder, sources, tables, manifest)
        of = ", ".join(file["file_name"] for file in manifest["raw_files"])
        of += " (the SYNTHETIC SAMPLE)" if manifest["is_synthetic_sample"] else ""
        message = f"published build {build_id} of {of}, as of {as_of_date}, to {folder}"
    warnings = connection.execute(
        "select message from quality.build_warnings order by all"
    ).fetchall()
    message = "\n".join(
        [*(f"{WARNING}{warning}" for warning in [*(w for (w,) in warnings), *too_large]), message]
    )
    return pd.DataFrame(
        {
            "is_published": [not refusal],
            "build_id": [build_id],
            "as_of_date": [as_of_date],
            "published_tables": [0 if refusal else len(tables)],
            "message": [message],
        }
    )


@contextlib.contextmanager
def _published_folder(folder: Path) -> Iterator[None]:
    """The folder for this process alone (another build waits), and one message where it fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _lock_of(folder):
            try:
                yield
            finally:
                _sweep(folder)
    except (OSError, duckdb.IOException) as error:
        what = " ".join(str(error).split()).rstrip(".")
        raise PublishError(
            f"{folder}: cannot be written: {what}. What was published before is as it was."
            " Make room or fix the folder's permissions, then build again."
        ) from None


@contextlib.contextmanager
def _lock_of(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove what an interrupted or failed writing has left."""
    for leftover in [*folder.glob(f"{TEMPORARY}*"), *folder.glob(f"*/{TEMPORARY}*")]:
        leftover.unlink()


def _build_id(gate: pd.DataFrame) -> str:
    """Short id of the content: the same tables give the same id, whenever they are built."""
    columns = ["table_schema", "table_name", "row_count", "content_hash"]
    content = gate[columns].to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    as_of_date: dt.date,
    tables: pd.DataFrame,
) -> dict:
    raw_files = connection.execute(
        "select file_name, bytes, sha256 from staging.raw_files order by file_no"
    ).df()
    return {
        "build_id": build_id,
        "as_of_date": str(as_of_date),
        "is_synthetic_sample": SAMPLE in set(raw_files["file_name"]),
        "raw_files": raw_files.to_dict(orient="records"),
        "tables": {row.table_name: int(row.row_count) for row in tables.itertuples()},
        "content_hashes": {row.table_name: row.content_hash for row in tables.itertuples()},
    }


def _write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    sources: dict[str, str],
    tables: pd.DataFrame,
    manifest: dict,
) -> None:
    parquet, csv, audiences = folder / "parquet", folder / "csv", folder / "audiences"
    _sweep(folder)
    for subfolder in (parquet, csv, audiences):
        subfolder.mkdir(exist_ok=True)

    targets = [folder / DATABASE]
    _write_database(connection, _temporary(targets[0]), sources, tables, manifest)
    for name, source in sources.items():
        # a fixed order of rows makes the files the same to the byte
        targets += parquet / f"{name}.parquet", csv / f"{name}.csv"
        connection.execute(
            f"copy (select * from {source} order by all) to {_quoted(_temporary(targets[-2]))}"
            " (format parquet, compression zstd)"
        )
        write_csv(connection, f"{source} order by all", _temporary(targets[-1]))
    if "customer_actions" in sources:
        actions = _with_addresses(connection, sources["customer_actions"])
        targets += _write_audiences(connection, audiences, actions)
    targets.append(folder / MANIFEST)
    _temporary(targets[-1]).write_text(json.dumps(manifest, indent=2) + "\n")

    for target in targets:
        _flush_to_disk(_temporary(target))
    for target in targets:
        os.replace(_temporary(target), target)
    for stale in {*parquet.glob("*.parquet"), *csv.glob("*.csv"), *audiences.glob("*.csv")} - set(
        targets
    ):
        stale.unlink()


def _sources(
    connection: duckdb.DuckDBPyConnection, tables: pd.DataFrame
) -> tuple[dict[str, str], list[str]]:
    """SQL of each table to publish, its amounts as MONEY; a sentence for each amount that does not fit."""
    sources, too_large = {}, []
    for row in tables.itertuples():
        table = f'"{row.table_schema}"."{row.table_name}"'
        columns = connection.execute(f"describe {table}").fetchall()
        amounts = [name for name, kind, *_ in columns if kind == EXACT]
        cast = []
        for name in amounts:
            ((fits,),) = connection.execute(
                f'select coalesce(max(abs("{name}")), 0) <= {LARGEST} from {table}'
            ).fetchall()
            if fits:
                cast.append(f'cast("{name}" as {MONEY}) as "{name}"')
            else:
                too_large.append(
                    f"{row.table_name}.{name} has amounts above {LARGEST}: it is published as {EXACT.lower()},"
                    " which some tools read as text. Is a price or a quantity of the file wrong?"
                )
        sources[row.table_name] = (
            f"(select * replace ({', '.join(cast)}) from {table})" if cast else table
        )
    return sources, too_large


def _with_addresses(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    """SQL: the customers of a table, where their ids stand for e-mail addresses with these in front."""
    ((known,),) = connection.execute("select count(*) from staging.customer_addresses").fetchall()
    if not known:
        return source
    return (
        f"(select addresses.address as email, actions.* from {source} as actions"
        " left join staging.customer_addresses as addresses using (customer_id))"
    )


def _write_audiences(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: str
) -> list[Path]:
    """Whom to contact now, most valuable first: those who are due, the control group left out.

    One CSV for each segment with those a mailing tool can mail, since it mails every row it is
    given: SEGMENT.csv. Who is called or written to stands in SEGMENT_phone.csv, SEGMENT_post.csv. Who has
    moved into a segment since the last month end, due or not, stands in changed_SEGMENT.csv.
    """
    files = connection.execute(
        f"select distinct segment_key, 'email' from {source} union"
        f" select distinct segment_key, contact_by from {source}"
        " where is_due and not is_control order by all"
    ).fetchall()
    lists = {}
    for segment, contact_by in files:
        lists[audience_file(segment, contact_by)] = (
            f"{source} where segment_key = {_quoted(segment)} and contact_by = {_quoted(contact_by)}"
            " and is_due and not is_control order by priority"
        )
    moved = f"{source} where has_moved and contact_by <> 'none' and not is_control"
    for (segment,) in connection.execute(
        f"select distinct segment_key from {moved} order by all"
    ).fetchall():
        lists[f"changed_{audience_file(segment)}"] = (
            f"{moved} and segment_key = {_quoted(segment)} order by priority"
        )
    targets = []
    for name, rows in lists.items():
        target = folder / name
        write_csv(connection, rows, _temporary(target))
        targets.append(target)
    return targets


def audience_file(segment_key: str, contact_by: str = "email") -> str:
    """The name of the file of published/audiences with the customers of a segment to contact this way.

    Parameters
    ----------
    segment_key : str
    contact_by : str
        email, phone or post.

    Returns
    -------
    str
    """
    name = segment_key if contact_by == "email" else f"{segment_key}_{contact_by}"
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.csv"


def write_csv(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    """Write a CSV file that people open in a spreadsheet.

    It begins with the mark that tells a spreadsheet that this is UTF-8. Texts are quoted, so that none
    is cut at another separator, and those that would be run as formulas have an apostrophe. Units have
    decimals only where they need them: 346.000 is 346 thousand where points part thousands.

    Parameters
    ----------
    connection : DuckDBPyConnection
    rows : str
        SQL after `from`.
    path : Path
    """
    columns = connection.execute(f"describe select * from {rows}").fetchall()
    names = [f'"{name}"' for name, *_ in columns]
    kinds = dict(zip(names, (kind for _, kind, *_ in columns), strict=True))
    texts = [name for name, kind in kinds.items() if kind == "VARCHAR"]
    shown = [
        f"{WRITTEN[kind](name)} as {name}" if kind in WRITTEN else name
        for name, kind in kinds.items()
    ]
    # DuckDB would put the mark inside the quotes of the first name
    header = BYTE_ORDER_MARK + ",".join(name for name, *_ in columns) + "\n"
    quoted = f", force_quote ({', '.join(texts)})" if texts else ""
    ((count,),) = connection.execute(
        f"copy (select {', '.join(shown)} from {rows}) to {_quoted(path)}"
        f" (format csv, header false, prefix {_quoted(header)}, suffix '\n'{quoted})"
    ).fetchall()
    if not count:  # the suffix would be a blank line
        path.write_text(header, encoding="utf-8")


def harmless_text(column: str) -> str:
    """SQL of a text for a CSV: an apostrophe stands before what a spreadsheet would run.

    Parameters
    ----------
    column : str
        Quoted name of a column of texts.

    Returns
    -------
    str
        An expression.
    """
    return f"regexp_replace({column}, {_quoted(FORMULA)}, '\\1''\\2', 'g')"


def plain_units(column: str) -> str:
    """SQL of a quantity for a CSV, without the zeros at its end.

    Parameters
    ----------
    column : str
        Quoted name of a column of decimals with three places.

    Returns
    -------
    str
        An expression.
    """
    return f"regexp_replace(cast({column} as varchar), '[.]?0+$', '')"


EXACT = "DECIMAL(38,4)"
# the types of columns that a CSV does not get as they are
WRITTEN = {"VARCHAR": harmless_text, "DECIMAL(18,3)": plain_units}


def _write_database(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sources: dict[str, str],
    tables: pd.DataFrame,
    manifest: dict,
) -> None:
    # version 1.0.0 of the file format is the one that every DuckDB 1.x client opens
    connection.execute(f"attach {_quoted(path)} as publishing (storage_version 'v1.0.0')")
    try:
        for name, source in sources.items():
            connection.execute(
                f'create table publishing.main."{name}" as select * from {source} order by all'
            )
        for row in tables.itertuples():
            _describe(connection, row)
        # which build this file is of, for those who have only the file
        connection.execute(
            "create table publishing.main.build_info as select ? as build_id,"
            " cast(? as date) as as_of_date, ? as raw_files, ? as is_synthetic_sample, shop, currency"
            " from staging.stg_shop",
            [
                manifest["build_id"],
                manifest["as_of_date"],
                ", ".join(file["file_name"] for file in manifest["raw_files"]),
                manifest["is_synthetic_sample"],
            ],
        )
        _comment(connection, "table", "build_info", "One row: the build that this file is of.")
        for column, comment in BUILD_INFO.items():
            _comment(connection, "column", f"build_info.{column}", comment)
    finally:
        connection.execute("detach publishing")


BUILD_INFO = {
    "build_id": "Hash of the contents: the same tables have the same id.",
    "as_of_date": "The day to which recency is counted; later lines are left out.",
    "raw_files": "Names of the files that were read.",
    "is_synthetic_sample": "Whether these are the made-up customers of the sample.",
    "shop": "The shop's name.",
    "currency": "What stands before an amount, such as £; null where it is not known.",
}


def _describe(connection: duckdb.DuckDBPyConnection, table: Any) -> None:
    """Give a published table its key and the descriptions that the working file has of it.

    table: its row of the gate, with table_schema, table_name, grain, row_count.
    """
    name, grain = table.table_name, table.grain
    key = ", ".join(f'"{column}"' for column in grain.split(", ")) if grain else ""
    if key and table.row_count <= KEYED_ROWS:
        connection.execute(f'alter table publishing.main."{name}" add primary key ({key})')
    place = [table.table_schema, name]
    ((comment,),) = connection.execute(
        "select comment from (select schema_name, table_name, database_name, comment from duckdb_tables()"
        " union all select schema_name, view_name, database_name, comment from duckdb_views())"
        " where database_name = current_database() and schema_name = ? and table_name = ?",
        place,
    ).fetchall()
    words = [" ".join((comment or "").split()), f"Key: {grain}." if grain else "One row."]
    _comment(connection, "table", f'"{name}"', " ".join(words).strip())
    for column, comment in connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = current_database()"
        " and schema_name = ? and table_name = ? and comment is not null",
        place,
    ).fetchall():
        _comment(connection, "column", f'"{name}"."{column}"', " ".join(comment.split()))


def _comment(connection: duckdb.DuckDBPyConnection, what: str, name: str, comment: str) -> None:
    connection.execute(f"comment on {what} publishing.main.{name} is {_quoted(comment)}")


def _temporary(target: Path) -> Path:
    return target.with_name(TEMPORARY + target.name)


def _quoted(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _flush_to_disk(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
