"""The published DuckDB file opens in a DuckDB 1.x client, as a BI tool brings along."""

import os
import subprocess
import venv
from decimal import Decimal

import pytest


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A Python with duckdb 1.x, apart from the project's own."""
    folder = tmp_path_factory.mktemp("client")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    result = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "duckdb==1.*"],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        missing = f"duckdb 1.x cannot be installed: {result.stderr.strip()[-200:]}"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return python


def test_a_duckdb_1_client_reads_the_published_file(client, sample):
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "tables = [name for (name,) in c.execute('show tables').fetchall()];"
        "rows = {t: len(c.execute(f'select * from \"{t}\"').fetchall()) for t in tables};"
        "print(duckdb.__version__, rows['customers'],"
        " c.execute('select sum(monetary) from customers').fetchone()[0])"
    )
    database = sample.published / "gift_shop.duckdb"
    result = subprocess.run(
        [client, "-c", code, database], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    version, customers, monetary = result.stdout.split()
    assert version.startswith("1.")
    here = sample.row("select count(*), sum(monetary) from marts.customers")
    assert (int(customers), Decimal(monetary)) == here
