"""However a file names, orders and splits its columns, its mapping makes the same lines of it."""

import csv

import duckdb
import pytest
import yaml
from gift_shop.ingestion import reader
from gift_shop.ingestion.files import COLUMNS, FIELDS
from gift_shop.ingestion.mapping import key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import HEADER
from sql_models import project_vars

LINES = st.tuples(
    st.sampled_from(["536365", "536366", "C536367", "0001"]),
    st.sampled_from(["85123A", "00012", "m"]),
    st.sampled_from(["MUG", 'CUP "RED", BIG', "A;B|C", "TWO\nLINES", "CAFÉ 5'4", "SET\tOF 2", ""]),
    st.sampled_from(["1", "-2", "12"]),
    st.sampled_from(["12/1/2010 8:26", "12/13/2010 17:05", "1/31/2011 0:00"]),
    st.sampled_from(["2.55", "0.0001", "1200", "0"]),
    st.sampled_from(["17850", "", "00017"]),
    st.just("France"),
)
NAMES = st.text("abcXYZ019 _-#/.:'äßÉ", min_size=1, max_size=12).filter(key)
SETTINGS = {name: project_vars()[name] for name in reader.SETTINGS}
VALUES = st.sampled_from(["", "x", "12", "1/2/2010", "5,5", "true", '"', "a;b"])


@st.composite
def files(draw):
    """Lines, another file of them as rows with a header, its delimiter and its mapping."""
    lines = draw(st.lists(LINES, min_size=1, max_size=8))
    names = iter(draw(st.lists(NAMES, min_size=20, max_size=20, unique_by=key)))
    columns, fields = {}, {}
    for at, name in enumerate(COLUMNS):
        texts = [line[at] for line in lines]
        ways = ["column", "alternatives"]
        ways += {"invoice_date": ["joined"], "country": ["constant"]}.get(name, [])
        field, way = name.replace("invoice_date", "invoiced_at"), draw(st.sampled_from(ways))
        if way == "constant":
            fields[field] = {"constant": "France"}
        elif way == "column":
            fields[field] = next(names)
            columns[fields[field]] = texts
        else:
            one, other = next(names), next(names)
            if way == "joined":
                fields[field] = {"columns": [one, other], "joined": True}
                columns[one], columns[other] = zip(*map(str.split, texts), strict=True)
            else:
                first = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
                fields[field] = [one, other]
                columns[one] = [t if is_first else "" for t, is_first in zip(texts, first, strict=True)]  # fmt: skip
                # the second counts only where the first is empty
                columns[other] = [
                    "9" if is_first and text else text
                    for text, is_first in zip(texts, first, strict=True)
                ]
    for name in draw(st.lists(st.just(names), max_size=3)):
        columns[next(name)] = [draw(VALUES) for _ in lines]
    # a line break in the first column is not read: join_broken_lines says why
    orders = st.permutations(list(columns)).filter(
        lambda names: "\n" not in "".join(columns[names[0]])
    )
    header = draw(orders)
    delimiter = draw(st.sampled_from(",;\t|"))
    mapping = {"fields": fields}
    if draw(st.booleans()):
        mapping["delimiter"] = delimiter
    rows = [header, *zip(*(columns[name] for name in header), strict=True)]
    return lines, rows, delimiter, mapping


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mapped")


def read(path, mapping=""):
    with duckdb.connect(config={"threads": 1}) as session:
        lines = reader.read_invoices(session, str(path), **SETTINGS, mapping=str(mapping))
        fields = ", ".join(FIELDS)
        return lines.order("line_id").project(f"{fields}, raw_text, date_format").fetchall()


def write(path, rows, delimiter=","):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return path


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(files())
def test_a_mapped_file_is_read_as_the_plain_one(folder, file):
    lines, rows, delimiter, mapping = file
    plain = write(folder / "plain.csv", [HEADER.split(","), *lines])
    mapped = write(folder / "mapped.csv", rows, delimiter)
    (folder / "own.yml").write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
    assert read(mapped, folder / "own.yml") == read(plain)
