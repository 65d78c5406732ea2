"""Promises about the project itself, read from dbt's manifest."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest
import sql_models
import yaml
from gift_shop.ingestion import files, mapping, reader
from gift_shop.publishing import build
from shop import PROJECT, Shop

PACKAGE = PROJECT / "python_models" / "gift_shop"

PUBLISHED_FROM_QUALITY = {
    "build_warnings",
    "suspected_fees",
    "reading_report",
    "cleaning_ledger",
    "returns_reconciliation",
    "raw_profile",
    "model_metrics",
    "calibration",
    "model_parameters",
    "segment_drift",
}
# what may be right all the same
WARNINGS = {"assert_product_category_overrides_fit_products"}
# a view over one model, whose grain is that model's, and what stands behind the tests
WITHOUT_CHECKS = {"int_product_lines", "int_holdout_predictions", "publish"}
# where keys are made, or older builds' keys stand, or what people have written
WITHOUT_REFERENCES = {
    "int_own_categories",
    "int_product_category_names",
    "product_categories",
    "segment_log",
    "segment_drift",
    "stg_campaign_sends",
    "campaign_log",
    "campaign_contacts",
    "campaign_results",
}
# a model reads its own layer and those before it
LAYERS = ("staging", "intermediate", "marts", "publishing")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("manifest"))
    result = shop.dbt("parse")
    assert result.returncode == 0, result.stdout
    target = shop.folder.parent / f"target-{PROJECT.name}"
    return json.loads((target / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest):
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def _ancestors(manifest, unique_id):
    found, waiting = set(), [unique_id]
    while waiting:
        for parent in manifest["parent_map"][waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def test_every_test_can_hold_back_publishing(manifest):
    before_publish = _ancestors(manifest, "model.gift_shop.publish")
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert tests
    for test in tests:
        parents = set(test["depends_on"]["nodes"])
        assert parents, f"{test['name']} tests nothing"
        assert parents <= before_publish, f"{test['name']} stands beside publish, not before it"
        severity = "warn" if test["name"] in WARNINGS else "error"
        assert test["config"]["severity"].lower() == severity, test["name"]


def test_a_table_that_fails_its_checks_is_built_on_by_none(manifest):
    # dbt lets a table wait for the tests of its parents only where it stands behind all that they read
    for node in manifest["nodes"].values():
        if node.get("test_metadata"):
            for child in manifest["child_map"][node["attached_node"]]:
                if child.startswith("model."):
                    read = set(node["depends_on"]["nodes"])
                    assert read <= _ancestors(manifest, child), f"{child}, {node['name']}"


def test_every_mart_is_published(models):
    gate = (PROJECT / "models" / "publishing" / "build_gate.sql").read_text()
    published = set(re.findall(r"ref\('(\w+)'\)", gate.partition("set checked")[0]))
    logged = (PROJECT / "models" / "publishing" / "logged_contents.sql").read_text()
    published |= set(re.findall(r"ref\('(\w+)'\)", logged))
    marts = {name for name, node in models.items() if node["schema"] == "marts"}
    assert published == marts | PUBLISHED_FROM_QUALITY


def test_no_layer_reads_a_later_one(models):
    layer = {node["unique_id"]: LAYERS.index(node["fqn"][1]) for node in models.values()}
    assert set(layer.values()) == set(range(len(LAYERS)))
    wrong = [
        name
        for name, node in models.items()
        for parent in node["depends_on"]["nodes"]
        if layer.get(parent, 0) > layer[node["unique_id"]]
    ]
    assert wrong == []


def test_lines_after_the_as_of_date_are_counted_and_read_by_nothing_else(manifest):
    readers = manifest["child_map"]["model.gift_shop.int_invoice_lines_classified"]
    models = {reader.removeprefix("model.gift_shop.") for reader in readers if "model." in reader}
    assert models == {
        "int_cleaning_stops",
        "int_as_of",
        "int_line_adjustments",
        "int_do_not_contact",
        "int_product_lines",
        "build_warnings",
        "cleaning_ledger",
        "reading_report",
        "rejected_invoice_lines",
    }


def test_the_stages_on_the_screen_begin_with_a_model(models):
    assert set(build.STAGES) <= set(models)


def test_every_model_states_its_grain(models):
    for name, node in models.items():
        assert node["description"].startswith("One row"), f"{name}: begin with its grain"


@pytest.fixture(scope="module")
def checks(manifest):
    """The arguments of the one test that each table has, by the table's id."""
    tests = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("test_metadata")
    ]
    assert {node["test_metadata"]["name"] for node in tests} == {"checks"}
    found = {node["attached_node"]: node["test_metadata"]["kwargs"] for node in tests}
    assert len(found) == len(tests), "all checks of a table stand in one test"
    return found


def test_every_model_has_its_grain_checked(models, checks):
    for name, node in models.items():
        if name not in WITHOUT_CHECKS:
            one_row = node["description"].startswith("One row:")
            argument = "one_row" if one_row else "grain"
            assert checks[node["unique_id"]].get(argument), f"{name}: no {argument} in its checks"


def test_a_category_of_the_shops_own_is_looked_up_where_all_names_are(models, checks):
    """The seed has the shipped names alone: of them are words and the model, not what is bought."""
    of_the_seed = {
        name
        for name, node in models.items()
        for key, target in checks.get(node["unique_id"], {}).get("references", {}).items()
        if key == "category_key" or "(category_key" in key
        if "product_category_names" in re.findall(r"\w+", str(target["to"]))
    }
    assert of_the_seed == {"product_category_model", "int_product_category_words"}


def test_every_segment_and_category_key_is_looked_up(models, checks):
    keys = 0
    for name, node in models.items():
        if name in WITHOUT_REFERENCES:
            continue
        references = " ".join(checks.get(node["unique_id"], {}).get("references", {}))
        for column in node["columns"]:
            if column.endswith(("segment_key", "category_key", "category_of_interest_key")):
                assert re.search(rf"\b{column}\b", references), f"{name}.{column}"
                keys += 1
    assert keys > 40


def test_every_column_of_a_mart_is_described(models):
    marts = [node for node in models.values() if node["fqn"][1] == "marts"]
    assert {node["schema"] for node in marts} == {"marts", "quality"}
    for node in marts:
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"
            assert column["data_type"], f"{node['name']}.{column['name']}"


def test_what_columns_of_one_name_share_is_described_once():
    described = Counter()
    for folder in ("models", "python_models", "seeds"):
        for path in (PROJECT / folder).rglob("*.yml"):
            content = yaml.safe_load(path.read_text())
            for node in [*content.get("models", []), *content.get("seeds", [])]:
                for column in node.get("columns", []):
                    described[column["name"], column.get("description")] += 1
    blocks = re.findall(
        r"{% docs (\w+) %}", (PROJECT / "models" / "docs" / "columns.md").read_text()
    )
    used = {text for _, text in described if text and text.startswith("{{")}
    assert used == {f"{{{{ doc('{block}') }}}}" for block in blocks}
    repeated = [key for key, count in described.items() if count > 1 and key[1] not in used]
    assert repeated == [], "write a block in models/docs/columns.md"


def test_every_column_of_a_seed_is_described(manifest):
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert len(seeds) == len(list((PROJECT / "seeds").glob("*.csv")))
    for node in seeds:
        header = (PROJECT / node["original_file_path"]).read_text().partition("\n")[0].split(",")
        described = {name for name, column in node["columns"].items() if column["description"]}
        assert described == set(header) == set(node["config"]["column_types"]), node["name"]


def test_sql_marts_have_enforced_contracts(models):
    for node in models.values():
        is_promised = node["fqn"][1] == "marts" or node["name"] in ("segment_log", "segment_drift")
        if is_promised and node["language"] == "sql":
            assert node["contract"]["enforced"], node["name"]


def test_python_models_are_thin():
    models = [
        path for path in (PROJECT / "python_models").rglob("*.py") if PACKAGE not in path.parents
    ]
    assert models
    for path in models:
        assert len(path.read_text().splitlines()) < 25, f"{path.name}: move work to the package"


@pytest.mark.parametrize("date_format", reader.DATE_FORMATS)
def test_staging_reads_the_dates_that_the_reader_accepts(date_format):
    sql = sql_models.render("{{ parse_invoice_date('invoice_date', 'date_format') }}")
    (of_format,) = re.findall(f"'{date_format}'\\s+then (.*?])", sql, re.DOTALL)
    assert set(re.findall(r"'(%[^']+)'", of_format)) == set(reader.DATE_FORMATS[date_format])


def test_sql_and_the_reader_list_the_same_fields():
    assert tuple(sql_models.render("{{ raw_columns() }}").strip().split(", ")) == files.COLUMNS
    more = sql_models.render("{{ more_raw_columns() }}").replace("\n", " ").split(",")
    assert tuple(name.strip() for name in more) == files.MORE_FIELDS
    fields = mapping.recognise("header", files.HEADER.split(",")).sources
    assert [mapping.RAW_NAMES.get(name, name) for name in fields] == list(files.COLUMNS)


def test_staging_trims_what_the_reader_trims():
    sql = sql_models.render("{{ clean_text('x') }}")
    codes = re.findall(r"chr\((\d+)\)", sql)
    assert {" ", *(chr(int(code)) for code in codes)} == set(reader.BLANKS)
    assert "' '" in sql


def test_what_trains_is_imported_in_its_own_process_alone():
    """A dbt Python model that imports scipy would hold up dbt's threads, and two at once fail."""
    code = """
import pathlib, sys
sys.path.insert(0, "python_models")
for path in pathlib.Path("python_models").rglob("*.py"):
    if "gift_shop" not in path.parts:
        exec(compile(path.read_text(), path, "exec"), {})
print(sorted({"scipy", "sklearn"} & sys.modules.keys()))
"""
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_reading_and_sql_alone_import_no_model():
    code = (
        "import sys; import gift_shop.ingestion.reader, gift_shop.evaluation.intervals;"
        "import gift_shop.forecasting.predictions, gift_shop.publishing.published_files;"
        "sys.exit('scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "python_models", check=True)
