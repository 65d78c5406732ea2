"""What is published explains itself to other clients: an old DuckDB, the newest, SQLAlchemy, a spreadsheet."""

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal

import duckdb
import pytest
from gift_shop.publishing import published_files

# asks a DuckDB of its own, in an environment of its own, what it sees
BY_DUCKDB = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
ask = lambda query: connection.execute(query).fetchall()
tables = [name for (name,) in ask("show tables")]
seen = {name: {"rows": len(ask(f'select * from "{name}"')), "key": [], "columns": {}} for name in tables}
for name, comment in ask("select table_name, comment from duckdb_tables()"):
    seen[name]["comment"] = comment
for name, key in ask(
    "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
):
    seen[name]["key"] = key
for name, column, kind, comment in ask(
    "select table_name, column_name, data_type, comment from duckdb_columns() where not internal"
):
    seen[name]["columns"][column] = [kind, comment]
print(json.dumps(seen))
"""
# and what SQLAlchemy, and so what stands on it, makes of that
BY_SQLALCHEMY = """
import json, sys
import sqlalchemy
engine = sqlalchemy.create_engine(f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True})
inspector = sqlalchemy.inspect(engine)
ask = lambda query: engine.connect().execute(sqlalchemy.text(query))
print(json.dumps({
    name: {
        "rows": ask(f'select count(*) from "{name}"').scalar(),
        "comment": inspector.get_table_comment(name)["text"],
        "key": inspector.get_pk_constraint(name)["constrained_columns"],
        "columns": {
            c["name"]: [str(c["type"]).replace("NUMERIC", "DECIMAL").replace(", ", ","), c["comment"]]
            for c in inspector.get_columns(name)
        },
    }
    for name in inspector.get_table_names()
}))
"""
CLIENTS = {
    "DuckDB 1.1": (["duckdb==1.1.*"], BY_DUCKDB),
    "DuckDB 2.0": (["duckdb==2.0.*"], BY_DUCKDB),
    "SQLAlchemy": (["duckdb==2.0.*", "duckdb-sqlalchemy>=1.5.6", "sqlalchemy>=2"], BY_SQLALCHEMY),
}


@pytest.fixture(scope="module", params=CLIENTS)
def client(request, tmp_path_factory):
    """A Python apart from the project's own, and what to ask it."""
    packages, question = CLIENTS[request.param]
    folder = tmp_path_factory.mktemp("client")
    python = folder / "bin" / "python"
    for command in [["venv", folder], ["pip", "install", "--python", python, *packages]]:
        result = subprocess.run(
            [sys.executable, "-m", "uv", *command], capture_output=True, text=True, check=False
        )
        if result.returncode:
            missing = f"{packages} cannot be installed: {result.stderr.strip()[-200:]}"
            pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return [python, "-c", question]


def test_a_client_sees_rows_types_keys_and_comments(client, sample):
    result = subprocess.run(
        [*client, sample.published / "gift_shop.duckdb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)

    tables = {
        name: (grain, rows)
        for name, grain, rows in sample.rows(
            "select table_name, grain, row_count from quality.build_gate where is_published"
            " union all select table_name, grain, row_count from quality.logged_contents"
        )
    }
    assert set(seen) == {*tables, "build_info"}
    for name, (grain, rows) in tables.items():
        assert seen[name]["rows"] == rows, name
        assert seen[name]["key"] == (grain.split(", ") if grain else []), name
        assert seen[name]["comment"].endswith(f"Key: {grain}." if grain else "One row."), name
        described = dict(
            sample.rows(
                "select column_name, comment from duckdb_columns()"
                f" where schema_name in ('marts', 'quality') and table_name = '{name}'"
            )
        )
        comments = {column: comment for column, (_, comment) in seen[name]["columns"].items()}
        assert comments == {column: " ".join(text.split()) for column, text in described.items()}
    kinds = {kind for table in seen.values() for kind, _ in table["columns"].values()}
    assert {kind for kind in kinds if "DECIMAL" in kind} == {"DECIMAL(18,3)", "DECIMAL(18,4)"}
    assert seen["customers"]["columns"]["monetary"][0] == "DECIMAL(18,4)"
    assert seen["customer_actions"]["columns"]["expected_spend"][0] == "DECIMAL(18,4)"


def _copied(sample, tmp_path) -> duckdb.DuckDBPyConnection:
    working = tmp_path / "working.duckdb"
    shutil.copy(sample.database, working)
    return duckdb.connect(str(working))


def _published(connection, tmp_path) -> duckdb.DuckDBPyConnection:
    published_files.publish(connection, tmp_path / "published")
    return duckdb.connect(str(tmp_path / "published" / "gift_shop.duckdb"), read_only=True)


def test_a_large_table_says_its_key_and_has_no_index_of_it(sample, tmp_path, monkeypatch):
    customers = sample.row("select count(*) from marts.customers")[0]
    monkeypatch.setattr(published_files, "KEYED_ROWS", customers)
    with _copied(sample, tmp_path) as working, _published(working, tmp_path) as published:
        keyed = dict(
            published.execute("select table_name, has_primary_key from duckdb_tables()").fetchall()
        )
        assert keyed["customers"] and not keyed["segment_history"]
        ((comment,),) = published.execute(
            "select comment from duckdb_tables() where table_name = 'segment_history'"
        ).fetchall()
        assert comment.endswith("Key: month_end, customer_id.")


@pytest.mark.parametrize(
    ("largest", "kind"),
    [("99999999999999.9999", "DECIMAL(18,4)"), ("100000000000000", "DECIMAL(38,4)")],
)
def test_amounts_that_do_not_fit_are_published_as_they_are_and_said(
    sample, tmp_path, largest, kind
):
    with _copied(sample, tmp_path) as working:
        working.execute(f"update marts.customers set monetary = -{largest} where r_score = 5")
        message = published_files.publish(working, tmp_path / "published")["message"].iloc[0]
    assert ("warning: customers.monetary has amounts above" in message) == ("38" in kind)
    with duckdb.connect(str(tmp_path / "published" / "gift_shop.duckdb"), read_only=True) as file:
        kinds = {name: found for name, found, *_ in file.execute("describe customers").fetchall()}
        assert (kinds["monetary"], kinds["avg_order_value"]) == (kind, "DECIMAL(18,4)")
        assert file.execute("select min(monetary) from customers").fetchone() == (
            -Decimal(largest),
        )
