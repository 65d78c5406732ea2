"""Only a whole and green `dbt build` publishes, and what it leaves when it does not."""

import json
import struct
import traceback

import duckdb
import pytest
from gift_shop.errors import PLAIN_ERRORS
from gift_shop.publishing import build, published_files
from shop import Shop, copy_of_project

LINES = [
    f"{n},CUP,RED CUP,{n},1/{n}/2011 10:00,1.50,{1 + n % 3},United Kingdom" for n in range(1, 21)
]


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory):
    """A shop that has published once and then got another line, which nobody has seen yet."""
    shop = Shop(tmp_path_factory.mktemp("published_shop"))
    shop.write(LINES)
    shop.build()
    shop.write([*LINES, "21,CUP,RED CUP,1,1/21/2011 10:00,1.50,4,United Kingdom"])
    return shop


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["run"], "this was 'dbt run'"),
        (["build", "--select", "publish"], "this build was partial (--select)"),
        (["build", "--exclude", "resource_type:test"], "this build was partial (--exclude)"),
        (
            [
                "build",
                "--select",
                "publish",
                "--resource-type",
                "model",
                "--exclude-resource-type",
                "test",
            ],
            "this build was partial (--select, --resource-types, --exclude-resource-types)",
        ),
    ],
)
def test_less_than_a_whole_build_does_not_publish(published_shop, args, reason):
    before = published_shop.files()
    result = published_shop.dbt(*args)
    assert result.returncode == 0, result.stdout
    assert f"not published: {reason}" in result.stdout
    assert published_shop.files() == before
    assert published_shop.rows("select is_published from quality.publish") == [(False,)]


def test_a_failing_test_does_not_publish(published_shop, tmp_path):
    before = published_shop.files()
    project = copy_of_project(tmp_path / "project")
    (project / "tests" / "assert_no_sale_is_small.sql").write_text(
        "select * from {{ ref('int_sales') }} where units = 1"
    )
    shop = Shop(published_shop.folder, project)
    result = shop.dbt("build")
    assert result.returncode == 1
    assert "assert_no_sale_is_small" in result.stdout
    assert "SKIP relation quality.publish" in result.stdout
    assert shop.files() == before


def test_a_refused_file_leaves_all_tables(published_shop, tmp_path):
    before = published_shop.files()
    customers = published_shop.rows("select * from marts.customers order by all")
    result = published_shop.dbt("build", raw=tmp_path / "nowhere.csv")
    assert result.returncode == 1
    assert "Traceback" not in result.stdout
    # the message is the last thing printed, but for dbt's own closing lines
    _, _, ending = result.stdout.rpartition("InputFileError: ")
    message, *closing = [line for line in ending.splitlines() if line[8:].strip()]
    assert message.startswith(str(tmp_path / "nowhere.csv"))
    assert len(closing) == 2 and "compiled code at" in closing[0] and "Done." in closing[1]
    assert published_shop.files() == before
    assert published_shop.rows("select * from marts.customers order by all") == customers


def test_a_whole_build_replaces_what_was_published(published_shop):
    before = published_shop.files()
    old_id = json.loads(before["manifest.json"])["build_id"]
    leftover = published_shop.published / "csv" / ".writing-customers.csv"
    leftover.write_text("a killed build left this")
    stale = published_shop.published / "parquet" / "no_longer_a_table.parquet"
    stale.write_text("and this")
    published_shop.build()
    assert not leftover.exists() and not stale.exists()
    manifest = json.loads((published_shop.published / "manifest.json").read_text())
    assert manifest["build_id"] != old_id
    assert manifest["as_of_date"] == "2011-01-22"
    assert manifest["tables"]["customers"] == 4


def test_the_database_is_of_the_format_that_every_1x_client_reads(published_shop):
    # the header: 8 bytes checksum, the letters DUCK, the storage version; 64 is that of 1.0.0
    header = (published_shop.published / "gift_shop.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert struct.unpack("<Q", header[12:20]) == (64,)


def test_a_mailing_tool_gets_whom_it_can_mail(tmp_path):
    connection = duckdb.connect()
    connection.execute(
        "create table actions as from (values"
        " ('a', 'loyal', 'email', false, 3, true, false), ('b', 'loyal', 'email', false, 1, true, true),"
        " ('c', 'loyal', 'phone', false, 2, true, false), ('d', 'loyal', 'email', true, 4, true, true),"
        " ('e', 'lost', 'none', false, 5, false, true), ('f', 'lost', 'post', true, 6, true, false),"
        " ('g', 'loyal', 'email', false, 7, false, true)"
        ") as t (customer_id, segment_key, contact_by, is_control, priority, is_due, has_moved)"
    )
    written = published_files._write_audiences(connection, tmp_path, "actions")
    rows = {
        target.name: [
            line.partition(",")[0].strip('"')
            for line in published_files._temporary(target).read_text().splitlines()[1:]
        ]
        for target in written
    }
    # nobody to mail is still a file; nobody of the control group, and nobody who is not due
    assert rows == {
        "loyal.csv": ["b", "a"],
        "loyal_phone.csv": ["c"],
        "lost.csv": [],
        "changed_loyal.csv": ["b", "g"],
    }


@pytest.mark.parametrize("error", PLAIN_ERRORS)
def test_make_build_prints_the_sentence_of_a_plain_error_alone(error, monkeypatch, capsys):
    monkeypatch.setattr(build.Screen, "_say_what_runs", lambda screen: None)
    screen = build.Screen()
    (sentence,) = traceback.format_exception(error("file.csv: correct it"))
    message = f"Runtime Error in model m\n  Python model failed:\n  {sentence}"
    info = {"name": "RunResultError", "level": "error", "msg": message}
    capsys.readouterr()
    screen.show(json.dumps({"data": {}, "info": info}))
    assert capsys.readouterr().out == "file.csv: correct it\n"
