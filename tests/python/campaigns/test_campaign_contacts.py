"""Which customers of a list count as contacted, and when."""

import datetime as dt

import duckdb
import pytest
import sql_models

LISTED = dt.date(2011, 6, 1)
SENT = dt.date(2011, 6, 3)
# an e-mail address of the seed stands for the id that the tables have
ADDRESS, HASHED = "ann@x.example", "e-1234"
LOG = [
    # customer, campaign, segment, is_control
    ("a", "email", "lost", False),
    ("b", "email", "lost", True),
    ("c", "email", "new", False),
    (HASHED, "email", "new", False),
    ("d", "phone", "new", False),
]


def contacted(*sends: tuple) -> dict[str, dt.date]:
    """Who has a day of contact by rows (campaign, segment_key, customer_id, contacted_on) of the seed."""
    with duckdb.connect() as connection:
        connection.execute("create table stg_shop as select 'shop' as shop")
        connection.execute(
            "create table customer_addresses as select ? as address, ? as customer_id",
            [ADDRESS, HASHED],
        )
        connection.execute(
            "create table campaign_log (shop varchar, listed_on date, campaign varchar,"
            " customer_id varchar, segment_key varchar, is_control boolean)"
        )
        connection.execute(
            "create table campaign_sends (listed_on date, campaign varchar, segment_key varchar,"
            " customer_id varchar, contacted_on date)"
        )
        for shop, day in (("shop", LISTED), ("shop", dt.date(2011, 5, 1)), ("another", LISTED)):
            for customer, campaign, segment, is_control in LOG:
                connection.execute(
                    "insert into campaign_log values (?, ?, ?, ?, ?, ?)",
                    [shop, day, campaign, customer, segment, is_control],
                )
        for campaign, *rest in sends:
            connection.execute(
                "insert into campaign_sends values (?, ?, ?, ?, ?)", [LISTED, campaign, *rest]
            )
        sql_models.run(connection, "stg_campaign_sends", "campaign_contacts")
        rows = connection.execute("from campaign_contacts").fetchall()
        assert len(rows) == 2 * len(LOG)  # each list whole, of this shop only
        query = (
            "select customer_id, contacted_on from campaign_contacts where contacted_on is not null"
        )
        found = connection.execute(query + " and listed_on = ?", [LISTED]).fetchall()
        assert len(connection.execute(query).fetchall()) == len(found)
        return dict(found)


LATER = SENT + dt.timedelta(1)


@pytest.mark.parametrize(
    "sends, expected",
    [
        ([], {}),
        # a whole list, but not its control group
        ([("email", None, None, SENT)], {"a": SENT, "c": SENT, HASHED: SENT}),
        ([(" Email ", "LOST", "", SENT)], {"a": SENT}),
        # the first contact counts
        ([("email", None, "a", LATER), ("email", None, "a", SENT)], {"a": SENT}),
        # who is named was contacted, control or not
        ([("email", None, "b", SENT)], {"b": SENT}),
        ([("email", None, ADDRESS.upper(), SENT)], {HASHED: SENT}),
        ([("phone", "lost", None, SENT)], {}),
    ],
)
def test_who_counts_as_contacted(sends, expected):
    assert contacted(*sends) == expected
