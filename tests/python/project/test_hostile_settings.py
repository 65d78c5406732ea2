"""What a person may write into a seed or a var is a text, whatever it holds: it never becomes SQL."""

import csv
import json

import pytest
import sql_models
from gift_shop.ingestion import reader
from shop import Shop, copy_of_project
from sql_shop import SqlShop, write

SQL = "O'Brien's \"x\"'); drop table marts.customers; -- {{ 7 * 7 }} %s"
LINES = [
    f"{n},CUP{n % 4},RED CUP {n % 4},{1 + n % 7},{1 + n // 28}/{1 + n % 28}/2011 10:00,2.00,{1 + n % 10},France"
    for n in range(84)
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A build of a project whose seeds hold SQL, quotes and a template wherever they hold words."""
    folder = tmp_path_factory.mktemp("hostile")
    project = copy_of_project(folder / "project")
    change(project, "segment_archetypes", lambda row: row | {"segment_name": SQL, "meaning": SQL})
    change(project, "segment_strategies", lambda row: {
        name: value
        if not value or name == "segment_key" or name.startswith(("due_", "not_new")) or name.endswith("contact_by")
        else SQL
        for name, value in row.items()
    })  # fmt: skip
    change(project, "product_category_names", lambda row: row | {"category_name": SQL + row["category_key"]})  # fmt: skip
    change(project, "order_size_bands", add={"band_no": 1, "size_band": SQL, "from_amount": 0})
    change(project, "rfm_groups", lambda row: row | {"rfm_group": SQL + row["rfm_group"]})
    change(project, "product_category_words", add={"category_key": "bags", "phrase": SQL})
    change(project, "product_category_overrides", add={"stock_code": "CUP1", "category_key": "bags", "why": SQL})  # fmt: skip
    change(project, "non_product_codes", add={"stock_code": "X'--*", "meaning": SQL})
    change(project, "do_not_contact", add={"customer_id": "' or true --", "reason": SQL})
    shop = Shop(tmp_path_factory.mktemp("hostile_shop"), project, unit_tests=True)
    shop.write([*LINES, "99,X'--9,FEE,1,3/28/2011 10:00,5,1,France"])
    shop.build()
    return shop


def change(project, seed, row_of=dict, add=None):
    """Write each row of a seed anew, and one more."""
    path = project / "seeds" / f"{seed}.csv"
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        rows = [row_of(row) for row in reader]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows([*rows, *([add] if add else [])])


def test_texts_of_seeds_arrive_as_they_were_written(hostile):
    assert hostile.rows("select distinct segment_name, strategy_goal from marts.segments") == [(SQL, SQL)]  # fmt: skip
    assert hostile.rows("select distinct action, offer from marts.customer_actions") == [(SQL, SQL)]  # fmt: skip
    assert hostile.row("select category_name from marts.product_categories where category_key = 'bags'") == (SQL + "bags",)  # fmt: skip
    assert hostile.rows("select distinct size_band from marts.order_sizes") == [(SQL,)]
    assert hostile.row("select min(rfm_group) from marts.customers")[0].startswith(SQL)


def test_texts_of_seeds_do_what_they_are_for_and_no_more(hostile):
    # the fee is a fee, the pinned product a bag, and nobody of the ten is left out
    assert hostile.rows("select lines from quality.cleaning_ledger where line_class = 'non_product' and reason = $$" + SQL + "$$") == [(1,)]  # fmt: skip
    assert hostile.row("select category_key from marts.products where stock_code = 'CUP1'") == ("bags",)  # fmt: skip
    assert hostile.row("select count(*) from marts.customer_actions") == (10,)


def test_a_var_that_is_no_setting_is_named(hostile):
    before = hostile.files()
    result = hostile.dbt("build", "--vars", "horizon_days: '70; drop table x'")
    assert result.returncode != 0
    assert "var horizon_days is '70; drop table x': write it as a number" in result.stdout
    assert "Traceback" not in result.stdout
    assert hostile.files() == before


def test_a_date_format_that_is_none_is_named(tmp_path):
    path = write(tmp_path / "shop.csv", LINES)
    with pytest.raises(reader.InputFileError) as caught:
        SqlShop(path, date_format="m/d/yyyy'; drop table x; --")
    assert 'date_format "m/d/yyyy\'; drop table x; --" is not known' in str(caught.value)


NUMBERS = {
    name: value
    for name, value in sql_models.project_vars().items()
    if isinstance(value, int | float)
}


@pytest.mark.parametrize(
    "another", [lambda value: value / 2 if value < 1 else value // 2 + 1,
                lambda value: (1 + value) / 2 if value < 1 else value * 100],
    ids=["lower", "higher"],
)  # fmt: skip
def test_no_setting_fails_a_unit_test(hostile, another):
    # what a shop may set is no mistake of the code: every number of the settings is another one here
    others = {name: another(value) for name, value in NUMBERS.items()}
    assert all(others[name] != value for name, value in NUMBERS.items())
    others |= {"date_format": "d/m/yyyy", "as_of_date": "2011-02-03"}
    others |= {"earliest_date": "2005-01-01", "latest_date": "2035-12-31"}
    result = hostile.dbt("test", "--select", "test_type:unit", "--vars", json.dumps(others))
    assert result.returncode == 0, result.stdout
    assert "unit tests in " in result.stdout


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_of_the_settings_is_checked(name):
    least = "1" if name == "horizon_days" else "0.5"
    assert sql_models.render("{{ check_numbers() }}", **{name: least}).strip() == ""
    for value in ("seventy", "70' or '1'='1", "", None, -1):
        with pytest.raises(sql_models.CompilerError, match=f"var {name} is '"):
            sql_models.render("{{ check_numbers() }}", **{name: value})


@pytest.mark.parametrize("value", [0, 0.5, "70.0"])
def test_a_horizon_is_whole_days(value):
    with pytest.raises(sql_models.CompilerError, match="write it as a whole number of days"):
        sql_models.render("{{ check_numbers() }}", horizon_days=value)


@pytest.mark.parametrize(
    ("old", "instead"),
    [
        ("interest_block_days", "category_of_interest_block_days"),
        ("max_learning_customers", "max_training_customers"),
        ("learning_sample_customers", "max_training_customers"),
        ("min_history_days_clusters", "min_history_days_validation"),
        ("min_history_days_value", "horizon_days"),
        ("min_history_days_customer_value", "horizon_days"),
    ],
)
def test_a_var_of_an_old_name_stops_with_what_to_set(old, instead):
    assert old not in sql_models.project_vars() and instead in sql_models.project_vars()
    with pytest.raises(sql_models.CompilerError, match=f"var {old} is no longer read: .*{instead}"):
        sql_models.render("{{ check_renamed_vars() }}", **{old: 1})


def test_todays_vars_are_all_read():
    assert sql_models.render("{{ check_renamed_vars() }}").strip() == ""


def test_a_build_with_a_var_of_an_old_name_writes_nothing(hostile):
    before = hostile.files()
    result = hostile.dbt("build", "--vars", "min_history_days_clusters: 100")
    assert result.returncode != 0
    assert (
        "var min_history_days_clusters is no longer read: set min_history_days_validation"
        in result.stdout
    )
    assert hostile.files() == before
