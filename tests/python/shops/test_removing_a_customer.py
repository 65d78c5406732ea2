"""What SECURITY.md says about a customer who asks to be deleted, done word for word."""

import re
import subprocess
import sys
import textwrap

import pytest
from shop import PROJECT

GONE = "someone-4711"
LINES = [
    f"{n},CUP{n % 4},RED CUP {n % 4},{1 + n % 7},{1 + n // 28}/{1 + n % 28}/2011 10:00,2.00,"
    f"{GONE if n % 10 == 3 else 1 + n % 10},France"
    for n in range(84)
]


def files_that_name(shop) -> set[str]:
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    return {path.name for path in files if GONE.encode() in path.read_bytes()}


@pytest.mark.slow
def test_a_removed_customer_is_nowhere(shop):
    shop.write(LINES)
    shop.build()
    others = f"select * from marts.segment_log where customer_id <> '{GONE}' order by all"
    logged = shop.rows(others)
    assert {"invoices.csv", "gift_shop.duckdb", "customers.csv"} <= files_that_name(shop)

    shop.write([line for line in LINES if GONE not in line])
    (command,) = re.findall(r"(?s)```bash\n(.*?)```", (PROJECT / "SECURITY.md").read_text())
    command = textwrap.dedent(command).replace(
        ".venv/bin/python - 12345", f"{sys.executable} - {GONE}"
    )
    subprocess.run(["bash", "-e"], input=command, cwd=shop.folder, check=True, text=True)
    assert shop.rows(others) == logged != []
    shop.build()
    assert shop.row("select count(*) from marts.customers") == (9,)
    assert files_that_name(shop) == set()
