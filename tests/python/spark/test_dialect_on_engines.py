"""Each macro of macros/dialect gives the same on both engines, edges included."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
import sql_models

pytestmark = pytest.mark.spark
DATES = "(values (date '2011-12-10'), (date '2008-02-29'), (date '2011-01-01'), (null)) as t (x)"
TEXTS = "(values ('a.b.c'), (''), (null), ('Crème 2\n x'), ('12'), ('it''s')) as t (x)"
NUMBERS = "(values (0.5), (1.5), (2.5), (1234567.25), (-0.04), (0), (null)) as t (x)"
TIMES = [
    "12/1/2010 8:26", "12/13/2010 08:26:01", "13/12/2010 8:26", "2/29/2011 8:26", "2010-12-01 08:26:00",
    "2010-12-01T08:26", "2010-12-01", "2010-12-01 8", "1/1/2010", "", "yesterday",
]  # fmt: skip
AMOUNTS = [["1.1000", "2.0001"], ["3.5000"], ["0.0001", "0.0002", "9.9999"]]


def _values(texts: list[str]) -> str:
    return ", ".join(f"('{text}')" for text in texts)


CASES = {
    "parse_invoice_date": "select x, y, {{ parse_invoice_date('x', 'y') }} from (values "
    + _values(TIMES)
    + ") as t (x) cross join (values ('m/d/yyyy'), ('d/m/yyyy'), (null)) as u (y)",
    "days_between": f"select x, {{{{ days_between('x', \"date '2011-12-31'\") }}}} from {DATES}",
    "months_between": f"select x, {{{{ months_between('x', \"date '2012-01-31'\") }}}} from {DATES}",
    "month_series": "{{ month_series(\"date '2010-11-01'\", \"date '2011-02-01'\") }}",
    "month_series of none": "{{ month_series(\"date '2011-02-01'\", \"date '2010-11-01'\") }}",
    "weekday_no": f"select x, {{{{ weekday_no('x') }}}} from {DATES}",
    "month_in_words": f"select x, {{{{ month_in_words('x') }}}} from {DATES}",
    "day_in_words": f"select x, {{{{ day_in_words('x') }}}}, {{{{ day_in_words('x', false) }}}} from {DATES}",
    "years_later": f"select x, y, {{{{ years_later('x', 'y') }}}} from {DATES} cross join (values (1), (4)) as u (y)",
    "hash_bucket": f"select x, {{{{ hash_bucket('x', 10) }}}} from {TEXTS}",
    "median_amount": "select g, {{ median_amount('x') }} from (values "
    + ", ".join(
        f"({n}, cast({amount} as decimal(18, 4)))"
        for n, group in enumerate(AMOUNTS)
        for amount in group
    )
    + ") as t (g, x) group by g",
    "whole_quotient": "select x, {{ whole_quotient('x', '7') }} from"
    " (values (0), (6), (7), (123456789012345678)) as t (x)",
    "text_fits": f"select x, {{{{ text_fits('x', pattern_text('\\\\d+')) }}}} from {TEXTS}",
    "text_has": f"select x, {{{{ text_has('x', \"\\\\d|t's\") }}}} from {TEXTS}",
    "replace_all": f"select x, {{{{ replace_all('x', '[^\\\\p{{L}}\\\\p{{N}}]+', '-') }}}} from {TEXTS}",
    "replace_all of spaces": f"select x, {{{{ replace_all('x', '\\\\s+', ' ') }}}} from {TEXTS}",
    "joined": f"select {{{{ joined('x', '; ', 'x desc', where=\"x <> '12'\") }}}}, {{{{ joined('x', ', ', 'x asc') }}}}"
    f" from {TEXTS}",
    "joined distinct": "select {{ joined('x', '; ', 'x desc', distinct=true) }}"
    " from (values ('a'), ('b'), ('a'), (null)) as t (x)",
    "number_text": f"select x, {{{{ number_text('x', 0) }}}}, {{{{ number_text('x', 1) }}}} from {NUMBERS}",
    "each_part": "select x, {{ each_part('x') }} from (values (' a , b,c'), ('x')) as t (x)",
    "percent": f"select x, {{{{ percent('x') }}}}, {{{{ halves('x') }}}}, {{{{ thousands('x') }}}} from {NUMBERS}",
    "clean_text": f"select x, {{{{ clean_text('x') }}}}, {{{{ plain_words('x') }}}} from {TEXTS}",
}


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return value.normalize() if isinstance(value, Decimal) else value


def _sorted(rows: list) -> list[tuple]:
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


@pytest.mark.parametrize("name", CASES)
def test_a_macro_gives_the_same_on_both_engines(spark, name):
    here = duckdb.sql(sql_models.render(CASES[name])).fetchall()
    there = spark.sql(sql_models.render(CASES[name], "spark")).collect()
    assert _sorted(there) == _sorted(here)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_hashes_tell_rows_apart(spark, engine):
    rows = "(values (1, 'a', null), (1, null, 'a'), (2, 'a', null), (1, 'a', '')) as t (x, y, z)"
    ask = {
        "duckdb": lambda sql: duckdb.sql(sql).fetchall(),
        "spark": lambda sql: spark.sql(sql).collect(),
    }
    hashes = ask[engine](
        sql_models.render(f"select {{{{ row_hash(['x', 'y', 'z']) }}}} from {rows}", engine)
    )
    assert len({tuple(row) for row in hashes}) == 4
    contents = [
        ask[engine](
            sql_models.render(
                f"select {{{{ content_hash('content') }}}} from (select * from {rows} where {where}) as content",
                engine,
            )
        )[0][0]
        for where in ["true", "z is null", "y is null", "x = 3"]
    ]
    assert len(set(contents)) == 4 and contents[3] == "0-0"


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_an_error_says_its_message(spark, engine):
    ask = {
        "duckdb": lambda sql: duckdb.sql(sql).fetchall(),
        "spark": lambda sql: spark.sql(sql).collect(),
    }
    with pytest.raises(Exception, match="no such shop"):
        ask[engine](sql_models.render("select {{ raise_error(\"'no such shop'\") }}", engine))
