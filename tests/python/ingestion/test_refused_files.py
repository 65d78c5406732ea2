"""What a user sees when a file is refused: one message, and every table as it was.

test_reader.py has each kind of bad file; here some go through the reader with the project's settings,
and of those, one refused by its header and one by its content through a whole build.
"""

import gzip

import duckdb
import pytest
import sql_models
from gift_shop.ingestion import reader
from shop import HEADER, Shop

GOOD = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,{1 + n % 3},France" for n in range(1, 13)]


def text(lines: list[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


BAD_FILES = {
    "header_only.csv": (text([]), "a header and no records"),
    "no_price.csv": (text(GOOD, HEADER.replace("UnitPrice", "Worth")), "unit_price or line_total"),
    "truncated.csv.gz": (gzip.compress(text(GOOD * 999))[:-20], "gz"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
    "not_excel.xlsx": (b"PK\x03\x04" + bytes(100), "xlsx"),
    "either_way.csv": (
        text([f"{n},CUP,RED CUP,{n},{n}/{n}/2011 10:00,1.50,1,France" for n in range(1, 13)]),
        "d/m/yyyy",
    ),
    "unreadable.csv": (text([*GOOD, "1,CUP,RED CUP,many,1/1/2011 10:00,1.50,1,France"]), "7.7%"),
}


@pytest.fixture(scope="module")
def built_shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("built_shop"))
    shop.write(GOOD)
    shop.build()
    return shop


def refused(folder, name):
    """The path of a file that will be refused, and what its message must hold."""
    content, telling = BAD_FILES[name]
    (folder / name).write_bytes(content)
    return folder / name, telling.lower()


@pytest.mark.parametrize("name", BAD_FILES)
def test_the_reader_refuses_and_leaves_nothing(tmp_path, name):
    path, telling = refused(tmp_path, name)
    settings = sql_models.project_vars()
    with duckdb.connect() as session:
        with pytest.raises(reader.InputFileError) as caught:
            reader.read_invoices(
                session, str(path), **{name: settings[name] for name in reader.SETTINGS}
            )
        assert session.execute("show all tables").fetchall() == []
    (message,) = str(caught.value).splitlines()
    assert message.startswith(str(path))
    assert telling in message.lower()


@pytest.mark.parametrize("name", ["no_price.csv", "unreadable.csv"])
def test_a_build_of_it_changes_nothing(built_shop, tmp_path, name):
    path, telling = refused(tmp_path, name)
    published = built_shop.files()
    tables = built_shop.rows("select * from quality.build_gate order by all")
    result = built_shop.dbt("build", raw=path)
    assert result.returncode == 1
    message = result.stdout.rpartition("InputFileError: ")[2]
    assert message.startswith(str(path)), result.stdout
    assert telling in message.lower()
    assert "Traceback" not in result.stdout
    assert built_shop.files() == published
    assert built_shop.rows("select * from quality.build_gate order by all") == tables
    assert built_shop.row("select count(*) from staging.raw_invoice_lines") == (len(GOOD),)
