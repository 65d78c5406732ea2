"""The CSV files as people open them: in a spreadsheet, which knows better what a text means."""

import csv
import os
import re
import shutil
import subprocess

import duckdb
import openpyxl
import pyarrow as pa
import pytest
from gift_shop.publishing import published_files
from spreadsheet_texts import RANDOM_TEXTS, harmless

# what its dialog says from the start (cells end at tabs, commas and semicolons), in UTF-8, from the first
# line, in British English, "Format quoted field as text" and "Detect special numbers"
LIBREOFFICE = "CSV:9/44/59,34,76,1,,2057,true,true"
ODD_TEXTS = [
    "00123", "1e5", "1E+3", "6+", "1/2", "1-2", "2011-01-02", "12:30", "TRUE", "(5)", "5%", "£5", "1,000",
    ".5", " 7 ", "=1+1", "RED;=1+1", "A;B", "A\tB", "'=1+1", '"', '","', "é€中🎁",
]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A file of all texts, written as those of the shop are, and its texts."""
    texts = [*ODD_TEXTS, *RANDOM_TEXTS]
    path = tmp_path_factory.mktemp("texts") / "texts.csv"
    with duckdb.connect() as connection:
        connection.register("texts", pa.table({"text": texts, "number": range(len(texts))}))
        published_files.write_csv(connection, "texts order by number", path)
    return path, texts


def test_texts_come_back_as_they_were(written):
    path, texts = written
    assert path.read_bytes().startswith(b"\xef\xbb\xbftext,number")
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [harmless(text) for text in texts]
    assert [row["number"] for row in rows] == [str(number) for number in range(len(texts))]
    assert sum(harmless(text) != text for text in texts) > 400


def test_a_missing_text_and_an_empty_one_differ(tmp_path):
    with duckdb.connect() as connection:
        rows = "(values (null, 1.50, date '2011-01-02'), ('', null, null)) as t (text, price, day)"
        published_files.write_csv(connection, rows, tmp_path / "t.csv")
        published_files.write_csv(connection, "(values (1)) as t (n)", tmp_path / "numbers.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["text,price,day", ",1.50,2011-01-02", '"",,']
    assert (tmp_path / "numbers.csv").read_text(encoding="utf-8-sig") == "n\n1\n"


def test_units_have_decimals_where_they_need_them(tmp_path):
    with duckdb.connect() as connection:
        rows = "(values (346), (1200), (0), (-0.25), (10.5), (null)) as t (n)"
        cast = f"(select cast(n as decimal(18, 3)) as units from {rows})"
        published_files.write_csv(connection, cast, tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["units", "346", "1200", "0", "-0.25", "10.5", ""]


def test_texts_keep_their_text_in_libreoffice(written, tmp_path):
    if not shutil.which("soffice"):
        missing = "LibreOffice is not installed (apt-get install libreoffice-calc)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    path, texts = written
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        "--headless",
        profile,
        f"--infilter={LIBREOFFICE}",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run(
        [*command, "--outdir", tmp_path, path], check=True, capture_output=True, timeout=120
    )
    sheet = openpyxl.load_workbook(tmp_path / "texts.xlsx").active
    cells = list(sheet.iter_rows(min_row=2))
    assert {row[0].data_type for row in cells} == {"s"}  # none is a number, a date or a formula
    assert [row[1].value for row in cells] == list(range(len(texts)))
    # which sign is a line break, and how many stand together, is not kept
    kept = [[re.sub(r"[\r\n]+", "\n", text) for text in side] for side in (
        [row[0].value for row in cells], map(harmless, texts)
    )]  # fmt: skip
    assert kept[0] == kept[1]
