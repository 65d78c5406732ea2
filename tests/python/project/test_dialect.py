"""SQL outside macros/dialect means the same on DuckDB and Spark; inside, bodies by engine."""

import re

import pytest
import yaml
from shop import PROJECT

DIALECT = PROJECT / "macros" / "dialect"
MACRO = re.compile(
    r"{%-? (?:macro|test) (\w+)\(([^)]*)\) -?%}(.*?){%-? end(?:macro|test) %}", re.DOTALL
)
FILES = [
    path for folder in ("models", "macros", "tests") for path in (PROJECT / folder).rglob("*.sql")
]
MACROS = {name for path in FILES for name, _, _ in MACRO.findall(path.read_text())}
JINJA = {
    "ref",
    "source",
    "var",
    "env_var",
    "config",
    "return",
    "is_incremental",
    "namespace",
    "print",
    "run_query",
}
# of the same name and meaning in both
FUNCTIONS = set(
    re.findall(
        r"\w+",
        """
        abs avg bool_and bool_or cast chr coalesce concat_ws count date_trunc decimal exp extract first_value
        floor greatest lag lead least left length ln lower lpad max max_by md5 median min min_by ntile
        nullif percent_rank power rank regexp_replace replace round row_number rpad sign sqrt sum trim upper
        var_samp
        """,
    )
)
# constructs that only one engine knows or that the other reads otherwise, each with an example
CONSTRUCTS = {
    "::": "x::date",  # cast(x as date)
    "//": "a // b",  # whole_quotient
    r"\[['(]|\[\d+[],]": "x in ['a', 'b']",  # a list: (values ...) as t (x)
    "->": "list_filter(x, y -> y)",
    r"\bas (varchar|text|hugeint)\b": "cast(x as varchar)",  # string; bigint or decimal
    r"\bextract\((iso|dow|epoch)": "extract(isodow from x)",  # weekday_no
    r"\btrim\(([^(),]|\([^()]*\))*,": "trim(f(x, y), '*')",  # trim(both '*' from x)
    r"\bregexp_replace\(.*'g'\)": "regexp_replace(x, 'a', 'b', 'g')",  # replace_all
    r"'[^'\n]*\\": r"x like '\.0'",  # Spark reads it as '.0': [.], or replace_all and the like
    r"\bover \w+[\s'~]*-": "sum(x) over w - 1",  # Spark reads the name w-1: over (w)
    r"\(\s*from\b": "(from x)",
    r"\b(qualify|asof|pivot|unpivot|glob|similar to|distinct on|by name|positional|lateral)\b": "qualify x = 1",
    r"\* (exclude|replace)\b": "select * exclude (x)",
    r"\b(rlike|div|except all)\b": "x div 2",
    r"\binformation_schema\b": "from information_schema.columns",  # adapter.get_columns_in_relation
    r"\bcreate or replace\b": "create or replace table x as",  # replace_table
}


def of_one_engine(text: str) -> list[str]:
    """The functions and constructs in it that not every engine reads alike."""
    text = re.sub(r"{#.*?#}|--[^\n]*", "", text, flags=re.DOTALL)
    blocks = re.findall(r"{[{%].*?[%}]}", text, flags=re.DOTALL)
    local = set(re.findall(r"\w+", "".join(re.findall(r"{%-? (?:for|set) (.*?) (?:in|=) ", text))))
    calls = re.findall(r"(?<![.\w])(?<![^|]\| )(\w+)\(", text)
    # what a macro is given is SQL too
    given = [text[1:-1] for text in re.findall(r"\"[^\"]*\"|'[^']*'", "".join(blocks))]
    sql = "\n".join([re.sub(r"{[{%].*?[%}]}", " ", text, flags=re.DOTALL), *given])
    return [name for name in calls if name not in FUNCTIONS | MACROS | JINJA | local] + [
        construct for construct in CONSTRUCTS if re.search(construct, sql)
    ]


def conditions(node) -> list[str]:
    """The SQL in a yml file: conditions of tests."""
    if isinstance(node, list):
        return [text for item in node for text in conditions(item)]
    if isinstance(node, dict):
        return node.get("conditions", []) + conditions(list(node.values()))
    return []


def sources() -> dict[str, str]:
    texts = {path: path.read_text() for path in FILES if DIALECT not in path.parents}
    for folder in ("models", "python_models", "seeds"):
        for path in (PROJECT / folder).rglob("*.yml"):
            texts[path] = "\n".join(conditions(yaml.safe_load(path.read_text())))
    return {str(path.relative_to(PROJECT)): text for path, text in texts.items()}


def test_sql_outside_the_dialect_is_read_alike_by_each_engine():
    found = {name: of_one_engine(text) for name, text in sources().items()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "sql",
    [
        *CONSTRUCTS.values(),
        "starts_with(a, 'b')",
        "{{ percent('explode(x)') }}",
        "a || strftime(b)",
    ],
)
def test_what_one_engine_alone_reads_is_found(sql):
    assert of_one_engine(sql)


def test_the_conditions_of_yml_files_are_read():
    assert conditions({"a": [{"conditions": ["x > 0"]}]}) == ["x > 0"]
    assert sum(bool(text) for name, text in sources().items() if name.endswith(".yml")) > 5


def test_each_dialect_macro_is_dispatched_to_a_body_of_the_same_arguments():
    macros = {
        name: (arguments, body.strip())
        for path in DIALECT.glob("*.sql")
        for name, arguments, body in MACRO.findall(path.read_text())
    }
    dispatchers = {name for name in macros if "__" not in name}
    engines = ["duckdb", "spark"]
    assert dispatchers
    assert set(macros) == dispatchers | {f"{e}__{name}" for e in engines for name in dispatchers}
    for name in dispatchers:
        arguments, body = macros[name]
        handed_on = re.sub(r"=\w+", "", arguments)
        assert body == f"{{{{ return(adapter.dispatch('{name}', 'gift_shop')({handed_on})) }}}}"
        assert {macros[f"{engine}__{name}"][0] for engine in engines} == {arguments}
