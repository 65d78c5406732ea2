"""What a campaign brought: contacted beside control, on made lists and on a thousand generated campaigns."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models

LISTED = dt.date(2011, 6, 1)
SENT = dt.date(2011, 6, 3)
HORIZON = sql_models.project_vars()["horizon_days"]
OVER = SENT + dt.timedelta(HORIZON)
CAMPAIGNS = 1000
TABLES = {
    "campaign_contacts": "shop varchar, listed_on date, campaign varchar, customer_id varchar,"
    " segment_key varchar, is_control boolean, contacted_on date",
    "int_customer_days": "customer_id varchar, happened_on date, orders bigint, gross_amount decimal(38, 4)",
    "int_return_matches": "customer_id varchar, purchased_at timestamp, returned_at timestamp, amount decimal(38, 4)",
    "int_as_of": "as_of_date date",
}


def results(contacts: pd.DataFrame, days: pd.DataFrame, as_of=OVER, returned=()) -> pd.DataFrame:
    """campaign_results of contacts (campaign, customer_id, is_control, ...) and what customers did."""
    every = {"shop": "shop", "listed_on": LISTED, "segment_key": "lost", "contacted_on": SENT}
    contacts = contacts.assign(**{k: v for k, v in every.items() if k not in contacts})
    contacts.loc[contacts["is_control"], "contacted_on"] = None
    days = days.assign(orders=1, **({} if "happened_on" in days else {"happened_on": SENT}))
    with duckdb.connect() as connection:
        for name, sql in TABLES.items():
            connection.execute(f"create table {name} ({sql})")
        connection.execute("insert into campaign_contacts by name from contacts")
        connection.execute("insert into int_customer_days by name from days")
        connection.execute("insert into int_customer_days values ('an old one', ?, 1, 1)", [LISTED])
        for row in returned:
            connection.execute("insert into int_return_matches values (?, ?, ?, ?)", row)
        connection.execute("insert into int_as_of values (?)", [as_of])
        sql_models.run(connection, "campaign_results")
        return connection.execute("from campaign_results order by all").df()


def a_list(listed: int, control: int, **columns) -> pd.DataFrame:
    """A campaign of so many customers, c0 and so on; the last of them are control."""
    numbers = range(listed + control)
    return pd.DataFrame(
        {
            "campaign": "email",
            "customer_id": [f"c{n}" for n in numbers],
            "is_control": [n >= listed for n in numbers],
        }
        | columns
    )


def orders(*customers: int, amount: float = 10.0, **columns) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": [f"c{n}" for n in customers], "gross_amount": amount} | columns
    )


def test_shares_spend_and_their_interval():
    # 56 of 70 against 48 of 80: the first example of Newcombe's paper, method 10
    days = orders(*range(56), *range(70, 118), amount=20.0)
    returned = [("c0", SENT, SENT, 20), ("c1", SENT, OVER, 20)]  # the second comes back too late
    table = results(a_list(70, 80), days, returned=returned)
    assert table["segment_key"].tolist() == ["all", "lost"]
    row = table.iloc[1]
    assert (row["listed_customers"], row["contacted_customers"], row["control_customers"]) == (
        70,
        70,
        80,
    )
    assert (row["ordered_share"], row["control_ordered_share"]) == (0.8, 0.6)
    assert row[["difference", "ci_low", "ci_high"]].round(4).tolist() == [0.2, 0.0524, 0.3339]
    assert row["net_spend_each"] == pytest.approx(55 * 20 / 70, abs=0.01)
    assert row["control_net_spend_each"] == 12
    assert row["spend_ci_low"] < row["spend_difference"] < row["spend_ci_high"]
    assert row["result"] == "more ordered"
    # a half more than what an interval can tell from nothing
    assert 0.2 < row["smallest_difference"] < 0.23


@pytest.mark.parametrize(
    "listed, control, who, as_of, result",
    [
        (70, 80, [*range(10), *range(70, 120)], OVER, "fewer ordered"),
        (70, 80, [*range(40), *range(70, 116)], OVER, "no difference seen"),
        (70, 8, [*range(56), 70], OVER, "too few to tell"),
        (70, 0, range(56), OVER, "too few to tell"),
        (70, 80, [], OVER, "too few to tell"),
        (70, 80, range(56), OVER - dt.timedelta(1), "horizon not over yet"),
    ],
)
def test_what_a_campaign_brought_in_words(listed, control, who, as_of, result):
    table = results(a_list(listed, control), orders(*who), as_of)
    assert set(table["result"]) == {result}
    known = result != "horizon not over yet"
    assert table["ordered_share"].notna().all() == known  # what is not known yet is no zero
    assert table["spend_difference"].notna().all() == (known and control > 0)
    assert table["spend_ci_low"].notna().all() == (known and result != "too few to tell")


def test_only_orders_within_the_horizon_count():
    days = pd.concat(
        [
            orders(0, happened_on=SENT - dt.timedelta(1)),
            orders(1, happened_on=OVER),
            orders(2, happened_on=OVER - dt.timedelta(1)),
        ]
    )
    assert results(a_list(4, 4), days)["ordered_share"].tolist() == [0.25, 0.25]


def test_a_list_that_was_not_contacted_and_one_before_the_file():
    waiting = a_list(4, 4, contacted_on=None)
    table = results(waiting, orders(0))
    assert table[["segment_key", "result"]].values.tolist() == [["lost", "no day of contact known"]]
    early = a_list(4, 4, contacted_on=LISTED - dt.timedelta(9))
    assert set(results(early, orders(0))["result"]) == {"the file begins later"}


def test_segments_that_were_not_contacted_are_not_in_the_whole():
    contacts = pd.concat(
        [
            a_list(70, 80, segment_key="lost", contacted_on=SENT),
            a_list(70, 80, segment_key="new", contacted_on=None),
        ]
    )
    contacts["customer_id"] += contacts["segment_key"]
    table = results(contacts, orders(0)).set_index("segment_key")
    assert table["listed_customers"].to_dict() == {"all": 70, "lost": 70, "new": 70}
    assert table["result"]["new"] == "no day of contact known"


@pytest.mark.parametrize("effect, listed, control", [(0, 450, 50), (0.1, 450, 50), (0, 900, 100)])
def test_intervals_hold_the_effect_in_19_of_20_campaigns(effect, listed, control):
    rng = np.random.default_rng([listed, round(100 * effect)])
    size = listed + control
    is_control = np.tile(np.arange(size) >= listed, CAMPAIGNS)
    campaign = np.repeat(np.arange(CAMPAIGNS), size)
    has_ordered = rng.random(CAMPAIGNS * size) < np.where(is_control, 0.35, 0.35 + effect)
    spend = rng.lognormal(5, 1, CAMPAIGNS * size).round(2)
    contacts = pd.DataFrame(
        {
            "campaign": campaign.astype(str),
            "customer_id": np.arange(CAMPAIGNS * size).astype(str),
            "is_control": is_control,
        }
    )
    days = contacts[["customer_id"]].assign(gross_amount=spend)[has_ordered]
    table = results(contacts, days)
    table = table[table["segment_key"] == "all"]
    assert len(table) == CAMPAIGNS
    held = table["ci_low"].le(effect) & table["ci_high"].ge(effect)
    assert 0.93 <= held.mean() <= 0.97
    of_spend = effect * np.exp(5.5)
    held = table["spend_ci_low"].le(of_spend) & table["spend_ci_high"].ge(of_spend)
    assert 0.93 <= held.mean() <= 0.97
    if effect == 0:
        assert (table["result"] == "no difference seen").mean() >= 0.93
