import fcntl
import os
import re
import shutil

import pytest
from gift_shop.sample import generator
from shop import SAMPLE, Shop

# the files that take longest come first, so that no process of tests is left with one at the end
FIRST = ["test_faults.py", "test_odd_shops.py", "test_time_passing.py", "test_report.py"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_make_parametrize_id(val, argname):
    """Packed bytes hold the time they were packed at; the processes of tests must name tests alike."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else 9)


@pytest.fixture(autouse=True, scope="session")
def key_file(tmp_path_factory):
    """No test makes or reads the key of whoever runs it."""
    os.environ["GIFT_SHOP_KEY_FILE"] = str(tmp_path_factory.mktemp("key") / "key")


@pytest.fixture
def shop(tmp_path_factory):
    """An empty shop in a folder of its own."""
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory):
    """Made as the shipped sample is, named like it, and small, since many tests build it."""
    path = tmp_path_factory.mktemp("small") / SAMPLE.name
    generator.write_sample(path, lines=60_000)
    return path


@pytest.fixture(scope="session")
def sample(tmp_path_factory, small_sample):
    """The small sample, built as the README says, unit tests included, once for all processes of
    tests. For reading."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample"
    folder.mkdir(exist_ok=True)
    shop = Shop(folder, unit_tests=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shop.published.exists():
            built = shop.process("build", raw=small_sample)
            assert built.returncode == 0, built.stdout
            assert re.search(r"Finished running .* unit tests", built.stdout)
            assert "(the SYNTHETIC SAMPLE)" in built.stdout
    return shop


@pytest.fixture(scope="module")
def chromium():
    """A browser, or a failure in CI, a skip elsewhere."""
    path = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not path:
        missing = "Chromium is not installed (apt-get install chromium, or set CHROMIUM)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
