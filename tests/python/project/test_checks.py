"""A table that breaks its promises: dbt's output says which, how many rows, and shows one."""

import re
import shutil
import textwrap

import pytest
from shop import PROJECT, Shop

FILES = {
    "dbt_project.yml": """
        name: gift_shop
        profile: gift_shop
        flags: {send_anonymous_usage_stats: false, use_colors: false}
        """,
    "models/kinds.sql": "select 'mug' as kind",
    "models/right.sql": "select 1 as id, 'mug' as kind, 0 as money union all select 2, null, 9",
    "models/wrong.sql": """
        select 1 as id, 'mug' as kind, 5 as money, 7 as x
        union all select 2, 'bag', -3, 8
        union all select 2, 'mug', null, 9
        """,
    "models/nobody.sql": "select 1 as id where false",
    "models/nameless.sql": "select cast(null as integer) as id",
    "models/child.sql": "select * from {{ ref('wrong') }} join {{ ref('kinds') }} using (kind)",
    "tests/no_row_is_left.sql": "with wrong as (from {{ ref('right') }}) {{ none_in('wrong') }}",
    "models/checks.yml": """
        models:
          - name: right
            data_tests:
              - checks: &promises
                  arguments:
                    grain: [id]
                    conditions: [money >= 0, "coalesce(kind, 'mug') = 'mug'"]
                    references: {kind: {to: ref('kinds')}}
                    column_types: true
            columns: &columns
              - {name: id, data_type: integer}
              - {name: kind, data_type: varchar}
              - {name: money, data_type: integer}
          - name: wrong
            data_tests: [checks: *promises]
            columns: *columns
          - name: nobody
            data_tests: [checks: {arguments: {one_row: true}}]
          - name: kinds
            data_tests: [checks: {arguments: {one_row: true, grain: [upper(kind)]}}]
          - name: nameless
            data_tests: [checks: {arguments: {grain: [id]}}]
        """,
}
FAULTS = """\
coalesce(kind, 'mug') = 'mug': 1 row, for example {'id': 2, 'kind': bag}
column types as in the yml: 1 row, for example {'column_name': x, 'described': NULL, 'built': INTEGER}
id is unique and not null: 2 rows, for example {'id': 2, 'rows_found': 2}
kind is in kinds: 1 row, for example {'id': 2, 'kind': bag}
money >= 0: 2 rows, for example {'id': 2, 'money': -3}
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    project = tmp_path_factory.mktemp("checks") / "project"
    for name in ("macros", "profiles", "tests/generic"):
        shutil.copytree(PROJECT / name, project / name)
    for name, text in FILES.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(textwrap.dedent(text))
    result = Shop(project.parent, project).dbt("build")
    assert result.returncode == 1, result.stdout
    return re.sub(r"\s+", " ", result.stdout)


@pytest.mark.parametrize(
    "message",
    [
        "wrong: " + "; ".join(FAULTS.splitlines()),
        "nobody: exactly one row: 0 rows",
        "nameless: id is unique and not null: 1 row, for example {'id': NULL, 'rows_found': 1}",
        "2 rows, for example {'id': 1, 'kind': mug, 'money': 0}",
    ],
)
def test_a_fault_is_named_counted_and_shown(output, message):
    assert f"Invalid Input Error: {message} " in output


def test_what_holds_is_silent(output):
    assert "PASS checks_right" in output
    assert "PASS checks_kinds" in output
    assert output.count("Invalid Input Error") == 4


def test_nothing_is_made_of_a_table_that_fails(output):
    assert "SKIP relation main.child" in output
