"""How near the sample is to the UCI file: twenty figures of how customers come and go, side by side.

    python -m gift_shop.sample.statistics [WORKING_FILE]

prints the table of seeds/sample/README.md from a build's working file, by default GIFT_SHOP_DB.
The figures and how near they must be were fixed before anyone looked at the sample's clusters.
"""

import sys
from pathlib import Path

import duckdb

from gift_shop import paths

# column of statistics.sql: what it is, and that of the UCI file
STATISTICS = {
    "one_order": ("customers with one order", 0.347),
    "ten_orders": ("customers with ten orders or more", 0.0891),
    "days_between_orders": ("median customer's usual days between orders", 52.5),
    "again_that_day": ("orders after another one of that customer and day", 0.0937),
    "orders_with_value": ("rank correlation of number of orders and average order", 0.156),
    "first_with_second": ("rank correlation of the first order's value and the second's", 0.473),
    "money_of_top_tenth": ("net spend of the top tenth of customers", 0.600),
    "wholesale": ("wholesale buyers among customers", 0.0706),
    "money_of_wholesale": ("net spend of wholesale buyers", 0.323),
    "orders_of_wholesale": ("orders of a wholesale buyer over those of another", 1.77),
    "again": ("customers who order again in the next 70 days", 0.424),
    "again_after_ten_orders": ("the same after ten orders or more", 0.959),
    "again_after_silence": ("after three orders or more and 91 silent days", 0.423),
    "again_after_one_order": ("after a single order and 91 silent days", 0.195),
    "auc_recency": ("AUC of recency: who orders again", 0.684),
    "auc_orders": ("AUC of the number of orders", 0.742),
    "auc_money": ("AUC of net spend", 0.746),
    "auc_money_after_one_order": ("AUC of net spend after a single order", 0.586),
    "returned_units": ("units that came back", 0.0484),
    "returners": ("customers who brought something back", 0.329),
}
WITHIN, WITHIN_AUC = 0.20, 0.02  # of UCI's figure; in the AUC itself


def measured(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The figures of a shop.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Finds the tables of schema intermediate by their names.

    Returns
    -------
    dict
        Column of statistics.sql -> figure.
    """
    query = connection.execute(Path(__file__).with_suffix(".sql").read_text())
    columns = [name for name, *_ in query.description]
    (row,) = query.fetchall()
    return {name: float(value) for name, value in zip(columns, row, strict=True)}


def is_near(name: str, value: float) -> bool:
    """Whether a figure is within a fifth of UCI's, an AUC within .02."""
    _, uci = STATISTICS[name]
    return abs(value - uci) <= (WITHIN_AUC if name.startswith("auc") else WITHIN * uci)


def table(figures: dict[str, float]) -> str:
    """The figures beside UCI's, in Markdown."""
    rows = ["| figure | UCI | sample | near |", "| --- | ---: | ---: | --- |"]
    for name, (meaning, uci) in STATISTICS.items():
        near = "yes" if is_near(name, figures[name]) else "no"
        rows.append(f"| {meaning} | {uci:.3g} | {figures[name]:.3g} | {near} |")
    return "\n".join(rows)


def main() -> None:
    """Print the table of a working file; a build of selector sql_only is enough."""
    database = sys.argv[1] if len(sys.argv) > 1 else str(paths.database())
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute("set schema = 'intermediate'")
        print(table(measured(connection)))


if __name__ == "__main__":
    main()
