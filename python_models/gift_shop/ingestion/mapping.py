"""The mapping of an export: which column says what, in one YAML file for each format.

The files in `formats/` are the formats that are recognised by their header; RAW_MAPPING names a
file of the user's own. docs/exports.md describes the keys and the fields.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml

from gift_shop.errors import InputFileError
from gift_shop.ingestion.files import FIELDS, IDS, problem, quoted

FORMATS = Path(__file__).parent / "formats"
# invoiced_at is the raw column invoice_date; the other fields are called as their columns
RAW_NAMES = {"invoiced_at": "invoice_date"}
NOT_MAPPED = ("left_out_reason", "is_refunded")  # settled by statuses and left_out_if_filled
NAMES = tuple(
    "invoiced_at" if name == "invoice_date" else name for name in FIELDS if name not in NOT_MAPPED
) + ("time",)  # joined to invoiced_at
REQUIRED = ("invoice_no", "quantity", "invoiced_at")
CODES = (*IDS, "line_no", "product_group")
ASKED = "which column?"  # of a suggested mapping, where the user has to say
YES, NO = ("yes", "true", "1", "y", "ja", "oui", "si"), ("no", "false", "0", "n", "nein", "non")


class Strict(pydantic.BaseModel):
    """A part of a mapping: no key but the ones it knows."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """Where a field comes from: columns (the first that is filled, or all joined), or a constant."""

    columns: tuple[str, ...] = ()
    joined: bool = False
    constant: str | None = None
    negated: bool = False

    @pydantic.model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"columns": [value]}
        if isinstance(value, list):
            return {"columns": value}
        if isinstance(value, dict) and isinstance(value.get("columns"), str):
            return value | {"columns": [value["columns"]]}
        return value

    @pydantic.model_validator(mode="after")
    def _one_of_both(self) -> "Source":
        if bool(self.columns) == (self.constant is not None):
            raise ValueError("needs columns or a constant")
        return self

    def __str__(self) -> str:
        """As the check prints it."""
        if self.constant is not None:
            return f"always {self.constant!r}"
        between = " and " if self.joined else ", else "
        return between.join(self.columns) + (" with the sign turned" if self.negated else "")


class Status(Strict):
    """What an order's status means where it does not mean a sale."""

    left_out: str | None = None
    refunded: bool = False


Text = Annotated[str, pydantic.BeforeValidator(lambda value: "" if value is None else str(value))]


class Mapping(Strict):
    """One format. Keys without a value here are optional; see docs/exports.md."""

    name: str = "own mapping"
    recognised_by: tuple[str, ...] = ()  # header names that no other format has together
    may_lack: bool = False  # columns of optional fields may be missing
    exactly_one: bool = False  # of the columns listed for a field one may be there, no more
    fields: dict[str, Source]
    carry_down: tuple[str, ...] = ()
    date_format: Literal["", "m/d/yyyy", "d/m/yyyy"] = ""
    timezone: str = ""
    decimal: Literal["", ".", ","] = ""
    thousands: Literal["", ".", ",", " ", "'"] = ""
    delimiter: str = ""
    currency: str = ""
    statuses: dict[Text, Status] = pydantic.Field(default_factory=dict)
    left_out_if_filled: dict[str, str] = pydantic.Field(default_factory=dict)
    unclear: dict[str, str] = pydantic.Field(default_factory=dict)
    tax: str = ""  # a sentence on whether money includes tax, where the format says so
    cancellation_prefix: Text = ""
    repeated_lines: Literal["duplicate", "sum"] = "duplicate"
    later_file_wins: bool = False
    zero_quantity: Literal["", "refunded in full"] = ""
    file: str = ""  # where it was read from; not a key

    @pydantic.model_validator(mode="after")
    def _fields_are_known(self) -> "Mapping":
        for name in (*self.fields, *self.carry_down):
            if name not in NAMES:
                raise ValueError(f"field {name!r} is not known{nearest(name, NAMES)}")
        if asked := [name for name, source in self.fields.items() if ASKED in source.columns]:
            raise ValueError(
                f"{', '.join(asked)}: still {ASKED!r}, name it or delete the field's line"
            )
        if missing := [name for name in REQUIRED if name not in self.fields]:
            raise ValueError(f"fields need {' and '.join(missing)}")
        if not {"unit_price", "line_total"} & self.fields.keys():
            raise ValueError("fields need unit_price or line_total")
        if not {"stock_code", "description"} & self.fields.keys():
            raise ValueError("fields need stock_code or description")
        if self.thousands and self.thousands == self.decimal:
            raise ValueError(f"thousands and decimal are both {self.decimal!r}")
        return self


@dataclass(frozen=True)
class Binding:
    """A mapping bound to one header: `slots` are the columns that it reads, by their positions."""

    mapping: Mapping
    header: tuple[str, ...]
    sources: dict[str, Source] = field(default_factory=dict)

    @cached_property
    def slots(self) -> dict[str, int]:
        """Name of each column of the file that is read, c and its position, in order -> position."""
        used = [name for source in self.sources.values() for name in source.columns]
        used += [name for name in self.mapping.left_out_if_filled if self._has(name)]
        return {f"c{at}": at for at in sorted({self._at(name) for name in used})}

    @cached_property
    def code_slots(self) -> set[str]:
        """Slots of ids and codes: two that differ must have texts that differ."""
        return {
            self._slot(column)
            for name, source in self.sources.items()
            if name in CODES
            for column in source.columns
        }

    @property
    def unused(self) -> tuple[str, ...]:
        """Names of the header that are not read, as they are."""
        used = set(self.slots.values())
        names = (name.strip() for at, name in enumerate(self.header) if at not in used)
        return tuple(name for name in names if name)

    def select_sql(self) -> str:
        """SQL: the raw columns that the mapping fills, from columns called as the slots."""
        texts = {name: self._text_sql(source) for name, source in self.sources.items()}
        if time := texts.pop("time", None):
            # a spreadsheet writes a date with midnight
            day = f"regexp_replace(trim({texts['invoiced_at']}), '[ T]0?0:00(:00)?$', '')"
            texts["invoiced_at"] = f"concat_ws(' ', {day}, trim({time}))"
        if found := [name for name in self.mapping.left_out_if_filled if self._has(name)]:
            whens = " ".join(
                f"when trim({self._slot(name)}) <> '' then"
                f" {quoted(self.mapping.left_out_if_filled[name])}"
                for name in found
            )
            texts["left_out_reason"] = f"case {whens} end"
        return ", ".join(f"{sql} as {RAW_NAMES.get(name, name)}" for name, sql in texts.items())

    def carried(self) -> list[str]:
        """Raw columns whose value stands on one line of an order only."""
        names = [RAW_NAMES.get(n, n) for n in self.mapping.carry_down if n in self.sources]
        # the column that leaves an order out stands where the other fields of the order do
        left_out = any(map(self._has, self.mapping.left_out_if_filled)) and bool(names)
        return names + ["left_out_reason"] * left_out

    def final_sql(self, name: str) -> str:
        """SQL: a raw column as the warehouse gets it, once its text is plain."""
        source = self.sources.get(name)
        if source and source.negated:
            return f"case when {name} like '-%' then substring({name}, 2) else '-' || {name} end"
        if name == "may_contact" and source:
            return (
                f"case when lower(trim({name})) in {YES} then 'true'"
                f" when lower(trim({name})) in {NO} then 'false' end"
            )
        if name == "left_out_reason" and (left_out := self._statuses("left_out")):
            return f"coalesce({name}, case lower(trim(status)) {left_out} end)"
        if name == "is_refunded" and (refunded := self._statuses("refunded")):
            return f"case lower(trim(status)) {refunded} end"
        return name

    def _statuses(self, effect: str) -> str:
        if "status" not in self.sources:
            return ""
        found = {
            status.lower().strip(): meaning.left_out if effect == "left_out" else "true"
            for status, meaning in self.mapping.statuses.items()
            if getattr(meaning, effect)
        }
        return " ".join(f"when {quoted(s)} then {quoted(str(t))}" for s, t in found.items())

    def _text_sql(self, source: Source) -> str:
        if source.constant is not None:
            return quoted(source.constant)
        texts = [self._slot(column) for column in source.columns]
        if len(texts) == 1:
            return texts[0]
        filled = [f"nullif(trim({text}), '')" for text in texts]
        if source.joined:
            return f"nullif(concat_ws(' ', {', '.join(filled)}), '')"
        return f"coalesce({', '.join(filled)})"

    def _has(self, name: str) -> bool:
        return key(name) in map(key, self.header)

    def _at(self, name: str) -> int:
        return [key(column) for column in self.header].index(key(name))

    def _slot(self, name: str) -> str:
        return f"c{self._at(name)}"


def key(name: object) -> str:
    """A column's name as names are compared: its letters and digits, in small letters."""
    return "".join(filter(str.isalnum, str(name).casefold()))


def nearest(name: str, known: Iterable[str]) -> str:
    """What a wrong name was most likely meant to be: ", the nearest is 'Order ID'", or nothing."""
    by_key = {key(each): each for each in known}
    found = difflib.get_close_matches(key(name), by_key, 1, 0.5)
    return f", the nearest is {by_key[found[0]]!r}" if found else ""


def read_mapping(path: str | Path) -> Mapping:
    """A mapping from its file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Mapping

    Raises
    ------
    InputFileError
        Where the file cannot be read, is no YAML, or holds a key, a field or a value that is not
        known; the sentence names the nearest one.
    """
    remedy = (
        "docs/exports.md describes the keys; `make check RAW=file` writes a mapping to start from."
    )
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        # BaseLoader: every value is a text, so that `no` and 01 stay what they are
        content = yaml.load(text, yaml.BaseLoader)
    except OSError as error:
        raise problem(
            str(path), f"the mapping cannot be read ({error.strerror})", "Correct RAW_MAPPING."
        ) from None
    except UnicodeDecodeError:
        raise problem(str(path), "the mapping is not UTF-8 text", "Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise problem(str(path), f"the mapping is not readable YAML: {what}", remedy) from None
    if not isinstance(content, dict):
        raise problem(str(path), "the mapping has no keys", remedy)
    try:
        return Mapping.model_validate({**content, "file": str(path)})
    except pydantic.ValidationError as error:
        raise problem(str(path), explained(error), remedy) from None


def explained(error: pydantic.ValidationError) -> str:
    """The first thing that is wrong with a mapping, in words."""
    # a key that is missing may be the one that is misspelt
    first = min(error.errors(), key=lambda each: each["type"] == "missing")
    place = ": ".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = {1: Mapping, 3: Source if first["loc"][0] == "fields" else Status}.get(
            len(first["loc"])
        )
        names = [name for name in (known or Mapping).model_fields if name != "file"]
        return f"key {place!r} is not known{nearest(str(first['loc'][-1]), names)}"
    if first["type"] == "missing":
        return f"key {place!r} is missing"
    text = first["msg"].removeprefix("Value error, ")
    return f"{place}: {text}" if place else text


@cache
def shipped() -> tuple[Mapping, ...]:
    """The shipped formats, in order of their files' names; the generic one is the last."""
    found = [read_mapping(path) for path in sorted(FORMATS.glob("*.yml"))]
    return tuple(sorted(found, key=lambda mapping: not mapping.recognised_by))


def bind(mapping: Mapping, header: Iterable[object]) -> Binding | str:
    """A mapping bound to a header.

    Parameters
    ----------
    mapping : Mapping
    header : iterable
        The names, cells of any type.

    Returns
    -------
    Binding, or str
        What is missing or doubled, where it does not fit.
    """
    names = tuple("" if name is None else str(name) for name in header)
    keys = [key(name) for name in names]
    sources, doubled, lacking = {}, [], []
    is_generic = mapping.exactly_one and not mapping.recognised_by  # recognise says what it lacks
    for name, source in mapping.fields.items():
        there = tuple(column for column in source.columns if key(column) in keys)
        places = [at for at, each in enumerate(keys) if each in set(map(key, there))]
        distinct = len(set(map(key, there)))
        both = " and ".join(names[at] for at in places)
        if len(places) > distinct:
            doubled.append(f"duplicate header names: {both} are the same column")
        elif mapping.exactly_one and distinct > 1:
            doubled.append(f"{both} may both be field {name}")
        elif source.constant is not None or len(there) == len(source.columns):
            sources[name] = source
        elif there and (mapping.exactly_one or mapping.may_lack):
            sources[name] = source.model_copy(update={"columns": there})
        elif not (mapping.may_lack and (is_optional(mapping, name) or is_generic)):
            absent = [column for column in source.columns if column not in there]
            lacking += absent[:1] if mapping.exactly_one else absent
    if doubled:
        return doubled[0]
    if lacking:
        return missing_words(", ".join(lacking), names)
    return Binding(mapping, names, prefer_price(sources))


def missing_words(names: str, header: tuple[str, ...]) -> str:
    """What is said of columns that a header lacks."""
    found = ", ".join(name[:40] for name in header[:30])
    return f"column missing: {names} (found: {found})"


def is_optional(mapping: Mapping, name: str) -> bool:
    """A field that an order line need not have."""
    pairs = ({"unit_price", "line_total"}, {"stock_code", "description"})
    for pair in pairs:
        if name in pair:
            return pair <= mapping.fields.keys()
    return name not in REQUIRED


def prefer_price(sources: dict[str, Source]) -> dict[str, Source]:
    """Without the total of the line where its price is there too."""
    both = {"unit_price", "line_total"} <= sources.keys()
    return {name: source for name, source in sources.items() if not (both and name == "line_total")}


def recognise(where: str, names: Iterable[object], own: Mapping | None = None) -> Binding:
    """The format of a header.

    Parameters
    ----------
    where : str
        The file, for the message.
    names : iterable
        The header, names or cells.
    own : Mapping, optional
        The user's; no other is tried then.

    Returns
    -------
    Binding

    Raises
    ------
    InputFileError
        Where no format fits, saying what the nearest one lacks, or where a column may mean two
        things.
    """
    header: list[str] = ["" if name is None else str(name).strip() for name in names]
    keys = set(map(key, header))
    if own:
        bound = bind(own, header)
        if isinstance(bound, str):
            column = bound.removeprefix("column missing: ").split(" (found")[0].split(", ")[0]
            hint = nearest(column, header) if bound.startswith("column missing") else ""
            raise problem(where, f"{bound}{hint}", f"Correct the mapping {own.file}.")
        return bound
    generic = shipped()[-1]
    general = bind(generic, header)
    named_as_fields = set(map(key, REQUIRED)) <= keys
    unclear = [name for name in generic.unclear if key(name) in keys and not named_as_fields]
    for mapping in shipped()[:-1]:
        if set(map(key, mapping.recognised_by)) <= keys:
            bound = bind(mapping, header)
            if isinstance(bound, Binding):
                # a file of this format with columns of the user's own
                if mapping.exactly_one and (unclear or says_more(general, bound)):
                    break
                return bound
            remedy = (
                "Rename or remove one of them"
                if bound.startswith("dup")
                else "Add it, or rename one"
            )
            raise problem(where, bound, f"{remedy}, in the header: it looks like {mapping.name}.")
    if isinstance(general, str) or lacks(general):
        missing = (
            general
            if isinstance(general, str)
            else missing_words(", ".join(lacks(general)), general.header)
        )
        raise to_be_mapped(where, missing, "Correct the header, or map its columns. ", header)
    for column in unclear:
        raise to_be_mapped(
            where, f"column {column} can mean two things: {generic.unclear[column]}", "", header
        )
    return general


def to_be_mapped(where: str, what: str, remedy: str, header: list[str]) -> InputFileError:
    """The error for a header that a mapping can settle; it carries the header."""
    error = problem(where, what, f"{remedy}{MAP_IT}")
    error.header = header
    return error


MAP_IT = "`make check RAW=file` writes a mapping to correct; RAW_MAPPING=its.yml names it."


def says_more(general: Binding | str, bound: Binding) -> bool:
    """The generic format reads columns of the header that this one leaves."""
    return isinstance(general, Binding) and general.sources.keys() > bound.sources.keys()


def lacks(bound: Binding) -> list[str]:
    """The fields without which there is no order line, and which no column fills."""
    has = bound.sources.keys()
    missing = [name for name in REQUIRED if name not in has]
    if not {"unit_price", "line_total"} & has:
        missing.append("unit_price or line_total")
    if not {"stock_code", "description"} & has:
        missing.append("stock_code or description")
    return missing


def fitting_names(header: Iterable[object], own: Mapping | None = None) -> int:
    """How many fields of an order line a header seems to name: 0 or 1 is most likely no header."""
    keys = {key(name) for name in header if isinstance(name, str)} - {""}
    if not own:  # a line of data may have the description Discount
        keys -= set(map(key, shipped()[-1].unclear))
    mappings = (own,) if own else shipped()
    known = [set(map(key, source.columns)) for m in mappings for source in m.fields.values()]
    return sum(any(each in names for names in known) for each in keys)


def sheet_fits(header: Iterable[object], own: Mapping | None = None) -> bool:
    """Whether a sheet holds order lines, one column perhaps missing, and is no summary or note."""
    header = list(header)
    if own:
        return fitting_names(header, own) > 1
    generic = bind(shipped()[-1], header)
    return any(isinstance(bind(m, header), Binding) for m in shipped()[:-1]) or (
        len(lacks(generic)) <= 1
        if isinstance(generic, Binding)
        else fitting_names(header) >= len(ESSENTIAL)
    )


def suggestion(
    header: Iterable[object], names_customers: Callable[[str], bool] = lambda column: True
) -> str:
    """A mapping to correct, as the text of a YAML file: likely columns are filled in.

    Parameters
    ----------
    header : iterable
        Names or cells.
    names_customers : callable
        Whether a column's values can be customers, as far as the values are known.

    Returns
    -------
    str
        With a line for each field; those without a likely column are comments.
    """
    names = [str(name).strip() for name in header if name is not None and str(name).strip()]
    unclear = set(map(key, shipped()[-1].unclear))
    free = [name for name in dict.fromkeys(names) if key(name) not in unclear]
    lines = [
        "# A mapping of columns to fields, to be corrected; docs/exports.md describes fields and keys.",
        f"# Columns of the file: {', '.join(names)}",
        "name: own mapping",
        "fields:",
    ]
    fields = shipped()[-1].fields
    likely: dict[str, str] = {}
    for name in sorted(fields, key=lambda name: name not in LIKELY_TOO):  # what is needed, first
        for found in likely_columns(name, fields[name], free):
            if name != "customer_id" or names_customers(found):
                likely[name] = found
                free.remove(found)
                break
    if "unit_price" in likely:  # a total may hold more than the line
        likely.pop("line_total", None)
    for name in fields:
        if name in likely:
            lines.append(f"  {name}: {yaml_text(likely[name])}")
        elif name in ESSENTIAL and not ESSENTIAL[name] & likely.keys():
            instead = "".join(f"  # or {other}" for other in ESSENTIAL[name])
            lines.append(f"  {name}: {ASKED}{instead}")
        else:
            lines.append(f"  # {name}:")
    return "\n".join(lines) + "\n"


# fields that an order line needs -> those that may stand in for one
ESSENTIAL: dict[str, set[str]] = {name: set() for name in REQUIRED} | {
    "customer_id": set(),
    "unit_price": {"line_total"},
    "stock_code": {"description"},
}
LIKELY_TOO = {*ESSENTIAL, "line_total", "description"}


def likely_columns(name: str, source: Source, columns: list[str]) -> list[str]:
    """The columns that a field may stand in, of those that are free, the likeliest first.

    Those that are called so; then those whose words hold all of a usual name's and none of OTHERWISE,
    the longest name first; then the nearest in spelling.
    """
    usual = sorted((name, *source.columns), key=lambda each: -len(each))
    by_key = {key(column): column for column in reversed(columns)}
    called = [by_key[key(each)] for each in usual if key(each) in by_key]
    of_field = [column for column in columns if not OTHERWISE.get(name, set()) & words(column)]
    holding = [column for each in usual for column in of_field if words(each) <= words(column)]
    by_key = {key(column): column for column in reversed(of_field)}
    near = [
        by_key[found]
        for each in usual
        for found in difflib.get_close_matches(key(each), by_key, 1, LIKELY[name in LIKELY_TOO])
    ]
    return list(dict.fromkeys(called + holding + near))


LIKELY = {True: 0.75, False: 0.86}  # difflib's ratio, of a field that is needed or not
# field -> words by which a column is of something else: "Order Total", "Customer type"
OF_THE_ORDER = {"order", "invoice", "cart", "basket", "customer", "shipping", "delivery"}
OTHERWISE = {
    "unit_price": OF_THE_ORDER,
    "line_total": OF_THE_ORDER,
    "discount": OF_THE_ORDER,
    "customer_id": {
        "type",
        "group",
        "segment",
        "class",
        "orders",
        "total",
        "spent",
        "note",
        "notes",
    },
    "category": {
        "customer",
        "client",
        "member",
        "buyer",
        "order",
        "payment",
        "shipping",
        "delivery",
    },
}


def words(name: str) -> set[str]:
    """The words of a name, in small letters."""
    return set(re.sub(r"[\W_]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", name)).casefold().split())


def yaml_text(name: str) -> str:
    """A name as YAML has it."""
    return yaml.safe_dump(name, default_style='"', allow_unicode=True, width=10_000).strip()
