"""The reader: raw invoice files, as read, one row for each line; or one clear error.

CSV, CSV.gz, Parquet and XLSX, recognised by their first bytes, and tables of databases. Everything is
text here; staging types it.
"""

import contextlib
import hashlib
import os
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from gift_shop import paths
from gift_shop.ingestion.addresses import hash_addresses
from gift_shop.ingestion.csv_files import load_csv
from gift_shop.ingestion.files import (
    ADDRESS,
    BLANKS,
    COLUMNS,
    FIELDS,
    MASK,
    SCRATCH,
    InputFileError,
    Part,
    blanks_around,
    input_files,
    is_zone,
    problem,
    public_name,
    quoted,
    shown,
)
from gift_shop.ingestion.json_lines import load_json
from gift_shop.ingestion.mapping import NAMES, Binding, Mapping, read_mapping
from gift_shop.ingestion.packed import UNREADABLE, explained, file_kind
from gift_shop.ingestion.parquet_files import load_parquet
from gift_shop.ingestion.table_source import load_table
from gift_shop.ingestion.values import plain_values
from gift_shop.ingestion.xlsx_files import load_xlsx

__all__ = ["DATE_FORMATS", "InputFileError", "customer_addresses", "raw_files", "read_invoices"]

ISO_FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
]
MONTH_FIRST, DAY_FIRST = "m/d/yyyy", "d/m/yyyy"
SLASH_FORMATS = {
    MONTH_FIRST: ["%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"],
    DAY_FIRST: ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"],
}
# The var date_format -> the strptime formats that are readable under it.
DATE_FORMATS = {name: slash + ISO_FORMATS for name, slash in SLASH_FORMATS.items()}
FEWEST_STEPS = 6  # from one date to another, before their order says anything
# the columns of stg_ingestion_settings that the reader needs, as read_invoices names them
SETTINGS = (
    "date_format",
    "quantity_pattern",
    "price_pattern",
    "max_unreadable_share",
    "shop_timezone",
    "currency",
)
FILE_COLUMNS = [
    "file_no", "file_name", "bytes", "sha256", "first_line_id", "header_line", "sheets", "unused_columns",
    "date_format", "date_evidence", "notes", "format", "mapping", "currency", "tax", "cancellation_prefix",
    "repeated_lines", "later_file_wins", "zero_quantity", "is_general",
]  # fmt: skip
# by pattern, of this process
_parts_read: dict[str, list[Part]] = {}
_addresses_read: dict[str, pa.Table] = {}
LOADERS = {
    "csv": load_csv,
    "json": load_json,
    "parquet": load_parquet,
    "zip": load_xlsx,
    "table": load_table,
}


def build_settings(row: tuple) -> dict[str, Any]:
    """What a build reads its files by: a row of SETTINGS, and the user's mapping."""
    return dict(zip(SETTINGS, row, strict=True)) | {"mapping": paths.mapping()}


def read_invoices(
    session: duckdb.DuckDBPyConnection,
    pattern: str,
    *,
    date_format: str,
    quantity_pattern: str,
    price_pattern: str,
    max_unreadable_share: float,
    shop_timezone: str = "",
    currency: str = "",
    mapping: str = "",
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
        One of DATE_FORMATS, the order of day and month in dates with slashes; '' settles it for each
        file by what it shows.
    quantity_pattern, price_pattern : str
        Regexes without anchors that a trimmed number matches as a whole.
    max_unreadable_share : float
        0..1, of the lines of a file or sheet.
    shop_timezone : str
        For times that have a zone, as 'Europe/London'; '' takes the file's own and notes it.
    currency : str
        A code as the file writes it: lines in others are left out; '' where there is only one.
    mapping : str
        A YAML file, of which the four settings above stand in for those that are ''; without one the
        header says which format it is.

    Returns
    -------
    DuckDBPyRelation
        One row per line: line_id (bigint), source_file (base name), FIELDS, raw_text
        and date_format (one of DATE_FORMATS; all varchar). A line that is no record of the file's
        shape has its text in raw_text and no fields. A customer_id that is an e-mail address is its
        keyed hash (see customer_addresses), and none is in raw_text.

    Raises
    ------
    InputFileError
        Where the date format is not known, no file is found, or a file cannot be read or fails
        check_content; the scratch table is dropped.
    """
    if date_format and date_format not in DATE_FORMATS:
        raise InputFileError(
            f"date_format {shown(str(date_format))} is not known, reading {public_name(pattern)}. "
            f"Set it to {' or '.join(map(repr, DATE_FORMATS))}, or leave it empty."
        )
    if shop_timezone and not is_zone(shop_timezone):
        raise InputFileError(
            f"shop_timezone {shown(shop_timezone)} is not known, reading {public_name(pattern)}. "
            "Set it to a name such as 'Europe/London', or leave it empty."
        )
    own = read_mapping(mapping) if mapping else None
    if own and own.timezone and not is_zone(own.timezone):
        raise problem(
            mapping, f"timezone {shown(own.timezone)} is not known", "Write 'Europe/London'."
        )
    zone = shop_timezone or (own.timezone if own else "")
    create_scratch(session)
    try:
        parts = load_files(session, input_files(pattern), zone, own)
        binding = one_format(parts)
        carry_down(session, parts)
        parts = plain_parts(session, parts, zone)
        currency = (currency or binding.mapping.currency).strip().upper()
        in_file = check_currency(session, parts, currency)
        parts = check_content(
            session,
            [replace(part, currency=in_file) for part in without_fields(parts)],
            date_format or binding.mapping.date_format,
            quantity_pattern,
            price_pattern,
            float(max_unreadable_share),
        )
        _addresses_read[pattern] = hash_addresses(session, SCRATCH, paths.key_file())
    except BaseException:
        with contextlib.suppress(Exception):  # a failed statement may have ended the transaction
            session.execute(f"drop table {SCRATCH}")
        raise
    _parts_read[pattern] = parts
    names = [(part.part_no, os.path.basename(part.path), part.date_format) for part in parts]
    columns = dict(zip(("part_no", "name", "date_format"), zip(*names, strict=True), strict=True))
    session.register("reader_names", pa.table(columns))
    session.execute("create or replace temp table reader_parts as from reader_names").fetchall()
    session.unregister("reader_names")
    fields = ", ".join(f"{final_field(binding, name, currency)} as {name}" for name in FIELDS)
    return session.sql(f"""
        select line_id, name as source_file, {fields},
            regexp_replace(raw_text, {quoted(ADDRESS.pattern)}, '{MASK}', 'g') as raw_text, date_format
        from {SCRATCH} join temp.reader_parts using (part_no)""")


def one_format(parts: list[Part]) -> Binding:
    """The binding of the parts, whose mapping is the same for all.

    Raises
    ------
    InputFileError
        Where the files are of two formats.
    """
    first = parts[0]
    for part in parts:
        if part.binding.mapping.name != first.binding.mapping.name:
            raise problem(
                part.where,
                f"is of the format {part.binding.mapping.name}, but {first.where} of the format"
                f" {first.binding.mapping.name}",
                "Build from files of one format, or give a mapping that fits all.",
            )
    sources = {name: source for part in parts for name, source in part.binding.sources.items()}
    return replace(first.binding, sources=sources)


def without_fields(parts: list[Part]) -> list[Part]:
    """The parts, each with a note on the fields that another part has a column for and it has not."""
    fields = dict.fromkeys(name for part in parts for name in part.binding.sources)
    noted = []
    for part in parts:
        absent = [name for name in fields if name not in part.binding.sources]
        note = f"it has no column for {' and '.join(absent)}, unlike the other files"
        noted.append(replace(part, notes=(*part.notes, note)) if absent else part)
    return noted


def plain_parts(session: duckdb.DuckDBPyConnection, parts: list[Part], zone: str) -> list[Part]:
    """The parts, their numbers and dates rewritten as plain texts, with notes on what that took."""
    noted = []
    for part in parts:
        # numbers that have a type were written with a point
        mapping = part.binding.mapping
        decimal, thousands = (mapping.decimal, mapping.thousands) if part.is_text else ("", "")
        plain = plain_values(
            session, SCRATCH, part, decimal=decimal, thousands=thousands, zone=zone
        )
        noted.append(replace(part, notes=(*part.notes, *plain.notes)))
    return noted


def carry_down(session: duckdb.DuckDBPyConnection, parts: list[Part]) -> None:
    """Fill the fields that stand on one line of an order only, from the first line that has them."""
    for part in parts:
        names = part.binding.carried()
        if not names:
            continue
        firsts = ", ".join(
            f"first_value({name} ignore nulls) over of_order as {name}" for name in names
        )
        session.execute(f"""
            update {SCRATCH} as lines set {", ".join(f"{name} = carried.{name}" for name in names)}
            from (
                select line_id, {firsts} from {SCRATCH}
                where part_no = {part.part_no} and raw_text is null and invoice_no is not null
                window of_order as (
                    partition by invoice_no order by line_id
                    rows between unbounded preceding and unbounded following
                )
            ) as carried
            where lines.line_id = carried.line_id""").fetchall()


def check_currency(session: duckdb.DuckDBPyConnection, parts: list[Part], wanted: str) -> str:
    """The one currency of the files, as they write it, in capitals; '' where they name none.

    Parameters
    ----------
    session : DuckDBPyConnection
    parts : list of Part
    wanted : str
        The one to read, in capitals, '' for the only one.

    Returns
    -------
    str

    Raises
    ------
    InputFileError
        Where there are several and none is wanted, or none of the wanted one.
    """
    found = dict(
        session.execute(f"""
            select upper(trim(currency)) as code, count(*) from {SCRATCH}
            where trim(currency) <> '' group by 1 order by 2 desc, 1""").fetchall()
    )
    listed = ", ".join(f"{lines:,} in {code}" for code, lines in found.items())
    if len(found) > 1 and not wanted:
        raise problem(
            parts[0].where,
            f"its lines are in {len(found)} currencies ({listed}), whose amounts cannot be added",
            f"Set currency to the one to read (make build VARS='currency: {next(iter(found))}').",
        )
    if wanted and found and wanted not in found:
        raise problem(
            parts[0].where,
            f"no line is in currency {shown(wanted)} (found {listed})",
            "Correct currency.",
        )
    return wanted if wanted in found else next(iter(found), "")


def final_field(binding: Binding, name: str, currency: str) -> str:
    """SQL: a raw column as the warehouse gets it; a line in another currency is left out."""
    sql = binding.final_sql(name)
    if name == "left_out_reason" and currency and "currency" in binding.sources:
        other = f"upper(trim(currency)) <> {quoted(currency)}"
        return f"coalesce({sql}, case when {other} then 'currency ' || trim(currency) end)"
    return sql


def raw_files(pattern: str, **settings: Any) -> pa.Table:
    """What the raw files are, to the byte, and what of them is not read.

    Parameters
    ----------
    pattern : str
        A file or a glob.
    **settings
        Of read_invoices, which is called where this process has not read the files yet.

    Returns
    -------
    Table
        One row per file: file_no (from 1, in name order), file_name (base name), bytes, sha256
        (hex), first_line_id and header_line (its first record is line header_line + 1 of the file, in
        a workbook of the first sheet), sheets (that are read; 1 of other files), unused_columns (header names that are not read, with ', '
        between them; '' for none), date_format date_evidence (what it rests on, '' where it is
        set or proven), notes (what was left out or taken for granted), and what the format says of
        its lines: format (its name), mapping (the file that describes it), currency ('' where none
        is named), tax (a sentence), cancellation_prefix, repeated_lines, later_file_wins,
        zero_quantity, is_general (its columns are known by usual names only).

    Raises
    ------
    InputFileError
        Where there is no file or one cannot be read.
    """
    parts_read = parts_of(pattern, **settings)
    rows = []
    for file_no, path in enumerate(input_files(pattern), 1):
        name = public_name(path)
        first, *others = (part for part in parts_read if part.path == name)
        size, digest = first.contents or file_contents(path)
        unused = dict.fromkeys(name for part in (first, *others) for name in part.binding.unused)
        evidence = dict.fromkeys(part.date_evidence for part in (first, *others))
        rows.append(
            (file_no, os.path.basename(name), size, digest, first.offset + 1,
             first.header_line, 1 + len(others), ", ".join(unused), first.date_format, "; ".join(filter(None, evidence)),
             "; ".join(note for part in (first, *others) for note in part.notes),
             *format_of(first))
        )  # fmt: skip
    return pa.table(dict(zip(FILE_COLUMNS, zip(*rows, strict=True), strict=True)))


def file_contents(path: str) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    try:
        with open(path, "rb") as stream:
            return os.path.getsize(path), hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise explained(path, error) from None


def customer_addresses(pattern: str, **settings: Any) -> pa.Table:
    """The e-mail addresses that were customer ids, with the ids that stand for them.

    Parameters
    ----------
    pattern : str
        A file or a glob.
    **settings
        As in raw_files.

    Returns
    -------
    Table
        One row per address: customer_id, address.

    Raises
    ------
    InputFileError
        As raw_files.
    """
    parts_of(pattern, **settings)
    return _addresses_read[pattern]


def raw_fields(pattern: str, **settings: Any) -> pa.Table:
    """How each field of an order line is understood.

    Parameters
    ----------
    pattern : str
        A file or a glob.
    **settings
        As in raw_files.

    Returns
    -------
    Table
        One row per field: field_no (from 1), field (its name in a mapping), taken_from (in words;
        None where the files do not have it).

    Raises
    ------
    InputFileError
        As raw_files.
    """
    sources = one_format(parts_of(pattern, **settings)).sources
    texts = {name: str(source) for name, source in sources.items()}
    if "time" in texts:
        texts["invoiced_at"] += f" and {texts['time']}"
    names = [name for name in NAMES if name != "time"]
    return pa.table(
        {
            "field_no": range(1, len(names) + 1),
            "field": names,
            "taken_from": [texts.get(name) for name in names],
        }
    )


def parts_of(pattern: str, **settings: Any) -> list[Part]:
    """The parts of files that this process has read, or reads now."""
    if pattern not in _parts_read:
        with duckdb.connect() as own:
            read_invoices(own, pattern, **settings)
    return _parts_read[pattern]


def format_of(part: Part) -> tuple:
    """What the mapping of a file says of its lines: the columns of raw_files from format on."""
    mapping: Mapping = part.binding.mapping
    return (
        mapping.name, os.path.basename(mapping.file), part.currency, mapping.tax, mapping.cancellation_prefix.upper(),
        mapping.repeated_lines, mapping.later_file_wins, mapping.zero_quantity, mapping.exactly_one,
    )  # fmt: skip


def create_scratch(session: duckdb.DuckDBPyConnection) -> None:
    """An empty scratch table; the file's name is a number in it, a text per row would cost."""
    fields = ", ".join(f"{field} varchar" for field in FIELDS)
    session.execute(
        f"create or replace temp table {SCRATCH}"
        f" (line_id bigint, part_no integer, {fields}, raw_text varchar)"
    ).fetchall()


def load_files(
    session: duckdb.DuckDBPyConnection, paths: list[str], zone: str = "", own: Mapping | None = None
) -> list[Part]:
    """Load the files one after the other into the scratch table, line_id running on.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the scratch table of create_scratch.
    paths : list of str
    zone : str
        The shop's time zone.
    own : Mapping, optional
        The user's.

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
            load = LOADERS[file_kind(path)]
            loaded, last = load(session, path, len(parts), last, zone, own)
        except UNREADABLE as error:
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
) -> list[Part]:
    """Settle the order of day and month, and check that most lines are readable.

    Each file and sheet is judged by itself. Unreadable: not of the file's shape, or quantity,
    date or price not readable. A year below 1000 is one of two digits, and not readable.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the lines of the parts in the scratch table.
    parts : list of Part
        By part_no.
    date_format : str
        One of DATE_FORMATS, or '' to settle it by what the file shows.
    quantity_pattern, price_pattern : str
        As in read_invoices.
    max_unreadable_share : float
        0..1.

    Returns
    -------
    list of Part
        The parts, each with its date_format and what that rests on where no date proves it.

    Raises
    ------
    InputFileError
        Where more dates of a part can only be of the other order than only of the one that is set,
        as many of the one as of the other, where nothing tells which order it is
        (settle_together), or more than max_unreadable_share
        of its lines are unreadable; it quotes the first such line.
    """
    month_first, day_first = MONTH_FIRST, DAY_FIRST
    rows = session.execute(
        f"""
        with shaped as (
            select part_no, line_id, raw_text is not null as is_malformed,
                not coalesce(regexp_full_match(quantity, $quantity), false) as bad_quantity,
                not coalesce(regexp_full_match(coalesce(unit_price, line_total), $price), false) as bad_price,
                invoice_date
            from {SCRATCH}
        ), counted as (
            select part_no, is_malformed, bad_quantity, bad_price, invoice_date,
                count(*) as lines, min(line_id) as line_id
            from shaped group by all
        ), dated as (
            select *, {is_date_sql(SLASH_FORMATS[month_first])} is true as month_first,
                {is_date_sql(SLASH_FORMATS[day_first])} is true as day_first,
                {is_date_sql(ISO_FORMATS)} is true as iso
            from counted
        ), judged as (
            select *, bad_quantity or bad_price as bad,
                not (month_first or iso) as bad_month_first, not (day_first or iso) as bad_day_first
            from dated
        )
        select part_no, sum(lines), sum(lines) filter (is_malformed),
            sum(lines) filter (not is_malformed and bad_quantity),
            sum(lines) filter (not is_malformed and bad_price),
            sum(lines) filter (month_first and day_first),
            sum(lines) filter (month_first and not day_first),
            min(line_id) filter (month_first and not day_first),
            sum(lines) filter (not is_malformed and bad_month_first),
            sum(lines) filter (bad or bad_month_first), min(line_id) filter (bad or bad_month_first),
            sum(lines) filter (day_first and not month_first),
            min(line_id) filter (day_first and not month_first),
            sum(lines) filter (not is_malformed and bad_day_first),
            sum(lines) filter (bad or bad_day_first), min(line_id) filter (bad or bad_day_first)
        from judged group by part_no order by part_no""",
        {"quantity": blanks_around(quantity_pattern), "price": blanks_around(price_pattern)},
    ).fetchall()
    judged = {
        part_no: (
            lines,
            malformed,
            quantity,
            price,
            both,
            dict(zip(SLASH_FORMATS, (Judged(*of[:5]), Judged(*of[5:])), strict=True)),
        )
        for part_no, lines, malformed, quantity, price, both, *of in rows
    }
    formats: dict[int, tuple[str, str]] = {}
    for part_no, (*_, both, of) in judged.items():
        part, proofs = parts[part_no], {name: found.only or 0 for name, found in of.items()}
        best = max(proofs, key=proofs.__getitem__)
        if date_format and proofs[best] > proofs[date_format]:
            raise problem(
                part.where,
                f"its dates look like {best}: {quoted_line(session, part, of[best].first_only)}",
                f"Set date_format to '{best}' (it is '{date_format}').",
            )
        if date_format or not both and not proofs[best]:
            formats[part_no] = date_format or month_first, ""
        elif proofs[month_first] != proofs[day_first]:
            formats[part_no] = best, ""
        elif proofs[best]:
            raise problem(
                part.where,
                f"as many of its dates can only be {month_first} as only {day_first}"
                f" ({proofs[best]}): {quoted_line(session, part, of[best].first_only)}",
                "Correct them, or set date_format.",
            )
    open_parts = [parts[part_no] for part_no in sorted(judged.keys() - formats.keys())]
    if open_parts:
        # a file with ISO dates alone proves nothing
        proven = {
            formats[part_no][0]
            for part_no, (*_, of) in judged.items()
            if part_no in formats and any(found.only for found in of.values())
        }
        one = (min(proven), "as in the other files") if len(proven) == 1 else None
        settled = one or settle_together(session, open_parts)
        formats |= {part.part_no: settled for part in open_parts}
    for part_no, (lines, malformed, quantity, price, _, of) in judged.items():
        part, (name, _) = parts[part_no], formats[part_no]
        found = of[name]
        if found.bad and found.bad > max_unreadable_share * lines:
            names = ("not of the header's shape", "quantity", "date", "price")
            reasons = (malformed, quantity, found.bad_dates, price)
            counts = ", ".join(f"{n} {kind}" for n, kind in zip(reasons, names, strict=True) if n)
            raise problem(
                part.where,
                f"{found.bad} of {lines} lines ({found.bad / lines:.1%}) are unreadable, more than "
                f"{max_unreadable_share:.1%} ({counts}), first "
                f"{quoted_line(session, part, found.first_bad)}",
                f"Readable are dates like {name} H:MM or 2011-01-31 9:05, quantities like -12, "
                "prices like 1250.50. Correct the file, or set date_format or "
                "max_unreadable_share.",
            )
    return [
        replace(part, date_format=name, date_evidence=why)
        for part, (name, why) in ((part, formats[part.part_no]) for part in parts)
    ]


class Judged(NamedTuple):
    """A part's lines under one order of day and month; None for none.

    Those whose date reads in this order only and the first of them; those whose date is unreadable;
    those unreadable for whatever reason and the first of them.
    """

    only: int | None
    first_only: int
    bad_dates: int | None
    bad: int | None
    first_bad: int


def settle_together(session: duckdb.DuckDBPyConnection, parts: list[Part]) -> tuple[str, str]:
    """The order of day and month where every date with slashes of these parts reads both ways.

    They are judged as one: a shop may have a file for each day. Lines, or the numbers of invoices,
    mostly stand in order of time, rising or falling; and dates that keep to one month are likelier
    than the same day of several months.

    Parameters
    ----------
    session : DuckDBPyConnection
        With the lines of the parts in the scratch table.
    parts : list of Part

    Returns
    -------
    str
        One of DATE_FORMATS.
    str
        What it rests on, in words.

    Raises
    ------
    InputFileError
        Where nothing tells and there are several days; one reads month first.
    """
    numbers = ", ".join(str(part.part_no) for part in parts)
    session.execute(f"""
        create or replace temp table reader_dates as
        select line_id, invoice_no,
            cast({date_sql(SLASH_FORMATS[MONTH_FIRST])} as date) as "{MONTH_FIRST}",
            cast({date_sql(SLASH_FORMATS[DAY_FIRST])} as date) as "{DAY_FIRST}"
        from {SCRATCH}
        where part_no in ({numbers}) and {is_date_sql(SLASH_FORMATS[MONTH_FIRST])}
            and {is_date_sql(SLASH_FORMATS[DAY_FIRST])}""").fetchall()
    first, second = (Reading(name, *session.execute(f"""
        select count(distinct "{name}"), count(distinct date_trunc('month', "{name}")),
            min("{name}"), max("{name}"), min(line_id) from reader_dates""").fetchall()[0])
        for name in (MONTH_FIRST, DAY_FIRST))  # fmt: skip
    orders = {"invoice numbers": "length(invoice_no), invoice_no, line_id", "lines": "line_id"}
    in_order = {name: what for what, by in orders.items() for name in ordered(session, by)}
    session.execute("drop table reader_dates").fetchall()
    if len(in_order) == 1:
        ((name, what),) = in_order.items()
        return name, f"as {name} its {what} stand in order of time"
    if first.days == 1:
        return first.name, f"{first.begin}; nothing tells it from {second.name}, {second.begin}"
    if not in_order and 1 in (first.months, second.months) and first.months != second.months:
        near, far = sorted((first, second), key=lambda reading: reading.months)
        return near.name, (
            f"as {near.name} there are {near.days} days in one month, as {far.name} all would be the"
            f" same day of {far.months} months"
        )
    part = parts[0]
    raise problem(
        part.where,
        f"every date reads both as {first.name} ({first.begin} to {first.end}) and as {second.name}"
        f" ({second.begin} to {second.end}), first {quoted_line(session, part, first.line_id)}",
        f"Set date_format to '{first.name}' or '{second.name}'.",
    )


def ordered(session: duckdb.DuckDBPyConnection, order: str) -> list[str]:
    """The one of DATE_FORMATS under which dates rise or fall with an order of the lines.

    A few lines may be late, so it is one that has more than ten times as many steps against it under
    the other; a handful of steps is chance.

    Parameters
    ----------
    session : DuckDBPyConnection
        With table reader_dates.
    order : str
        SQL, of its lines.

    Returns
    -------
    list of str
        Its name; empty where neither is.
    """
    against = {}
    for name in SLASH_FORMATS:
        rising, falling = session.execute(f"""
            with steps as (
                select "{name}" as day, lag("{name}") over (order by {order}) as day_before
                from reader_dates
            )
            select count(*) filter (day > day_before), count(*) filter (day < day_before)
            from steps""").fetchall()[0]
        if rising + falling < FEWEST_STEPS:
            return []
        against[name] = min(rising, falling)
    most = max(against.values())
    return [name for name, steps in against.items() if 10 * steps < most]


class Reading(NamedTuple):
    """Dates in one order of day and month."""

    name: str
    days: int
    months: int
    begin: date
    end: date
    line_id: int


def is_date_sql(formats: list[str]) -> str:
    """SQL: invoice_date is readable by one of the formats, with a year of four digits."""
    return f"year({date_sql(formats)}) >= 1000"


def date_sql(formats: list[str]) -> str:
    """SQL: invoice_date by one of the formats, null where it is readable by none."""
    return f"try_strptime(trim(invoice_date, '{BLANKS}'), {formats})"


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
