"""Time passes: a shop of the real shape, exported at the end of three months one after the other."""

import csv
from datetime import date, datetime
from itertools import pairwise, permutations

import pytest
from gift_shop.sample import generator
from shop import PROJECT, Shop
from sql_shop import write

EXPORTS = [date(2011, 10, 1), date(2011, 11, 1), date(2011, 12, 1)]
LOG = "select * from marts.segment_log where as_of_date = date '{}' order by all"
LISTS = (
    "select campaign, customer_id, segment_key, is_control from marts.campaign_contacts"
    " where listed_on = date '{}' order by all"
)


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """The shop after each export, and what its log and history held then."""
    shop = Shop(tmp_path_factory.mktemp("months"))
    whole = shop.folder / "whole.csv"
    generator.main([str(whole), "--lines", "12000"])
    header, *lines = whole.read_text(encoding="utf-8", errors="replace").splitlines()
    seen = []
    for export in EXPORTS:
        # lines come in order of time: an export is the file up to its day
        first_later = next(number for number, line in enumerate(lines) if _day(line) >= export)
        # each export has a name of its own, and all are of one shop
        path = write(shop.folder / f"until_{export}.csv", lines[:first_later], header)
        shop.build("--vars", f"as_of_date: {export}", raw=path)
        seen.append(
            {
                "log": {day: shop.rows(LOG.format(day)) for day in EXPORTS},
                "lists": {day: shop.rows(LISTS.format(day)) for day in EXPORTS},
                "actions": shop.rows(
                    "select contact_by, customer_id, segment_key, is_control from marts.customer_actions"
                    " where is_due order by all"
                ),
                "customers": shop.rows(
                    "select customer_id, segment_key from marts.customers order by all"
                ),
                "history": shop.rows("select * from marts.segment_history order by all"),
                "migrations": shop.rows("select distinct month_end from marts.segment_migrations"),
                "segments": shop.rows(
                    "select segment_key, median_recency_days, median_monetary from marts.segments"
                ),
            }
        )
    return shop, seen


def _day(line: str) -> date:
    try:
        return datetime.strptime(next(csv.reader([line]))[4].split()[0], "%m/%d/%Y").date()
    except (ValueError, IndexError):  # one of the sample's damaged lines
        return date.min


def test_each_export_writes_its_own_date_of_the_log_and_no_other(months):
    _, seen = months
    for number, now in enumerate(seen):
        for place, day in enumerate(EXPORTS):
            # as the export of that day has written it, or not yet
            assert now["log"][day] == (seen[place]["log"][day] if place <= number else [])
        assert len(now["log"][EXPORTS[number]]) == len(now["customers"]) > 0


def test_the_log_says_what_the_customers_table_said(months):
    shop, seen = months
    for day, now in zip(EXPORTS, seen, strict=True):
        query = "select customer_id, segment_key from marts.segment_log where as_of_date = date '{}' order by all"
        assert shop.rows(query.format(day)) == now["customers"]


def test_lists_stay_as_they_were_published(months):
    shop, seen = months
    for number, now in enumerate(seen):
        for place, day in enumerate(EXPORTS):
            assert now["lists"][day] == (seen[place]["actions"] if place <= number else [])
        assert len(now["actions"]) > 0
    results = "select listed_on, sum(listed_customers + control_customers), any_value(result) from marts.campaign_results"
    assert shop.rows(f"{results} group by 1 order by 1") == [
        (day, len(now["actions"]), "no day of contact known")
        for day, now in zip(EXPORTS, seen, strict=True)
    ]


def test_history_and_migrations_go_on(months):
    _, seen = months
    for earlier, later in pairwise(seen):
        assert len(later["history"]) > len(earlier["history"])
        assert set(later["migrations"]) > set(earlier["migrations"])


def test_drift_compares_each_export_with_the_one_before(months):
    shop, seen = months
    drift = shop.rows(
        "select previous_as_of_date, as_of_date, any_value(customers_in_both),"
        " any_value(kept_segment_share) from quality.segment_drift group by 1, 2 order by 2"
    )
    assert [pair[:2] for pair in drift] == list(pairwise(EXPORTS))
    for (_, _, in_both, kept), (before, now) in zip(drift, pairwise(seen), strict=True):
        then, today = dict(before["customers"]), dict(now["customers"])
        assert in_both == len(then.keys() & today.keys())
        same = sum(then[customer] == today[customer] for customer in then.keys() & today.keys())
        assert kept == pytest.approx(same / in_both, abs=1e-6)


def test_a_segment_stays_what_its_name_says_across_refits(months):
    _, seen = months
    with open(PROJECT / "seeds" / "segment_archetypes.csv", newline="") as file:
        archetypes = {row["segment_key"]: row for row in csv.DictReader(file)}
    for now in seen:
        assert {key for key, *_ in now["segments"]} <= set(archetypes)
        # of two segments far apart by their archetypes' recency, the one that should be fresher is
        recency = {key: float(days) for key, days, _ in now["segments"] if days is not None}
        place = {key: float(archetypes[key]["recency_percentile"]) for key in recency}
        for (one, days), (other, more_days) in permutations(recency.items(), 2):
            assert place[one] < place[other] + 0.4 or days < more_days, (one, other)
