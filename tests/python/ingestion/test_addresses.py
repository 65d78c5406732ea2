"""Customer ids that are e-mail addresses stand as keyed hashes everywhere but in the audience files."""

import stat
import subprocess
import sys

import duckdb
import pytest
import sql_models
from gift_shop.ingestion import addresses
from gift_shop.ingestion.files import InputFileError, masked
from shop import PROJECT, Shop
from sql_shop import SqlShop, write

KEY = "00" * 32
# HMAC-SHA256 under that key, as openssl has it: printf ann@x.example | openssl dgst -sha256 -hmac KEY
ANN, BOB = "email-74048969fccab71f", "email-29eae1a4cd049cd3"


def line(customer, invoice="1", at="2026-01-05 10:00", code="A", price="5.00"):
    return f"{invoice},{code},Mug,1,{at},{price},{customer},DE"


@pytest.fixture
def key(tmp_path, monkeypatch):
    path = tmp_path / "settings" / "key"
    monkeypatch.setenv("GIFT_SHOP_KEY_FILE", str(path))
    return path


@pytest.fixture
def known_key(key):
    key.parent.mkdir()
    key.write_text(KEY + "\n")
    return key


def test_an_address_becomes_its_keyed_hash_however_it_is_written(tmp_path, known_key):
    ids = ["ann@x.example", " Ann@X.example ", "bob@x.example", "12345", "", "@x", "x@"]
    with SqlShop(
        write(tmp_path / "shop.csv", [line(f'"{i}"', n) for n, i in enumerate(ids)])
    ) as shop:
        found = [
            c for (c,) in shop.rows("select customer_id from raw_invoice_lines order by line_id")
        ]
        assert found == [ANN, ANN, BOB, "12345", None, "@x", "x@"]
        assert shop.rows("select * from customer_addresses order by all") == sorted(
            [(ANN, "ann@x.example"), (BOB, "bob@x.example")]
        )
        assert shop.row(
            "select frequency from int_customers where customer_id = '" + ANN + "'"
        ) == (2,)


def test_a_key_is_made_where_there_are_addresses(tmp_path, key, capsys):
    with SqlShop(write(tmp_path / "shop.csv", [line("12345")])) as shop:
        assert shop.rows("select * from customer_addresses") == []
    assert not key.exists()
    path = write(tmp_path / "shop.csv", [line("ann@x.example")])
    ids = []
    for _ in range(2):
        with SqlShop(path) as shop:
            ids += shop.rows("select distinct customer_id from raw_invoice_lines")
    text = key.read_text().strip()
    assert ids[0] == ids[1] and len(text) == 64
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    out = capsys.readouterr().out
    assert out.count("keep a copy") == 1 and text not in out
    assert list(key.parent.iterdir()) == [key]
    key.unlink()
    with SqlShop(path) as shop:
        assert shop.rows("select distinct customer_id from raw_invoice_lines") != ids[:1]


@pytest.mark.parametrize("content", ["", "short", None])
def test_a_key_that_cannot_be_used_is_one_sentence(tmp_path, key, content):
    key.parent.mkdir()
    key.mkdir() if content is None else key.write_text(content)
    with pytest.raises(InputFileError, match="no key|cannot be read or made") as caught:
        SqlShop(write(tmp_path / "shop.csv", [line("ann@x.example")]))
    assert str(key) in str(caught.value) and "\n" not in str(caught.value)


def test_seeds_may_hold_addresses(tmp_path, known_key):
    lines = [line("ann@x.example"), line("bob@x.example", 2), line("Till@x.example", 3)]
    with SqlShop(write(tmp_path / "shop.csv", lines)) as shop:
        shop.connection.execute("insert into nobody_ids values (' TILL@x.example', null)")
        for objector in ("Ann@x.example", "B ob@x.example", "eve@x.example"):
            shop.connection.execute("insert into do_not_contact values (?, null)", [objector])
        sql_models.run(shop.connection, "stg_nobody_ids", "stg_do_not_contact", "stg_invoice_lines")
        assert shop.rows("select customer_id from stg_invoice_lines order by line_id") == [
            (ANN,),
            (BOB,),
            (None,),
        ]
        assert (ANN, "ann@x.example") in shop.rows("from stg_do_not_contact")
        sql_models.run(shop.connection, "int_suspected_fees", "build_warnings")
        assert shop.rows("select subject, message from build_warnings where warning = 'objector' order by 1") == [
            (
                f"b ... (an e-mail address) {BOB}",
                (f"Id b ... (an e-mail address) of seeds/do_not_contact.csv fits no customer, most likely it is {BOB}:"
                " correct it, as that customer may be contacted now.")
            ),
            ("ev... (an e-mail address)", "Id ev... (an e-mail address) of seeds/do_not_contact.csv fits no customer."),
        ]  # fmt: skip


def test_messages_and_broken_lines_hold_no_address(tmp_path, known_key):
    assert masked('1,<Ann.B@x.example>;"b+c@y.example" 5@') == (
        '1,<(e-mail address)>;"(e-mail address)" 5@'
    )
    lines = [line("ann@x.example", n) for n in range(200)] + ["9,A,ann@x.example"]
    with SqlShop(write(tmp_path / "shop.csv", lines), models=()) as shop:
        assert shop.row("select raw_text from raw_invoice_lines where raw_text is not null") == (
            "9,A,(e-mail address)",
        )
    bad = write(tmp_path / "bad.csv", [line("ann@x.example", at="soon")])
    with pytest.raises(InputFileError, match="unreadable") as caught:
        SqlShop(bad)
    assert "@" not in str(caught.value) and "(e-mail address)" in str(caught.value)


def test_the_id_of_an_address_can_be_asked_for(known_key):
    command = [sys.executable, "-m", "gift_shop.ingestion.addresses", " Ann@x.example"]
    done = subprocess.run(command, cwd=PROJECT / "python_models", capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == ANN + "\n"


def test_two_builds_at_once_have_one_key(key):
    addresses.make_key(key)
    first = key.read_text()
    addresses.make_key(key)
    assert key.read_text() == first


def test_only_audience_files_hold_addresses(shop: Shop):
    people = [f"customer{n}@mail{n % 3}.example" for n in range(40)]
    lines = [
        line(who, f"{n}-{k}", f"2026-0{1 + k}-{1 + (n * 7 + k) % 28:02} 10:00", f"P{(n + k) % 5}", f"{3 + n % 9}.50")
        for n, who in enumerate(people)
        for k in range(1 + n % 5)
    ]  # fmt: skip
    shop.write([*lines, "broken,customer0@mail0.example"])
    said = shop.build()
    subprocess.run(
        [sys.executable, "-m", "charts"], cwd=shop.project, env=shop.environment(), check=True
    )  # fmt: skip
    listed = b"".join(text for name, text in shop.files().items() if name.startswith("audiences/"))
    assert b'"email"' in listed or b"email," in listed
    assert set(people) & {word.strip('"') for word in listed.decode().replace("\n", ",").split(",")}
    everywhere_else = {
        name: text for name, text in shop.files().items() if not name.startswith("audiences/")
    }
    everywhere_else |= {str(path): path.read_bytes() for path in (shop.folder / "logs").rglob("*") if path.is_file()}  # fmt: skip
    everywhere_else["said"] = said.encode()
    assert any(name.startswith("report/") for name in everywhere_else)
    for name, content in everywhere_else.items():
        assert b"@mail" not in content, name
    # Parquet is compressed, and DuckDB's file may be
    with duckdb.connect(str(shop.published / "gift_shop.duckdb"), read_only=True) as published:
        for (table,) in published.execute("select table_name from duckdb_tables()").fetchall():
            assert "@mail" not in str(published.execute(f'from "{table}"').fetchall()), table
        assert published.execute("select count(*) from customers where customer_id like 'email-%'").fetchall() == [(40,)]  # fmt: skip
    assert shop.row("select count(*) from staging.customer_addresses") == (40,)
