"""Run single SQL models on made tables, without dbt: a pytest of SQL and model takes a second."""

import datetime
import functools
import os
import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import yaml

PROJECT = Path(__file__).resolve().parents[2]
MACROS = "".join(path.read_text() for path in sorted(PROJECT.glob("macros/**/*.sql")))


class CompilerError(Exception):
    """What dbt raises where a model calls exceptions.raise_compiler_error."""


def _raise_compiler_error(message: str) -> None:
    raise CompilerError(message)


@jinja2.pass_context
def _dispatch(context, name: str, package: str):
    return context.resolve(f"{context.resolve('engine')}__{name}")


@functools.cache
def project_vars() -> dict:
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]


def render(text: str, engine: str = "duckdb", **settings) -> str:
    """A model's SQL: a ref is the table of that name; vars are the project's, or as in settings."""
    values = project_vars() | settings
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(MACROS + text)
    return template.render(
        engine=engine,
        ref=lambda name: name,
        var=lambda name, *default: values.get(name, *default) if default else values[name],
        env_var=os.environ.get,
        config=lambda **_: "",
        is_incremental=lambda: settings.get("this") is not None,
        this=settings.get("this"),
        exceptions=SimpleNamespace(raise_compiler_error=_raise_compiler_error),
        modules=SimpleNamespace(re=re, datetime=datetime),
        adapter=SimpleNamespace(dispatch=_dispatch),
        **{"return": str},
    )


@functools.cache
def _model_sql(model: str, settings: frozenset) -> str:
    return render(next(PROJECT.glob(f"models/**/{model}.sql")).read_text(), **dict(settings))


def run(connection: duckdb.DuckDBPyConnection, *models: str, **settings) -> None:
    """Build models, in the order given, as tables; settings are vars other than the project's."""
    for model in models:
        sql = _model_sql(model, frozenset(settings.items()))
        connection.execute(f"create or replace table {model} as {sql}")


def put(connection: duckdb.DuckDBPyConnection, **tables) -> None:
    """Make tables of data frames or Arrow tables."""
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create or replace table {name} as select * from given")
        connection.unregister("given")
