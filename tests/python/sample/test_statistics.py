"""The shipped sample beside the real file, by figures that a shop's own models compute."""

import pandas as pd
import pytest
import sql_models
from gift_shop.clustering import segment_tables
from gift_shop.sample import generator, statistics
from scipy.stats import spearmanr
from shop import SAMPLE
from sklearn.metrics import roc_auc_score
from sql_shop import CLEANING, SALES, SqlShop

PEOPLE = ("int_customer_days", "int_cutoffs", "int_customer_snapshots", "int_customers")
MODELS = (*CLEANING, "int_cleaning_stops", "int_as_of", *SALES, *PEOPLE, "int_customer_outcomes")


SEEDS = range(1, 11)


@pytest.fixture(scope="module")
def shop():
    with SqlShop(SAMPLE, MODELS) as shop:
        yield shop


@pytest.fixture(scope="module")
def figures(shop):
    return statistics.measured(shop.connection)


def test_at_least_sixteen_of_twenty_are_near_those_of_the_real_file(figures):
    assert len(figures) == len(statistics.STATISTICS) == 20
    far = [name for name, value in figures.items() if not statistics.is_near(name, value)]
    assert len(far) <= 4, far


def test_the_readme_shows_them(figures):
    readme = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert statistics.table(figures) in readme


def test_near_is_a_fifth_or_an_auc_of_two_hundredths():
    assert statistics.is_near("again", 0.424 * 1.19) and statistics.is_near("again", 0.424 * 0.81)
    assert not statistics.is_near("again", 0.424 * 1.21)
    assert statistics.is_near("auc_money", 0.765) and not statistics.is_near("auc_money", 0.725)


def test_they_are_those_that_pandas_finds(shop, figures):
    orders, sales = (
        shop.connection.execute(f"select * from {table}").df() for table in ("int_orders", "int_sales")
    )  # fmt: skip
    orders["day"] = orders["ordered_at"].dt.normalize()
    orders = orders.sort_values(["ordered_at", "invoice_no"])
    people = orders.groupby("customer_id")
    number = people.size()
    assert figures["one_order"] == pytest.approx((number == 1).mean())
    repeated = orders.duplicated(["customer_id", "day"])
    assert figures["again_that_day"] == pytest.approx(repeated.mean())
    money = sales.astype({"net_amount": float}).groupby("customer_id")["net_amount"].sum().clip(0)
    top = money.nlargest(len(money) // 10).sum() / money.sum()
    assert figures["money_of_top_tenth"] == pytest.approx(top)
    assert figures["orders_with_value"] == pytest.approx(
        spearmanr(number, (money / number).reindex(number.index)).statistic, abs=0.001
    )
    ordered = orders.astype({"gross_amount": float}).groupby("customer_id")["gross_amount"]
    first_two = ordered.apply(lambda amounts: tuple(amounts[:2]))
    first, second = zip(*(pair for pair in first_two if len(pair) == 2), strict=True)
    assert figures["first_with_second"] == pytest.approx(
        spearmanr(first, second).statistic, abs=0.001
    )


def test_who_orders_again_is_seen_from_the_cutoffs_of_the_clusters(shop, figures):
    aucs, later = [], []
    for (cutoff,) in shop.rows(
        "select cutoff_date from int_cutoffs where is_cluster and split = 'validation'"
    ):
        then = shop.connection.execute(
            """
            with days as (select customer_id, cast(ordered_at as date) as day from int_orders)
            select customer_id, date_diff('day', max(day) filter (where day < $1), $1) as recency,
                bool_or(day >= $1 and day < $1 + 70) as again
            from days group by customer_id having min(day) < $1
            """,
            [cutoff],
        ).df()
        aucs.append(roc_auc_score(then["again"], -then["recency"]))
        later.append(then["again"])
    assert len(aucs) == 3
    assert figures["auc_recency"] == pytest.approx(sum(aucs) / 3)
    assert figures["again"] == pytest.approx(pd.concat(later).mean())


@pytest.mark.slow
def test_clusters_are_used_in_eight_of_ten_seeds(tmp_path):
    used = []
    for seed in SEEDS:
        raw = tmp_path / f"{seed}.csv"
        generator.write_sample(raw, seed=seed)
        with SqlShop(raw, (*MODELS, "int_training_customers", "int_cluster_inputs")) as shop:
            inputs = (
                shop.connection.execute(f"from {table}").df()
                for table in ("int_cluster_inputs", "int_cutoffs", "rfm_groups")
            )
            limits = sql_models.project_vars()
            grid = segment_tables.grid_table(
                *inputs,
                min_history_days=limits["min_history_days_validation"],
                min_customers=limits["min_customers_clusters"],
            )
            sql_models.put(shop.connection, customer_segment_grid=grid)
            sql_models.run(shop.connection, "int_customer_segment_choice")
            used += shop.row("select is_used from int_customer_segment_choice")
    assert sum(used) >= 8, used
