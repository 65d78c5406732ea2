"""What a user sees when a file is refused: one message, and every table as it was.

tests/python/test_door.py has each kind of bad file; here some of each sort go through a whole build.
"""

import gzip

import pytest
from shop import HEADER, Shop

GOOD = [f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,{n % 3},France" for n in range(1, 13)]


def text(lines: list[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


BAD_FILES = {
    "header_only.csv": (text([]), "a header and no records"),
    "no_price.csv": (text(GOOD, HEADER.replace("UnitPrice", "Worth")), "UnitPrice"),
    "semicolons.csv": (text(GOOD, HEADER).replace(b",", b";"), "';'"),
    "truncated.csv.gz": (gzip.compress(text(GOOD * 999))[:-20], "gz"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
    "not_excel.xlsx": (b"PK\x03\x04" + bytes(100), "xlsx"),
    "days_first.csv": (text([line.replace("1/", "15/", 1) for line in GOOD]), "d/m/yyyy"),
    "unreadable.csv": (text([*GOOD, "1,CUP,RED CUP,many,1/1/2011 10:00,1.50,1,France"]), "7.7%"),
}


@pytest.fixture(scope="module")
def built_shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("built_shop"))
    shop.write(GOOD)
    shop.build()
    return shop


@pytest.mark.parametrize("name", BAD_FILES)
def test_refused(built_shop, tmp_path, name):
    content, telling = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    published = built_shop.files()
    tables = built_shop.rows("select * from quality.build_gate order by all")
    result = built_shop.dbt("build", raw=tmp_path / name)
    assert result.returncode == 1
    message = result.stdout.rpartition("InputFileError: ")[2]
    assert message.startswith(str(tmp_path / name)), result.stdout
    assert telling.lower() in message.lower()
    assert "Traceback" not in result.stdout
    assert built_shop.files() == published
    assert built_shop.rows("select * from quality.build_gate order by all") == tables
    assert built_shop.row("select count(*) from staging.raw_invoice_lines") == (len(GOOD),)
