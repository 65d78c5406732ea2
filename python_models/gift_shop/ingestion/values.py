"""Numbers and dates as exports write them, rewritten as the plain texts that staging reads.

Each different text is read once. What cannot be read stays as it is: staging calls it unreadable
and the message quotes it.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from gift_shop.ingestion.files import SET_ZONE, Part, blanks_around, problem, quoted, shown

QUANTITIES = ("quantity", "refunded_quantity")
MONEY = (
    "unit_price",
    "line_total",
    "discount",
    "order_discount",
    "order_subtotal",
    "order_shipping",
    "order_total",
    "refunded_amount",
    "order_refund",
)
DATES = ("invoice_date", "refunded_at")
CLEARLY = 20  # times as many numbers with the one decimal sign as with the other
QUANTITY_DECIMALS, MONEY_DECIMALS = 3, 4
TEXTS = "temp.reader_texts"
# Kinds of spaces, of the minus sign and of the apostrophe, and the plain ones they stand for.
UNUSUAL, USUAL = "\t\r\n\u00a0\u2007\u2009\u202f\u2212\u2019", " " * 7 + "-'"
GROUP_SIGNS = (",", ".", " ", "'")
CURRENCY = (
    r"[A-Z]{0,3}\p{Sc}|AED|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW"
    r"|MXN|MYR|NOK|NZD|PHP|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
    r"|[Kk]r\.?|Fr\.?|Rs\.?|RM|Rp|R|zł|Kč|Ft|lei"
)
NUMBER = r"[0-9.,][0-9., ']*(?:[eE][+-]?[0-9]{1,2})?"
AMOUNT_PARTS = (
    ("open", r"(\()?"),
    ("sign", r"([+-])? ?"),
    ("currency", rf"({CURRENCY})? ?"),
    ("inner_open", r"(\()?"),
    ("inner_sign", r"([+-])? ?"),
    ("number", rf"({NUMBER}) ?"),
    ("sign_after", r"(-)? ?"),
    ("currency_after", rf"({CURRENCY})?"),
    ("close", r"(\))?"),
    ("last_sign", r"(-)?"),
)
MONTH = (
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
)
# A day whose order is known, as year-month-day; the month may be a name.
KNOWN_DAYS = (
    (r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", r"\1-\2-\3"),
    (r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", r"\1-\2-\3"),
    (r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})", r"\3-\2-\1"),
    (r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{2})", r"20\3-\2-\1"),
    (rf"([0-9]{{1,2}})(?:st|nd|rd|th)?[-/ .]*{MONTH}[-/ ,]*([0-9]{{4}})", r"\3-\2-\1"),
    (rf"([0-9]{{1,2}})(?:st|nd|rd|th)?[-/ .]*{MONTH}[-/ ,]+([0-9]{{2}})", r"20\3-\2-\1"),
    (rf"{MONTH} ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})", r"\3-\1-\2"),
)
# A day whose order reader.py settles later by all dates of the file.
OPEN_DAYS = (
    (r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})", r"\1/\2/\3"),
    (r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{2})", r"\1/\2/20\3"),
)
MOMENT_PARTS = (
    ("day", r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?([0-9a-z][0-9a-z,./ -]*?)"),
    ("hour", r"(?:(?:,? |t)([0-9]{1,2})"),
    ("minute", r":([0-9]{2})"),
    ("second", r"(?::([0-9]{2})(?:[.,][0-9]+)?)?"),
    ("half", r"(?: ?([ap])\.?m\.?)?"),
    ("zone", r"(?: ?(z|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc|gmt))?)?"),
)
READABLE_DATE = (
    r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?"
)


@dataclass(frozen=True)
class Plain:
    """What came of a part's values.

    `notes` are sentences for raw_files, `rounded` the number of values with more decimals than are
    kept, `decimal` the sign before decimals that they were read with.
    """

    notes: tuple[str, ...] = ()
    rounded: int = 0
    decimal: str = "."


def plain_values(
    session: duckdb.DuckDBPyConnection,
    table: str,
    part: Part,
    *,
    decimal: str = "",
    thousands: str = "",
    zone: str = "",
) -> Plain:
    """Rewrite a part's numbers and dates in place as plain texts.

    Parameters
    ----------
    session : DuckDBPyConnection
    table : str
        With line_id, part_no and FIELDS, as text.
    part : Part
        Whose lines are rewritten; a number without evidence counts as of the English kind in a file with
        commas between its fields only.
    decimal, thousands : str
        The signs before decimals and between thousands; '' settles it by what the numbers show.
    zone : str
        The shop's, to which times with a zone or an offset are brought; '' keeps them as written.

    Returns
    -------
    Plain

    Raises
    ------
    InputFileError
        Where some numbers have a decimal point and some a comma, nothing tells which it is, or amounts
        have several currency signs and no column says more.
    """
    fields = (*QUANTITIES, *MONEY, *DATES, "currency")
    counts = session.execute(
        f"select {', '.join(f'count({name})' for name in fields)} from {table}"
        f" where part_no = {part.part_no}"
    ).fetchall()[0]
    filled = [name for name, count in zip(fields, counts, strict=True) if count]
    numbers = [name for name in filled if name in QUANTITIES + MONEY]
    dates = [name for name in filled if name in DATES]
    sign, rounded, notes = decimal or ".", 0, []
    try:
        if numbers:
            read_numbers(session, table, part, numbers, decimal, thousands)
            sign = decimal_sign(session, part, decimal, thousands)
            if "currency" not in filled:
                check_signs(session, part)
            write_numbers(session, sign)
            replace_texts(session, table, part, numbers)
            found = roundings(session, part)
            rounded, notes = sum(lines for lines, _ in found), [note for _, note in found]
        if dates:
            read_dates(session, table, part, dates, zone)
            replace_texts(session, table, part, dates)
            if not zone and has_zones(session):
                notes.append(f"its times have a zone and were read as they are written: {SET_ZONE}")
    finally:
        session.execute(f"drop table if exists {TEXTS}").fetchall()
    return Plain(tuple(notes), rounded, sign)


def texts_sql(table: str, part: Part, fields: list[str]) -> str:
    """SQL: each different text of the fields, trimmed and in usual signs, with its lines and the first."""
    return " union all ".join(
        f"""select '{field}' as field, {field} as text, count(*) as lines, min(line_id) as line_id,
            trim(translate({field}, {quoted(UNUSUAL)}, {quoted(USUAL)})) as tidy
        from {table} where part_no = {part.part_no} and {field} is not null group by {field}"""
        for field in fields
    )


def number_pattern(decimal: str, thousands: str) -> str:
    """A regex of an unsigned number; groups of thousands are of three digits with one sign between."""
    mark = re.escape(decimal)
    signs = [sign for sign in GROUP_SIGNS if sign != decimal and sign in (thousands or sign)]
    groups = "".join(f"|[1-9][0-9]{{0,2}}(?:{re.escape(sign)}[0-9]{{3}})+" for sign in signs)
    return (
        rf"(?:[0-9]+{groups})(?:{mark}[0-9]+)?|{mark}[0-9]+|[0-9]+(?:{mark}[0-9]+)?[eE][+-]?[0-9]+"
    )


def read_numbers(
    session: duckdb.DuckDBPyConnection,
    table: str,
    part: Part,
    fields: list[str],
    decimal: str,
    thousands: str,
) -> None:
    """Read each number with a decimal point and with a comma, into table reader_texts.

    Parameters
    ----------
    session : DuckDBPyConnection
    table : str
    part : Part
    fields : list of str
        Of QUANTITIES and MONEY.
    decimal, thousands : str
        As in plain_values; a sign that is given is the only one.
    """
    thousands = thousands.translate(str.maketrans(UNUSUAL, USUAL))
    names, pattern = pieces(AMOUNT_PARTS)
    quantities = ", ".join(map(quoted, QUANTITIES))
    readings = ", ".join(
        f"""case when is_number and regexp_full_match(number, {quoted(number_pattern(mark, thousands))})
            then replace(regexp_replace(number, {quoted("[ '" + other + "]")}, '', 'g'), '{mark}', '.')
        end as {name}"""
        for name, mark, other in (("point", ".", ","), ("comma", ",", "."))
        if decimal in ("", mark)
    )
    absent = {".": ", null::varchar as comma", ",": ", null::varchar as point"}.get(decimal, "")
    session.execute(f"""
        create or replace temp table {TEXTS} as
        with texts as ({texts_sql(table, part, fields)}),
        split as materialized (
            select *, field in ({quantities}) as is_quantity,
                regexp_extract(tidy, {quoted(pattern)}, {names}) as piece
            from texts
        ), signed as (
            select field, text, lines, line_id, tidy, is_quantity,
                replace(replace(concat(piece.currency, piece.currency_after), '€', 'EUR'), '£', 'GBP') as currency,
                concat(piece.open, piece.sign, piece.inner_open, piece.inner_sign,
                    piece.sign_after, piece.last_sign) as marks,
                piece.close, trim(piece.number) as number
            from split
        ), judged as materialized (
            select *,
                (marks in ('', '+', '-') and close = '' or marks = '(' and close = ')')
                    and not (is_quantity and currency <> '') as is_number
            from signed
        )
        select field, text, lines, line_id, tidy, is_quantity, is_number, currency,
            marks in ('-', '(') as is_negative, {readings}{absent}
        from judged""").fetchall()


def decimal_sign(
    session: duckdb.DuckDBPyConnection, part: Part, decimal: str, thousands: str
) -> str:
    """The sign before the decimals of a part's numbers: as set, or as some of them can only be read.

    Parameters
    ----------
    session : DuckDBPyConnection
        With table reader_texts of read_numbers.
    part : Part
    decimal, thousands : str
        As in plain_values.

    Returns
    -------
    str
        '.' or ','.

    Raises
    ------
    InputFileError
        Where there is evidence of both, of neither much more, or of none in a file that has not commas between its fields.
    """
    if decimal or thousands in (",", "."):
        return decimal or {",": ".", ".": ","}[thousands]
    found = {
        kind: Evidence(lines, text, line_id)
        for kind, lines, text, line_id in session.execute(f"""
            select
                case when comma is null then '.' when point is null then ',' else 'either' end as kind,
                sum(lines), arg_min(text, line_id), min(line_id)
            from {TEXTS}
            where coalesce(point, comma) is not null and point is distinct from comma
            group by 1""").fetchall()
    }
    if "." in found and "," in found:
        often, seldom = sorted(".,", key=lambda mark: -found[mark].lines)
        if found[often].lines >= CLEARLY * found[seldom].lines:
            return often  # the others are mistakes, and not readable
        examples = " and ".join(
            f"a decimal {name} ({found[mark].lines:,}), as {found[mark].quoted(part)}"
            for name, mark in (("point", "."), ("comma", ","))
        )
        raise problem(
            part.where,
            f"some of its numbers have {examples}",
            "Correct them, or set decimal in the mapping (RAW_MAPPING) to the right one.",
        )
    if "either" in found and part.delimiter != "," and not {".", ","} & found.keys():
        text = found["either"].text
        readings = " or ".join(
            f"{re.sub(r'[^0-9,.]', '', text).replace(group, '').replace(mark, '.')} with decimal: '{mark}'"
            for mark, group in ((".", ","), (",", "."))
        )
        raise problem(
            part.where,
            f"nothing tells whether {found['either'].quoted(part)} is {readings}",
            "Set decimal in the mapping (RAW_MAPPING) to '.' or ','.",
        )
    return "," if "," in found else "."


class Evidence(NamedTuple):
    """Numbers of one kind: their lines, the first text and its line."""

    lines: int
    text: str
    line_id: int

    def quoted(self, part: Part) -> str:
        """The first, for a message."""
        return f"{shown(self.text)} in {part.position(self.line_id)}"


def check_signs(session: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Refuse amounts with several currency signs, which cannot be added.

    Parameters
    ----------
    session : DuckDBPyConnection
        With table reader_texts of read_numbers.
    part : Part

    Raises
    ------
    InputFileError
    """
    found = session.execute(f"""
        select currency, sum(lines) from {TEXTS}
        where is_number and currency <> '' group by 1 order by 2 desc, 1""").fetchall()
    if len(found) > 1:
        listed = ", ".join(f"{lines:,} with {sign}" for sign, lines in found)
        raise problem(
            part.where,
            f"its amounts are in {len(found)} currencies ({listed}) and cannot be added",
            "Give it a column with the currency of each line, or split it.",
        )


def write_numbers(session: duckdb.DuckDBPyConnection, decimal: str) -> None:
    """Settle the plain text of each number, null where it is plain already or cannot be read.

    Parameters
    ----------
    session : DuckDBPyConnection
        With table reader_texts of read_numbers, which is replaced.
    decimal : str
        '.' or ','.
    """
    column = "point" if decimal == "." else "comma"
    fraction = r"(\.[0-9]{0,2}[1-9])?", r"(\.[0-9]{1,4})?"
    of_quantity, of_money = (
        quoted(blanks_around("-?[0-9]+" + (pattern if decimal == "." else "")))
        for pattern in fraction
    )
    # Half even: what a cast rounds up from the very middle to an odd digit goes one down.
    kinds = ((QUANTITY_DECIMALS, "is_quantity"), (MONEY_DECIMALS, "not is_quantity"))
    rounded = " ".join(
        f"""when {kind} then regexp_replace(cast(
            cast(value as decimal(38, {places})) - case
                when cast(value as decimal(38, {places})) - value = 0.{"0" * places}5
                    and cast(cast(value as decimal(38, {places})) * 1{"0" * places} as hugeint) % 2 = 1
                    then 0.{"0" * (places - 1)}1
                else 0 end as varchar), '\\.?0+$', '')"""
        for places, kind in kinds
    )
    session.execute(f"""
        create or replace temp table {TEXTS} as
        with valued as (
            select field, text, lines, line_id, is_quantity, is_negative,
                try_cast({column} as decimal(38, 20)) as value
            from {TEXTS}
            where not case when is_quantity then regexp_full_match(text, {of_quantity})
                else regexp_full_match(text, {of_money}) end
                or regexp_full_match(tidy, '-[0.]+')
        ), written as (
            select *, case {rounded} end as digits from valued where value is not null
        )
        select field, text, lines, line_id, is_quantity,
            case when is_negative and digits <> '0' then '-' else '' end || digits as plain,
            cast(digits as decimal(38, 20)) <> value as is_rounded
        from written""").fetchall()


def roundings(session: duckdb.DuckDBPyConnection, part: Part) -> list[tuple[int, str]]:
    """How many values were rounded, with a sentence for each kind.

    Parameters
    ----------
    session : DuckDBPyConnection
        With table reader_texts of write_numbers.
    part : Part

    Returns
    -------
    list of tuple of int and str
    """
    found = session.execute(f"""
        select is_quantity, sum(lines), arg_min(text, line_id), min(line_id)
        from {TEXTS} where is_rounded group by 1 order by 1""").fetchall()
    notes = []
    for is_quantity, lines, text, line_id in found:
        what, decimals = (
            ("quantities", QUANTITY_DECIMALS) if is_quantity else ("amounts", MONEY_DECIMALS)
        )
        first = Evidence(lines, text, line_id).quoted(part)
        note = (
            f"{lines:,} {what} with more than {decimals} decimals were rounded half to even, the first is"
            f" {first}"
        )
        notes.append((lines, note))
    return notes


def read_dates(
    session: duckdb.DuckDBPyConnection, table: str, part: Part, fields: list[str], zone: str
) -> None:
    """Read each date that is not plain, into table reader_texts with its plain text.

    Parameters
    ----------
    session : DuckDBPyConnection
    table : str
    part : Part
    fields : list of str
        Of DATES.
    zone : str
        As in plain_values; a time with an offset whose day and month are not in a known order is not
        read where it is given.
    """
    names, pattern = pieces(MOMENT_PARTS)
    known, still_open = (
        "case "
        + " ".join(
            f"when regexp_full_match(piece.day, {quoted(p)})"
            f" then regexp_replace(piece.day, {quoted(f'^(?:{p})$')}, {quoted(to)})"
            for p, to in days
        )
        + " end"
        for days in (KNOWN_DAYS, OPEN_DAYS)
    )
    at_zone = f"timezone({quoted(zone)}, timezone('UTC', utc))" if zone else "local"
    session.execute(f"""
        create or replace temp table {TEXTS} as
        with texts as materialized (
            select * from ({texts_sql(table, part, fields)})
            where not regexp_full_match(text, {quoted(blanks_around(READABLE_DATE))})
        ), split as materialized (
            select field, text, lines, line_id,
                regexp_extract(
                    lower(regexp_replace(tidy, ' +', ' ', 'g')), {quoted(pattern)}, {names}
                ) as piece
            from texts
        ), timed as materialized (
            select field, text, lines, line_id, {known} as known_day, {still_open} as open_day,
                coalesce(try_cast(piece.hour as integer), 0) as hour_written, piece.half,
                coalesce(try_cast(piece.minute as integer), 0) as minute, piece.second, piece.zone
            from split
        ), clocked as materialized (
            select *,
                case when half = '' then hour_written else hour_written % 12 + 12 * (half = 'p')::integer end as hour,
                (half = '' and hour_written < 24 or half <> '' and hour_written between 1 and 12)
                    and minute < 60 and coalesce(try_cast(second as integer), 0) < 60 as is_time,
                regexp_extract(zone, '([+-])([0-9]{{1,2}}):?([0-9]{{2}})?', ['sign', 'hours', 'minutes']) as ahead
            from timed
        ), dated as materialized (
            select *,
                try_strptime(known_day, ['%Y-%m-%d', '%Y-%b-%d']) + to_hours(hour) + to_minutes(minute)
                    + to_seconds(coalesce(try_cast(second as integer), 0)) as local,
                coalesce(try_strptime(open_day, '%m/%d/%Y'), try_strptime(open_day, '%d/%m/%Y')) is not null
                    as is_open,
                to_minutes(
                    case ahead.sign when '-' then -1 else 1 end * (
                        60 * coalesce(try_cast(ahead.hours as integer), 0)
                        + coalesce(try_cast(ahead.minutes as integer), 0)
                    )
                ) as ahead_of_utc
            from clocked where is_time
        ), moments as (select *, local - ahead_of_utc as utc from dated)
        select field, text, lines, line_id, zone <> '' as has_zone,
            case
                when local is not null
                    then strftime(case when zone = '' then local else {at_zone} end, '%Y-%m-%d %H:%M:%S')
                when is_open and ({quoted(zone)} = '' or zone = '')
                    then concat(
                        open_day, ' ', hour, ':', lpad(minute::varchar, 2, '0'), nullif(':' || second, ':')
                    )
            end as plain
        from moments""").fetchall()


def has_zones(session: duckdb.DuckDBPyConnection) -> bool:
    """Whether a date of table reader_texts, of read_dates, was read that has a zone."""
    sql = f"select count(*) from {TEXTS} where has_zone and plain is not null"
    return session.execute(sql).fetchall()[0][0] > 0


def replace_texts(
    session: duckdb.DuckDBPyConnection, table: str, part: Part, fields: list[str]
) -> None:
    """Put the plain texts of table reader_texts in the place of those they stand for.

    Parameters
    ----------
    session : DuckDBPyConnection
    table : str
    part : Part
    fields : list of str
    """
    changed = session.execute(
        f"select distinct field from {TEXTS} where plain is not null and plain <> text"
    ).fetchall()
    for field in fields:
        if (field,) in changed:
            session.execute(f"""
                update {table} as lines set {field} = texts.plain from {TEXTS} as texts
                where lines.part_no = {part.part_no} and texts.field = '{field}'
                    and lines.{field} = texts.text and texts.plain is not null""").fetchall()


def pieces(parts: tuple[tuple[str, str], ...]) -> tuple[list[str], str]:
    """The names and the whole regex of a pattern given by its groups."""
    names, patterns = zip(*parts, strict=True)
    return list(names), f"^{''.join(patterns)}$"
