"""Each rule of rounding is one macro and one function; here they are worked out and held together."""

from decimal import ROUND_HALF_UP, Decimal

import duckdb
import numpy as np
import pytest
import sql_models
from gift_shop import rounding
from hypothesis import given, settings
from hypothesis import strategies as st


def in_sql(expression: str):
    return duckdb.execute(sql_models.render(f"select {expression}")).fetchone()[0]


EACH = sql_models.render(
    "select {{ amount_each('amount', 'n') }}"
    " from (select cast(? as decimal(38, 4)) as amount, cast(? as bigint) as n)"
)


@given(st.integers(0, 10**15), st.integers(1, 10**6))
@settings(deadline=None)
def test_an_amount_for_each_is_exact_halves_up(ten_thousandths, n):
    amount = Decimal(ten_thousandths).scaleb(-4)
    ((each,),) = duckdb.execute(EACH, [amount, n]).fetchall()
    assert each == (amount / n).quantize(Decimal("0.0001"), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("macro", "rule", "value", "expected"),
    [
        ("settled", rounding.settled, 0.123456784, 0.12345678),
        ("figure", rounding.figures, 2 / 3, 0.666667),
        ("money_forecast", rounding.money, 1234.5678, 1234.57),
        ("log1p", rounding.log1p, 1.0, 0.693147181),  # ln 2 = 0.69314718056
    ],
)
def test_python_and_sql_round_alike(macro, rule, value, expected):
    assert float(in_sql(f"{{{{ {macro}('{value!r}::double') }}}}")) == expected
    assert rule(value) == expected


@pytest.mark.parametrize("macro", ["figure", "money_forecast"])
def test_what_is_published_is_never_minus_zero(macro):
    assert not str(in_sql(f"{{{{ {macro}('-1e-9::double') }}}}")).startswith("-")
    assert np.signbit([rounding.figures(-1e-9), rounding.money(-1e-9)]).tolist() == [False, False]
