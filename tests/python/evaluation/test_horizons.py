"""Another horizon than the usual one: forecasts for everybody, figures that hold, texts that say it."""

import re

import pytest
import recomputed
from shop import Shop

from charts import site

HORIZON = 45  # half of it is not a whole day


@pytest.fixture(scope="module")
def shop(tmp_path_factory, small_sample):
    """The sample, built with another horizon."""
    shop = Shop(tmp_path_factory.mktemp("horizon"))
    built = shop.dbt("build", "--vars", f"horizon_days: {HORIZON}", raw=small_sample)
    assert built.returncode == 0, built.stdout
    return shop


def test_everybody_has_forecasts(shop):
    everybody, orders, spend, horizons = shop.row(
        "select count(*), count(order_probability), count(expected_spend),"
        f" count(*) filter (where horizon_days = {HORIZON}) from marts.customers"
    )
    assert everybody == orders == spend == horizons > 0
    used = "select candidate from quality.model_metrics where is_used and model = 'customer_value_order'"
    assert ("logistic_regression",) in shop.rows(used)
    new, categories = shop.row("select count(*), count(category_of_interest_key) from marts.new_customers")  # fmt: skip
    assert new == categories > 0


def test_figures_are_those_of_the_orders_and_sales(shop):
    assert recomputed.differences(str(shop.database), HORIZON) == []


def test_a_wrong_figure_is_seen(shop):
    assert recomputed.differences(str(shop.database), HORIZON + 1) != []


def test_no_text_says_another_number_of_days(shop):
    pages = site.render(shop.published)
    for name, html in pages.items():
        found = {int(days) for days in re.findall(r"(?:in|within) (\d+) days", html)}
        # key findings look at second orders after 90 days, offers are for 30
        assert found <= {HORIZON, 30, 90}, name
    for name in ("actions.html", "clusters.html", "new_customers.html", "quality.html"):
        assert f"{HORIZON} days" in pages[name], name
