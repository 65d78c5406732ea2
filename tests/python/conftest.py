import pytest
from shop import Shop


@pytest.fixture
def shop(tmp_path_factory):
    """An empty shop in a folder of its own."""
    return Shop(tmp_path_factory.mktemp("shop"))
