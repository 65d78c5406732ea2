"""Shops with too little to train on: every table is there, reasons are given, no number is made up."""

import datetime as dt

import pandas as pd
import pytest
import sql_models
from gift_shop.evaluation import intervals
from gift_shop.forecasting import protocol
from gift_shop.models import category_of_interest, customer_value, segment_transition
from made_shop import AS_OF, FIRST, forecast_all, lines

MODULES = {
    "interest": category_of_interest,
    "segments": segment_transition,
    "value": customer_value,
}
TRAINED = {
    name: {each.candidate for each in protocol.trained(module.CANDIDATES)}
    for name, module in MODULES.items()
}
MADE_OF = {
    "value": ("customer_value_model", "int_customer_value_choice", "int_customer_value"),
    "interest": ("category_of_interest_model", "int_category_of_interest_choice"),
    "segments": ("segment_transition_model", "int_segment_transition_choice"),
}


def small():
    return {"table": lines(customers=30)}


def one_category():
    return {"table": lines(customers=150), "categories": ["gifts"]}


def no_second_orders():
    table = lines(customers=150)
    return {"table": table[table["invoice_no"].str.endswith("-0")]}


def young(days):
    first = AS_OF - dt.timedelta(days=days)
    table = lines(customers=300)
    return {"table": table[table["invoiced_at"] >= pd.Timestamp(first)], "first": first}


def sixty_days():
    """No outcome of any cutoff is over."""
    return young(60)


def hundred_days():
    """The only outcome that is over belongs to a cutoff with a month of history."""
    return young(100)


def half_a_year():
    return young(180)


@pytest.mark.parametrize(
    ("shop", "untried"),
    [
        (small, {"interest", "segments", "value"}),
        (one_category, {"interest"}),
        (no_second_orders, {"interest", "value"}),
        (sixty_days, {"interest", "segments", "value"}),
        (hundred_days, {"interest", "segments", "value"}),
        (half_a_year, {"interest", "segments", "value"}),
    ],
)
def test_reasons_instead_of_numbers(shop, untried):
    outputs, connection = forecast_all(**shop())
    for name, output in outputs.items():
        notes = output.notes[output.notes["metric"] == "not_tried"]
        if name in untried:
            assert TRAINED[name] <= set(notes["candidate"]) and notes["note"].notna().all()
        stated = {(each.model, each.candidate) for each in MODULES[name].CANDIDATES}
        for frame in (output.holdout, output.serving, output.coefficients, output.notes):
            assert set(frame[["model", "candidate"]].itertuples(index=False)) <= stated
        assert intervals.metrics(output.holdout)["value"].notna().all()

        of_model, *models = MADE_OF[name]
        sql_models.put(connection, **{of_model: output.to_arrow()})
        sql_models.run(connection, *models)
    used = connection.execute(
        "select candidate from int_category_of_interest_choice where is_used"
        " union all select candidate from int_segment_transition_choice where is_used"
        " union all select used_candidate from int_customer_value_choice"
    ).fetchall()
    assert len(used) == 4
    trained = {candidate for (candidate,) in used} & (TRAINED["value"] | TRAINED["segments"])
    assert not trained or "value" not in untried
    n, scored, lowest, highest = connection.execute(
        "select count(*), count(order_probability), min(order_probability), max(order_probability) from int_customer_value"
    ).fetchone()
    assert n > 0 and scored == (0 if shop in (sixty_days, hundred_days, half_a_year) else n)
    if "value" in untried:
        assert lowest == highest  # the base rate, or nothing


def test_first_day_of_the_made_shop():
    assert lines(customers=5)["invoiced_at"].min().date() == FIRST
