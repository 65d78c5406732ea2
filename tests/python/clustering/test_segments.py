"""Segments over time: nothing leaks back from the future, and the log keeps what it was given."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
from gift_shop.clustering import segments
from gift_shop.clustering.archetypes import Archetypes
from gift_shop.clustering.selection import Choice
from shop import PROJECT, Shop

# one order a day for 200 days, by ten customers in turn, some of it sent back
LINES = [
    f"{n},CUP{n % 4},RED CUP {n % 4},{1 + n % 7},{1 + (n // 28) % 12}/{1 + n % 28}/2011 10:00,2.00,{1 + n % 10},France"
    for n in range(196)
] + [
    f"C{n},CUP{n % 4},RED CUP {n % 4},-1,{1 + (n // 28) % 12}/{1 + n % 28}/2011 11:00,2.00,{1 + n % 10},France"
    for n in range(0, 196, 5)
]


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory):
    """The shop as of June, then as of its last day, and what the log held in June."""
    shop = Shop(tmp_path_factory.mktemp("built_twice"))
    shop.write(LINES)
    shop.build("--vars", "as_of_date: 2011-06-01")
    assert shop.rows("select * from quality.segment_drift") == []
    first = shop.rows("select * from marts.segment_log order by all")
    shop.build()
    return shop, first


@pytest.mark.slow  # test_properties and test_nothing_leaks say the same of more shops, without dbt
def test_lines_after_a_cutoff_cannot_change_what_was_known_at_it(tmp_path_factory):
    # everything from May on becomes another customer's, larger, and is returned; the last day stays
    changed = [
        line
        if int(line.split(",")[4].partition("/")[0]) < 5
        else line.replace("France", "Spain").replace(",2.00,", ",9.00,1")
        for line in LINES
    ]
    known = []
    for lines in (LINES, changed):
        shop = Shop(tmp_path_factory.mktemp("leak"))
        shop.write(lines)
        shop.build()
        known.append(
            shop.rows(
                "select * from intermediate.int_customer_snapshots"
                " where cutoff_date <= date '2011-05-01' order by all"
            )
        )
        later = shop.rows(
            "select * from intermediate.int_customer_snapshots"
            " where cutoff_date > date '2011-05-01' order by all"
        )
        known.append(later)
    assert known[0] == known[2] != []
    assert known[1] != known[3]


def test_the_log_keeps_each_date_and_drift_compares_them(built_twice):
    shop, first = built_twice
    # the same date again is written anew, not twice
    shop.build("--full-refresh")
    dates = shop.rows("select as_of_date, count(*) from marts.segment_log group by 1 order by 1")
    assert dates == [(date(2011, 6, 1), 10), (date(2011, 7, 29), 10)]
    log = shop.rows(
        "select * from marts.segment_log where as_of_date = date '2011-06-01' order by all"
    )
    assert log == first
    pair = shop.rows(
        "select distinct previous_as_of_date, as_of_date, customers_in_both from quality.segment_drift"
    )
    assert pair == [(date(2011, 6, 1), date(2011, 7, 29), 10)]
    moved = shop.row("select sum(share_change) from quality.segment_drift")[0]
    assert abs(moved) < 1e-12
    # a partial build assigns nothing for good
    shop.dbt("build", "--select", "segment_log", "--vars", "as_of_date: 2011-05-01")
    assert len(shop.rows("select distinct as_of_date from marts.segment_log")) == 2


def test_migrations_of_a_month_hold_every_customer_known_at_its_end(built_twice):
    shop, _ = built_twice
    months = shop.rows(
        "select month_end, sum(customers), count(*) filter (from_segment_key = 'new')"
        " from marts.segment_migrations group by 1"
    )
    # 196 lines make seven months of 28 days; only month ends with 180 days of history behind both
    # ends of the month count, and the file has just one such month end
    assert months == []
    history = shop.rows(
        "select month_end, has_enough_history, count(*) from marts.segment_history"
        " group by all order by 1"
    )
    assert history == [(date(2011, month, day), month == 6, 10) for month, day in
                       ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30))]  # fmt: skip


def test_sql_scores_the_sample_as_the_library_does(sample):
    """By the clusters that the rule has chosen, whether they are served or not."""
    with duckdb.connect(sample.database, read_only=True) as built:
        today = built.execute(
            "from intermediate.int_cluster_inputs where days_before_as_of = 0"
        ).df()
        chosen = built.execute(
            "select transform, algorithm, k from intermediate.int_customer_segment_choice"
        ).fetchone()
        points = built.execute(
            "from intermediate.int_cluster_points"
            " where definition_days = 0 and idle_days = 0 and cutoff_date = ?",
            [today["cutoff_date"].iloc[0]],
        ).df()
    archetypes = Archetypes(pd.read_csv(PROJECT / "seeds" / "segment_archetypes.csv"))
    model, _ = segments.fit_segments(today, Choice(*chosen), archetypes, with_confidence=False)
    with duckdb.connect() as memory:
        sql_models.put(
            memory,
            int_cluster_points=points,
            customer_segment_model=segments.long_table(model).assign(definition_days=0),
        )
        sql_models.run(memory, "int_customer_clusters")
        by_sql = memory.execute("from int_customer_clusters order by customer_id").df()
    by_library = segments.score(model, today).reset_index(drop=True)
    assert len(by_library) == len(by_sql) > 1000
    exact = ["customer_id", "segment_key", "cluster_no", "runner_up_segment_key", "reason_axis"]
    pd.testing.assert_frame_equal(by_library[exact], by_sql[exact], check_dtype=False)
    for column in ("distance", "runner_up_distance", "confidence"):
        assert np.abs(by_library[column] - by_sql[column]).max() < 1e-6, column
