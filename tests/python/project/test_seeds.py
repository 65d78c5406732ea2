"""What people edit: a mistake in a seed stops the build with the file to fix and what is wrong in it."""

import csv
import re

import pytest
from shop import PROJECT, Shop, copy_of_project

LINES = [f"{n},CUP{n % 4},RED CUP,{n},1/{n}/2011 10:00,1.50,{n % 3},France" for n in range(1, 21)]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What dbt prints of seeds with mistakes, and the numbers of its nodes."""
    folder = tmp_path_factory.mktemp("seeds")
    project = copy_of_project(folder / "project")
    seeds = project / "seeds"
    (seeds / "product_category_words.csv").write_text("category_key,phrase\n")
    (seeds / "do_not_contact.csv").write_text("customer_id;reason\n5;asked by phone\n")
    (seeds / "nobody_ids.csv").write_text("\ufeffcustomer_id\n0\n", encoding="utf-8")
    (seeds / "product_category_overrides.csv").write_text(
        "stock_code,category_key,why\nCUP1,cups,a new one\n NOSUCH1,bags,typing mistake\n"
    )
    strategies = seeds / "segment_strategies.csv"
    text = strategies.read_text().replace("champions,", "winners,")
    text = text.replace("loyal,Grow the basket of people who already come back,", "loyal,,")
    text = text.replace(",account manager by phone,phone,", ",account manager by phone,pigeon,")
    strategies.write_text(text)
    others = seeds / "segment_strategies_gift_shop.csv"
    others.write_text(others.read_text().replace("champions,", "winners,"))
    names = seeds / "product_category_names.csv"
    names.write_text(names.read_text().replace("bags,Bags and purses,", "bags, ,"))
    archetypes = seeds / "segment_archetypes.csv"
    archetypes.write_text(
        archetypes.read_text().replace("champions,Champions,recent,0.87,", "champions,Champions,,,")
    )
    (seeds / "order_size_bands.csv").write_text(
        "band_no,size_band,from_amount,below_amount\n"
        "1,below 50,0,50\n2,50 to 100,60,100\n3,,100,2500\n4,2500 and above,2500,9999\n"
    )
    groups = seeds / "rfm_groups.csv"
    groups.write_text(groups.read_text().replace("2,2,1,2,lost", "2,2,2,2,gone"))
    shop = Shop(folder, project)
    shop.write(LINES)
    result = shop.dbt("build")
    assert result.returncode == 1
    return re.sub(r"\s+", " ", result.stdout)


@pytest.mark.parametrize(
    "message",
    [
        (
            "seeds/do_not_contact.csv: no column customer_id, reason (its first line has customer_id;reason)."
            " Begin it with customer_id,reason, with commas between the fields of every line"
        ),
        "seeds/nobody_ids.csv: no column why (its first line has customer_id)",
        "seeds/product_category_words.csv: no words: give a few words or phrases",
        "seeds/product_category_overrides.csv: category cups is not in product_category_names",
        "seeds/segment_strategies.csv: no row for archetype champions of segment_archetypes",
        "seeds/segment_strategies.csv: a row for winners, which segment_archetypes does not have",
        "seeds/rfm_groups.csv: group Lost stands for gone",
        "seeds/rfm_groups.csv: scores 121 fit 0 rows, not one",
        "seeds/segment_strategies.csv: loyal has no goal",
        "seeds/order_size_bands.csv: band 2 begins at 60, the one before it ends at 50",
        "seeds/order_size_bands.csv: band 3 has no size_band",
        "seeds/order_size_bands.csv: band 4 is the last and ends at 9,999: leave below_amount empty",
        "seeds/product_category_names.csv: bags has no category_name",
        "seeds/segment_archetypes.csv: champions has no recency_percentile",
        "seeds/segment_archetypes.csv: champions has no claims",
        "seeds/segment_strategies_gift_shop.csv: a row for winners, which segment_archetypes does not have",
        "valuable_slowing has wholesale_contact_by pigeon, not one of email, phone, post, none",
    ],
)
def test_a_mistake_names_its_file(output, message):
    assert message in output


@pytest.fixture(scope="module")
def pinned(tmp_path_factory):
    """A shop with a pin that is written carelessly and one that fits nothing."""
    folder = tmp_path_factory.mktemp("pins")
    project = copy_of_project(folder / "project")
    (project / "seeds" / "product_category_overrides.csv").write_text(
        "stock_code,category_key,why\n cup1 ,bags,wanted so\nNOSUCH1,bags,typing mistake\n"
    )
    shop = Shop(folder, project)
    shop.write(LINES)
    return shop, shop.build()


def test_a_pin_is_read_as_codes_are(pinned):
    shop, _ = pinned
    assert shop.row(
        "select category_key, category_source from marts.products where stock_code = 'CUP1'"
    ) == ("bags", "override")


def test_a_pin_that_fits_nothing_is_a_warning(pinned):
    shop, printed = pinned
    assert "Warning in test assert_product_category_overrides_fit_products" in printed
    assert shop.rows(
        "select stock_code, doubt from quality.product_category_review where place = 1"
    ) == [
        ("NOSUCH1", "pinned in seeds/product_category_overrides.csv, but no such product was sold")
    ]
    assert (shop.published / "manifest.json").exists()


def test_words_are_asked_for_before_anything_is_made_of_them(output):
    assert "SKIP relation intermediate.int_product_category_words" in output
    assert "SKIP relation intermediate.product_category_model" in output


@pytest.mark.parametrize("seed", ["segment_strategies", "segment_strategies_gift_shop"])
def test_those_of_few_orders_have_no_usual_gap(seed):
    with open(PROJECT / "seeds" / f"{seed}.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["segment_key"].startswith("few_")]
    assert len(rows) == 3
    assert not [row for row in rows if "their usual gap" in ",".join(row.values())]


def test_neutral_strategies_name_no_time_of_year():
    text = (PROJECT / "seeds" / "segment_strategies.csv").read_text().lower()
    words = ("season", "christmas", "easter", "autumn", "september", "january", "time of year")
    assert [word for word in words if word in text] == []


@pytest.mark.parametrize("seed", ["segment_strategies", "segment_strategies_gift_shop"])
def test_only_a_segment_that_has_left_is_left_out(seed):
    # such names are not given where nothing tells who orders again (int_customer_segments)
    with open(PROJECT / "seeds" / "segment_archetypes.csv", encoding="utf-8") as file:
        claims = {row["segment_key"]: row["claims"] for row in csv.DictReader(file)}
    with open(PROJECT / "seeds" / f"{seed}.csv", encoding="utf-8") as file:
        left_out = {
            claims[row["segment_key"]]
            for row in csv.DictReader(file)
            if "none" in (row["contact_by"], row["wholesale_contact_by"])
            or row["action"].startswith("No campaign")
        }
    assert left_out == {"lapsed"}
