"""Numbers in sentences: no plural of one, no certainty that is none; in SQL, Python and on pages."""

import duckdb
import pytest
import sql_models
from gift_shop.tables import counted

from charts import formats


def rendered(macro: str):
    """What a macro writes, as SQL runs it."""
    return duckdb.execute("select " + sql_models.render("{{ " + macro + " }}")).fetchone()[0]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0 days"),
        ("1", "1 day"),
        ("1.0::double", "1 day"),
        ("1.5::double", "1.5 days"),
        ("2::bigint", "2 days"),
        ("1204", "1,204 days"),
    ],
)
def test_one_of_a_thing_is_singular(number, text):
    assert rendered(f"counted('{number}', 'day')") == text
    if number.isdigit():
        assert counted(int(number), "day") == text


def test_an_irregular_plural():
    assert rendered("counted('1', 'country', 'countries')") == "1 country"
    assert rendered("counted('2', 'country', 'countries')") == "2 countries"


@pytest.mark.parametrize(
    ("share", "text", "on_pages"),
    [
        (0.0, "0%", "0%"),
        (0.0004, "less than 0.1%", "<0.1%"),
        (0.0005, "0.1%", "0.1%"),
        (0.0994, "9.9%", "9.9%"),
        (0.0996, "10%", "10%"),
        (0.9949, "99%", "99%"),
        (0.995, "more than 99%", ">99%"),
        (0.999999, "more than 99%", ">99%"),
        (1.0, "100%", "100%"),
    ],
)
def test_nothing_and_all_are_said_of_nothing_and_all_alone(share, text, on_pages):
    assert rendered(f"percent('{share}::double')") == text
    assert formats.percent(share) == on_pages


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0, "less than 1%"),
        (0.0099, "less than 1%"),
        (0.01, "1%"),
        (0.23, "23%"),
        (0.99, "99%"),
        (0.9993, "more than 99%"),
        (1, "more than 99%"),
    ],
)
def test_what_is_to_come_is_never_certain(probability, text):
    assert rendered(f"chance('{probability}::double')") == text
