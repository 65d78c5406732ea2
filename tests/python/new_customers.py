"""New customers of a build, predicted once more by what answers a web shop's backend."""

from collections import defaultdict
from collections.abc import Iterator

from gift_shop.forecasting import predict
from gift_shop.forecasting.predict import Line
from shop import Shop


def predicted_again(shop: Shop) -> Iterator[tuple[str, list, list]]:
    """Of whoever sent nothing back: the customer, what is predicted of all lines, what tables say."""
    lines = defaultdict(list)
    for customer, *line in shop.rows(
        "select customer_id, stock_code, units, unit_price, cast(invoiced_at as date), invoice_no"
        " from intermediate.int_sales where customer_id in (select customer_id from marts.new_customers)"
        " and customer_id not in"
        " (select customer_id from intermediate.int_sales where returned_units > 0) order by line_id"
    ):
        lines[customer].append(Line(*line))
    expected = shop.rows(
        "select customer_id, category_of_interest_key, category_probability,"
        " second_category_key, second_category_probability, third_category_key,"
        " third_category_probability, reason, predicted_segment_key, predicted_segment_probability"
        " from marts.new_customers order by 1"
    )
    for customer, *figures in expected:
        if customer in lines:
            found = predict.predict(lines[customer], shop.published / "gift_shop.duckdb")
            shown = [part for each in found.categories[:3] for part in (each.key, each.chance)]
            segment = found.segment[:1] + found.segment[2:3] if found.segment else (None, None)
            yield customer, [*shown, found.reason, *segment], figures
