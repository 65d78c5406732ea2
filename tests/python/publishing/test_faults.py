"""Kills, a full disk, a folder that cannot be written, two builds at once, readers meanwhile.

Two versions of a shop with the same as-of date: `before` has been published, `after` is built when
the fault comes. What counts is what people see: the published files are those of one build or the
other, and the next build is equal to one that nothing has disturbed.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from gift_shop.publishing import published_files
from shop import PROJECT, Shop

BEFORE = [
    f"{n},CUP{n % 4},RED CUP {n % 4},{1 + n % 7},{1 + n // 28}/{1 + n % 28}/2011 10:00,2.00,{1 + n % 10},France"
    for n in range(84)
]
AFTER = [line.replace("2.00", "3.00") if number % 3 else line for number, line in enumerate(BEFORE)]
GATE = "select * from quality.build_gate order by all"
# moments of the kill as a share of an undisturbed build's time
_random = random.Random(7)
MOMENTS = sorted(_random.uniform(0.05, 1) for _ in range(20))
KILLS = [pytest.param(moment, id=f"kill-{number + 1}-at-{moment:.0%}", marks=() if number == 11 else pytest.mark.slow)
         for number, moment in enumerate(MOMENTS)]  # fmt: skip


def contents(shop: Shop) -> dict[str, bytes]:
    """The published files but for the DuckDB file, whose bytes may differ for the same tables."""
    return {name: content for name, content in shop.files().items() if "duckdb" not in name}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("before"))
    shop.write(BEFORE)
    shop.build()
    return shop


@pytest.fixture(scope="module")
def seconds(after_in_seconds):
    """How long an undisturbed build takes, the project parsed."""
    return after_in_seconds[1]


@pytest.fixture(scope="module")
def after(after_in_seconds):
    return after_in_seconds[0]


@pytest.fixture(scope="module")
def after_in_seconds(before, tmp_path_factory):
    # with the same past: bands of order sizes are kept from build to build
    shop = Shop(tmp_path_factory.mktemp("after"))
    shutil.copytree(before.folder, shop.folder, dirs_exist_ok=True)
    shop.write(AFTER)
    started = time.monotonic()
    # a process of its own, as those that are killed
    assert shop.process("build").returncode == 0
    return shop, time.monotonic() - started


@pytest.fixture
def victim(before, tmp_path_factory):
    """A shop that has published `before` and now has the lines of `after`."""
    shop = Shop(tmp_path_factory.mktemp("victim"))
    shutil.copytree(before.folder, shop.folder, dirs_exist_ok=True)
    shop.write(AFTER)
    return shop


def assert_readable_and_of_one_build(shop: Shop, *builds: Shop) -> None:
    with duckdb.connect(str(shop.published / "gift_shop.duckdb"), read_only=True) as connection:
        figures = connection.execute("select * from customers order by all").fetchall()
    assert figures in [build.rows("select * from marts.customers order by all") for build in builds]
    manifest = json.loads((shop.published / "manifest.json").read_text())
    ids = [
        json.loads((build.published / "manifest.json").read_text())["build_id"] for build in builds
    ]
    assert manifest["build_id"] in ids


def assert_next_build_is_as_undisturbed(shop: Shop, after: Shop) -> None:
    shop.build()
    assert shop.rows(GATE) == after.rows(GATE)
    assert contents(shop) == contents(after)


@pytest.mark.parametrize("moment", KILLS)
def test_after_a_kill_the_next_build_is_as_undisturbed(victim, before, after, seconds, moment):
    build = victim.start(*victim.command("build"))
    time.sleep(moment * seconds)
    build.kill()
    build.wait()
    assert_readable_and_of_one_build(victim, before, after)
    assert_next_build_is_as_undisturbed(victim, after)


def test_a_kill_while_publishing(victim, before, after):
    build = victim.start(*victim.command("build"))
    while not list(victim.published.glob(".writing-*")) and build.poll() is None:
        time.sleep(0.001)
    build.kill()
    build.wait()
    assert build.returncode == -signal.SIGKILL
    assert_readable_and_of_one_build(victim, before, after)
    assert_next_build_is_as_undisturbed(victim, after)
    assert not list(victim.published.rglob(".writing-*"))


@contextlib.contextmanager
def mounted(folder: Path, size: int):
    """A file system of so many bytes at the folder, which keeps its files; skip where not allowed."""
    files = shutil.copytree(folder, folder.with_name("kept"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("needs the right to mount a small file system (root)")
    try:
        shutil.copytree(files, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def bytes_of(folder: Path) -> int:
    # tmpfs counts pages of 4 KB
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*"))


def test_published_files_that_cannot_be_written(victim, after):
    """A full disk, as a whole build says it; then a read-only folder, as publishing says it."""
    files = victim.files()
    message = f"{victim.published}: cannot be written"
    with mounted(victim.published, int(1.5 * bytes_of(victim.published))):
        result = victim.dbt("build")
        assert result.returncode == 1
        words = (f"PublishError: {message}", "No space left", "Make room")
        assert all(word in result.stdout for word in words), result.stdout
        assert "Traceback" not in result.stdout
        assert victim.files() == files
        assert not list(victim.published.rglob(".writing-*"))

        read_only = ["mount", "-o", "remount,ro", str(victim.published)]
        subprocess.run(read_only, check=True)
        with (
            duckdb.connect(str(victim.database)) as connection,
            pytest.raises(published_files.PublishError) as caught,
        ):
            published_files.publish(connection, victim.published)
        assert message in str(caught.value) and "Read-only file system" in str(caught.value)
        assert victim.files() == files
    assert_next_build_is_as_undisturbed(victim, after)


def test_a_full_disk_under_the_working_file(victim):
    small = victim.folder / "small"
    small.mkdir()
    moved = Shop(small)
    # DuckDB keeps what is new in its log first, which needs 0.2 MB here
    with mounted(small, 100_000):
        moved.write(AFTER)
        files = victim.files()
        result = victim.process("build", raw=moved.invoices, GIFT_SHOP_DB=str(moved.database))
        assert result.returncode in (1, 2)
        assert "No space left on device" in result.stdout, result.stdout
        assert victim.files() == files


def test_a_working_file_that_cannot_be_made(shop):
    shop.write(AFTER)
    environment = shop.environment() | {"GIFT_SHOP_DB": "/proc/nowhere/gift_shop.duckdb"}
    result = subprocess.run(
        ["make", "-s", "build"],
        check=False,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    first, *_ = result.stderr.splitlines()
    assert first.startswith("/proc/nowhere/gift_shop.duckdb cannot be built: ")
    assert "Traceback" not in result.stderr


def test_a_second_build_says_who_holds_the_first(victim, after):
    first = victim.start("make", "-s", "build", stdout=subprocess.PIPE)
    for line in first.stdout:  # until the working file is open
        if line.endswith(": reading the file\n"):
            break
    second = victim.start("make", "-s", "build", stdout=subprocess.PIPE)
    printed, *rest = second.communicate()[0].splitlines()
    assert second.returncode != 0
    assert f"is building {victim.database}: wait until it is done, or stop it" in printed
    process = int(printed.split()[1])
    assert (
        "dbt" in Path(f"/proc/{process}/cmdline").read_text() if os.path.exists("/proc") else True
    )
    assert [line for line in rest if not line.startswith("make")] == []
    # who calls dbt itself gets DuckDB's own words
    plain = victim.dbt("build")
    assert plain.returncode != 0
    assert "Could not set lock" in plain.stdout and f"PID {process}" in plain.stdout
    printed = first.stdout.read().splitlines()
    assert first.wait() == 0
    assert sum(line.startswith("published build ") for line in printed) == 1
    assert " s  done, no warnings; " in printed[-1]
    assert victim.rows(GATE) == after.rows(GATE)
    assert contents(victim) == contents(after)


def test_of_a_refused_file_make_build_says_one_sentence(victim):
    victim.invoices.write_text("InvoiceNo,StockCode\n1,CUP\n")
    files = victim.files()
    build = victim.start("make", "-s", "build", stdout=subprocess.PIPE)
    printed = build.communicate()[0].splitlines()
    assert build.returncode != 0
    assert victim.files() == files
    (sentence,) = [line for line in printed if not line.startswith("make")]
    assert sentence.startswith(f"{victim.invoices}: ")


def test_who_ends_make_build_ends_dbt(victim, after):
    build = victim.start(sys.executable, "-m", "gift_shop.publishing.build", *victim.command("build"),
                         stdout=subprocess.PIPE)  # fmt: skip
    printed = []
    for line in build.stdout:
        printed.append(line)
        if line.endswith(": reading the file\n"):
            build.terminate()
    assert "ended by signal 15" in printed[-1], printed
    assert_next_build_is_as_undisturbed(victim, after)


READER = """
import csv, json, sys, duckdb
folder, allowed = sys.argv[1], json.loads(sys.argv[2])
reads = 0
print("ready", flush=True)
while True:
    with duckdb.connect(f"{folder}/gift_shop.duckdb", read_only=True) as connection:
        build, = connection.execute("select build_id from build_info").fetchone()
        money = str(connection.execute("select sum(monetary) from customers").fetchone()[0])
        assert allowed[build] == money, (build, money)
        parquet = f"{folder}/parquet/customers.parquet"
        money = connection.execute("select sum(monetary) from read_parquet(?)", [parquet]).fetchone()
        assert str(money[0]) in allowed.values(), money
    with open(f"{folder}/csv/customers.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 10
    with open(f"{folder}/manifest.json") as file:
        assert json.load(file)["build_id"] in allowed
    reads += 4
    print(reads, flush=True)
"""


def test_readers_never_see_half_a_file(before, after, tmp_path):
    folder, allowed = tmp_path / "published", {}
    connections = []
    for shop in (before, after):
        working = shutil.copy(shop.database, tmp_path / f"{shop.folder.name}.duckdb")
        connection = duckdb.connect(str(working), config={"threads": 1})
        connections.append(connection)
        build_id = published_files.publish(connection, folder)["build_id"].iloc[0]
        money = connection.execute("select sum(monetary) from marts.customers").fetchone()[0]
        allowed[build_id] = str(money)
    assert len(set(allowed.values())) == 2
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), json.dumps(allowed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        for round_no in range(12):
            published_files.publish(connections[round_no % 2], folder)
        time.sleep(1)
        assert [reader.poll() for reader in readers] == [None, None]
    finally:
        for reader in readers:
            reader.kill()
    reads = 0
    for reader in readers:
        printed, complaint = reader.communicate()
        assert complaint == ""
        reads += int(printed.splitlines()[-1])
    assert reads >= 500
