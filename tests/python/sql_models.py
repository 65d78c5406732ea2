"""Run single SQL models on made tables, without dbt: a pytest of SQL and learner takes a second."""

from pathlib import Path

import duckdb
import jinja2
import yaml

PROJECT = Path(__file__).resolve().parents[2]
MACROS = "".join(path.read_text() for path in sorted(PROJECT.glob("macros/**/*.sql")))
VARS = {
    "interest_block_days": 14,
    "min_history_days_new_customers": 180,
    "new_customer_days": 70,
    "prior_days": 28,
}


def render(text: str) -> str:
    """A model's SQL: a ref is the table of that name; vars are the project's."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    settings = VARS | project["vars"]
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(MACROS + text)
    return template.render(ref=lambda name: name, var=settings.__getitem__)


def run(connection: duckdb.DuckDBPyConnection, *models: str) -> None:
    """Build models, in the order given, as tables."""
    for model in models:
        path = next(PROJECT.glob(f"models/**/{model}.sql"))
        connection.execute(f"create or replace table {model} as {render(path.read_text())}")


def put(connection: duckdb.DuckDBPyConnection, **tables) -> None:
    """Make tables of data frames or Arrow tables."""
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create or replace table {name} as select * from given")
        connection.unregister("given")
