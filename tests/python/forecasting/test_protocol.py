"""What is stated once about forecasts: their candidates in Python, the features of a regression in SQL."""

from collections import Counter

import pytest
import sql_models
from gift_shop.forecasting import customer_value, predictions, segment_transition
from gift_shop.models import FORECASTERS, categories, segment_tables

from charts.pages import new_customers

CANDIDATES = [each for forecaster in FORECASTERS for each in forecaster.candidates]
# the sentence of a forecast sets what the shares alone predict beside the regression
NAMED_IN_SQL = {
    ("new_customers.sql", "blend"),
    ("new_customers.sql", "logistic_regression"),
    ("new_customers.sql", "half_and_half"),
}


def test_each_model_has_one_reference_and_a_contender():
    every = [*CANDIDATES, *categories.CANDIDATES, *segment_tables.CANDIDATES]
    assert len({(each.model, each.candidate) for each in every}) == len(every)
    roles = Counter((each.model, each.role) for each in every)
    for model in {each.model for each in every}:
        assert roles[model, "reference"] == 1 and roles[model, "contender"] >= 1


def test_sql_reads_candidates_and_does_not_state_them():
    keys = {each.candidate for each in CANDIDATES}
    named = {
        (path.name, key)
        for folder in ("models", "macros", "charts")
        for path in sql_models.PROJECT.glob(f"{folder}/**/*.sql")
        for key in keys
        if f"'{key}'" in path.read_text()
    }
    assert named == NAMED_IN_SQL


def test_the_page_of_new_customers_knows_the_rule_by_its_key():
    assert new_customers.IDLE == segment_transition.IDLE
    assert segment_transition.IDLE in {each.candidate for each in CANDIDATES}


def test_sql_and_python_have_the_same_features():
    features = sql_models.render("{{ customer_value_features() }}").split()
    assert features == customer_value.FEATURES
    features = sql_models.render("{{ segment_transition_features() }}").split()
    assert features == segment_transition.FEATURES


@pytest.mark.parametrize("part", predictions.COLUMNS)
def test_sql_and_python_have_the_same_columns_of_a_part(part):
    query = sql_models.render("{{ model_output('t', '" + part + "') }}")
    columns = query.partition("select")[2].partition("from")[0]
    assert [name.strip() for name in columns.split(",")] == list(predictions.COLUMNS[part])
