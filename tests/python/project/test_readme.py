"""The queries of README and docs/questions.md run on what the README's build publishes."""

import json
import re

import duckdb
from shop import PROJECT, Shop


def test_queries(sample):
    text = "".join((PROJECT / name).read_text() for name in ("README.md", "docs/questions.md"))
    queries = re.findall(r"(?s)```sql\n(.*?)```", text) + re.findall(r"(?s)<<'SQL'\n(.*?)SQL", text)
    statements = [query for block in queries for query in block.split(";") if query.strip()]
    assert len(statements) >= 6
    with duckdb.connect(str(sample.published / "gift_shop.duckdb"), read_only=True) as connection:
        for statement in statements:
            assert connection.execute(statement).fetchall(), statement


def test_every_table_named_is_published(sample):
    readme = (PROJECT / "README.md").read_text()
    table = readme.partition("## What comes out")[2].partition("\n## ")[0]
    named = set(re.findall(r"(?m)^\| `(\w+)` \|", table))
    with duckdb.connect(str(sample.published / "gift_shop.duckdb"), read_only=True) as connection:
        published = {name for (name,) in connection.execute("show tables").fetchall()}
    assert named == published - {"build_info"}


def test_every_column_of_marts_and_quality_is_described(sample):
    target = sample.folder.parent / f"target-{PROJECT.name}"
    manifest = json.loads((target / "manifest.json").read_text())
    described = {
        (node["schema"], node["name"], column["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        if column["description"]
    }
    found = sample.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('marts', 'quality') and table_name <> 'build_invocation'"
    )
    assert found and set(found) <= described, sorted(set(found) - described)


def test_neither_the_number_of_threads_nor_a_fork_changes_anything(
    sample, small_sample, tmp_path_factory
):
    other = Shop(tmp_path_factory.mktemp("threads"))
    other.build("--threads", "1", raw=small_sample)
    gate = "select * from quality.build_gate order by all"
    assert other.rows(gate) == sample.rows(gate)
