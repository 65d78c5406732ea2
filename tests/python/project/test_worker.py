"""The process that trains: the results and errors of this one, and a life no longer than its caller's."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from gift_shop import worker
from gift_shop.errors import MissingOutcomeError
from gift_shop.models import segment_tables

POINTS = pd.DataFrame(
    {"customer_id": list("abc"), "recency_days": [1, 2, 9], "frequency": [3, 2, 1]}
    | {"monetary": [9.0, 5.0, 1.0]}
)


@pytest.fixture
def elsewhere(monkeypatch):
    """As in dbt's process, which has not imported what trains."""
    monkeypatch.delitem(sys.modules, "gift_shop.models")


def test_calls_side_by_side_give_what_they_give_here(elsewhere):
    def both(n):
        points = POINTS.head(n)
        there = worker.call("segment_tables.rfm_space.rfm", points)
        return there.tolist(), segment_tables.rfm_space.rfm(points).tolist()

    with ThreadPoolExecutor() as threads:
        for there, here in threads.map(both, (1, 2, 3)):
            assert there == here


def test_a_plain_error_is_raised_as_it_is(elsewhere):
    snapshots = POINTS.assign(cutoff_date=pd.Timestamp("2011-06-01"))
    outcomes = snapshots.assign(orders=1.0, spend=2.0).head(2)
    with pytest.raises(MissingOutcomeError) as caught:
        function = "segment_tables.selection.population"
        worker.call(function, snapshots, outcomes, snapshots["cutoff_date"][0])
    assert str(caught.value) == "1 customer known at 2011-06-01 without an outcome"


def test_another_error_comes_with_its_traceback(elsewhere):
    with pytest.raises(worker.WorkerError, match="(?s)Traceback.*in rfm\n.*KeyError"):
        worker.call("segment_tables.rfm_space.rfm", POINTS[["customer_id"]])


def test_a_process_that_dies_is_named(elsewhere, tmp_path):
    worker.start()
    never = tmp_path / "never"
    os.mkfifo(never)
    threading.Timer(0.5, worker._process.kill).start()
    message = r"the process that trains ended in categories.pd.read_csv \(status -9\)"
    with pytest.raises(worker.WorkerError, match=message):
        worker.call("categories.pd.read_csv", never)
    assert worker.call("segment_tables.rfm_space.rfm", POINTS).shape == (3, 3)  # by another


def test_it_ends_when_its_caller_is_killed():
    program = "from gift_shop import worker; worker.start(); print(worker._process.pid, flush=True)"
    command = [sys.executable, "-c", f"{program}; input()"]
    environment = os.environ | {"PYTHONPATH": worker.PACKAGES}
    caller = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    process = int(caller.stdout.readline())
    os.kill(process, 0)  # it lives
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"process {process} outlives its caller")
