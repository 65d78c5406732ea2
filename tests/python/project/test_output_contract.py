"""docs/output_contract.md lists every table that people may rely on, and its key as it is checked."""

import re

import yaml
from shop import PROJECT

CONTRACT = (PROJECT / "docs" / "output_contract.md").read_text()
LISTED = re.findall(r"(?m)^\| `(\w+)` \| ([\w, ]+) \| (yes|no) \|$", CONTRACT)
# published too, though they are written behind the gate
LOGGED = ["segment_log", "segment_drift", "campaign_contacts", "campaign_results"]


def gate() -> tuple[list[str], list[str]]:
    """The tables that the gate publishes, and those that it only checks."""
    text = (PROJECT / "models" / "publishing" / "build_gate.sql").read_text()
    published, _, checked = text.partition("set checked")
    return re.findall(r"ref\('(\w+)'\)", published), re.findall(r"ref\('(\w+)'\)", checked)


def keys() -> dict[str, str]:
    """The grain of each model, as its checks have it."""
    found = {}
    for folder in ("models", "python_models"):
        for path in (PROJECT / folder).rglob("*.yml"):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                for test in model.get("data_tests", []):
                    arguments = test.get("checks", {}).get("arguments", {})
                    if "grain" in arguments:
                        found[model["name"]] = ", ".join(arguments["grain"])
                    elif arguments.get("one_row"):
                        found[model["name"]] = "one row"
    return found


def test_every_table_is_listed_with_its_key():
    published, checked = gate()
    names = published + LOGGED + checked
    found = keys()
    assert len(LISTED) == len(names) > 20
    assert {name: key for name, key, _ in LISTED} == {name: found.get(name) for name in names}


def test_what_is_published_is_marked_so():
    published, _ = gate()
    assert {name for name, _, answer in LISTED if answer == "yes"} == {*published, *LOGGED}
