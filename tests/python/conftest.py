import re

import pytest
from shop import SAMPLE, Shop


@pytest.fixture
def shop(tmp_path_factory):
    """An empty shop in a folder of its own."""
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The shipped sample, built as the README says, unit tests included. For reading."""
    shop = Shop(tmp_path_factory.mktemp("sample"), unit_tests=True)
    printed = shop.build(raw=SAMPLE)
    assert re.search(r"Finished running .* unit tests", printed)
    assert "(the SYNTHETIC SAMPLE)" in printed
    return shop
