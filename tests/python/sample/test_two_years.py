"""A file of two years, by the generator: what forecasts learn from the same season of the year before."""

import datetime as dt

import new_customers
import pytest
from gift_shop.sample import generator
from shop import Shop


def test_years_repeat_the_season():
    assert generator.day_months(generator.DAYS + generator.YEAR).max() == 12
    one, two = (
        generator.day_weights(generator.SEASON, generator.DAYS + years * generator.YEAR)
        for years in (0, 1)
    )
    assert (one == two[: len(one)]).all()
    # Christmas breaks of both years
    closed = [generator.START + day for day in range(len(two)) if two[day] == 0]
    for year in (2010, 2011):
        assert dt.date(year, 12, 28) in [day.item() for day in closed]
    with pytest.raises(ValueError, match="0 years"):
        next(generator.generate(lines=2_000, years=0))


@pytest.mark.slow
def test_the_season_is_tried_and_used_where_it_wins(tmp_path):
    raw = tmp_path / "two_years.csv"
    generator.write_sample(raw, lines=160_000, years=2)
    shop = Shop(tmp_path)
    shop.build(raw=raw)
    figures = {
        tuple(key): (value, is_used)
        for *key, value, is_used in shop.rows(
            "select model, candidate, metric, value, is_used from quality.model_metrics"
        )
    }

    def of(model, metric):
        return {key[1]: found for key, found in figures.items() if key[0::2] == (model, metric)}

    interest = of("category_of_interest", "log_loss_validation")
    spend = of("customer_value_spend", "total_error_validation")
    assert {"season_prior", "seasonal_roots"} <= set(interest)
    for tried, season, plain in (
        (interest, "seasonal_roots", "sharpened_roots"),
        (spend, "poisson_in_season", "poisson_regression"),
    ):
        (better, (_, is_used)) = min(
            ((each, tried[each]) for each in (season, plain)), key=lambda found: found[1][0]
        )
        assert is_used, (better, tried)
    # the test period is the autumn: the level of quiet months is too low for it
    level = of("customer_value_spend", "total_error")
    assert level["poisson_in_season"][0] < 0.5 * level["poisson_regression"][0]
    again = list(new_customers.predicted_again(shop))
    assert len(again) > 50
    for customer, predicted, in_tables in again:
        # the next segment comes from a classifier here, whose place a rule takes, and says so
        assert predicted[:7] == in_tables[:7], customer
