"""Documents name files that are there."""

import re

import pytest
from gift_shop.clustering.algorithms import ALGORITHMS
from shop import PROJECT

from charts import formats

DOCUMENTS = [
    path.relative_to(PROJECT).as_posix()
    for path in (
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/*.md"),
        PROJECT / "seeds/sample/README.md",
    )
]
FOLDERS = "charts|docs|macros|models|profiles|python_models|seeds|tests"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_are_there(document):
    text = (PROJECT / document).read_text()
    named = set(re.findall(rf"`((?:{FOLDERS})/[\w/.]+)`", text))
    named |= {f"python_models/{path}" for path in re.findall(r"`(gift_shop/[\w/.]+)`", text)}
    named = {path for path in named if not re.search("NAME|SUBJECT", path)}
    missing = {path for path in named if not (PROJECT / path).exists()}
    folder = (PROJECT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    missing |= {link for link in links if not (folder / link).exists()}
    assert not missing


def test_the_design_names_every_clustering_algorithm():
    text = " ".join((PROJECT / "docs/design.md").read_text().lower().split())
    assert [name for name in ALGORITHMS if formats.plain(name).lower() not in text] == []
