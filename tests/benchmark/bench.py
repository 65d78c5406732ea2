"""Where a build's time goes, and how it compares with what else there is. No test depends on it.

Prints tables for people and writes the same figures to target/bench.json. Ratios are of medians
measured in one run, so that they mean the same on another machine:

- a whole `make build`, and one of the models without machine learning, each beside the row-by-row
  matching of returns that published notebooks of this data run in pandas
- dbt's floor: a project of as many models and tests that do nothing
- the SQL of all models without machine learning, run without dbt, beside a bare `read_csv` and
  `count(*)` of the same file

With --growth a table instead: one row for each of so many million generated lines. 50 million take
a quarter of an hour, and 20 GB of disk in the folder for temporary files (TMPDIR).
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
from gift_shop.sample.generator import write_sample

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "seeds" / "sample" / "online_retail_sample.csv.gz"
FIGURES = PROJECT / "target" / "bench.json"
DBT = str(Path(sys.executable).with_name("dbt"))
SQL_ONLY = [DBT, "build", "--selector", "sql_only", "--exclude-resource-type", "unit_test"]
LARGEST_LOOP = 2_000_000  # lines; beyond it the loop would run for hours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", nargs="?", default=str(SAMPLE), help="CSV or CSV.gz of invoices")
    parser.add_argument("--runs", type=int, default=3, help="of each build; the median counts")
    parser.add_argument("--growth", nargs="+", type=float, metavar="MILLIONS")
    options = parser.parse_args()
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "pandas": pd.__version__,
        "duckdb": duckdb.__version__,
    }
    if options.growth:
        _keep({"growth": _growth(options.growth), "growth_machine": machine})
    else:
        _keep(_one_file(Path(options.raw).resolve(), options.runs) | {"machine": machine})


def _keep(figures: dict) -> None:
    """Add to the figures of earlier runs."""
    FIGURES.parent.mkdir(exist_ok=True)
    earlier = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    FIGURES.write_text(json.dumps(earlier | figures, indent=2) + "\n")
    print(f"\nall figures: {FIGURES.relative_to(PROJECT)}")


def _growth(millions: list[float]) -> list[dict]:
    """How time and memory grow with the lines."""
    print("| lines | seconds | per million lines | of processor time | peak memory |")
    print("|---:|---:|---:|---:|---:|", flush=True)
    rows = []
    for million in millions:
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "invoices.csv"
            write_sample(str(raw), int(million * 1e6))
            run = _run(["make", "-s", "build"], raw, Path(folder))
            lines = _lines(Path(folder))
        rows.append({"lines": lines} | vars(run))
        per_million = [seconds / lines * 1e6 for seconds in (run.seconds, run.processor_seconds)]
        print(
            f"| {lines:,} | {run.seconds:.0f} | {per_million[0]:.1f} | {per_million[1]:.1f}"
            f" | {run.peak_gb:.1f} GB |",
            flush=True,
        )
    return rows


def _one_file(raw: Path, runs: int) -> dict:
    """The figures of one file, printed as well."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _run(
            ["make", "-s", "build"], raw, folder
        )  # once before, so that dbt has parsed the project
        builds = [_run(["make", "-s", "build"], raw, folder) for _ in range(runs)]
        stages = _stages(folder, builds[-1].seconds)
        lines = _lines(folder)
        sql = statistics.median(_sql_alone(folder) for _ in range(runs))
        sql_only = [_run(SQL_ONLY, raw, folder) for _ in range(runs)]
        floor = _floor(folder, runs)
    bare = statistics.median(_seconds(_bare_read, raw) for _ in range(runs))
    loop = _seconds(_match_row_by_row, _notebook_frame(raw)) if lines <= LARGEST_LOOP else None

    build = statistics.median(run.seconds for run in builds)
    seconds = {
        "make build": build,
        "sql_only": statistics.median(run.seconds for run in sql_only),
        "dbt's floor": floor,
        "SQL without dbt": sql,
        "bare read": bare,
        "notebooks' loop": loop,
    }
    beside = [("SQL without dbt", "bare read"), ("dbt's floor", "make build")]
    if loop:
        beside = [("make build", "notebooks' loop"), ("sql_only", "notebooks' loop"), *beside]
    ratios = {f"{one} / {other}": seconds[one] / seconds[other] for one, other in beside}
    peak = max(run.peak_gb for run in builds)

    print(f"{raw.name}: {lines:,} lines, median of {runs} runs\n")
    print("| stage of `make build` | seconds | share of the work |\n|---|---:|---:|")
    for stage, busy in stages.items():
        print(f"| {stage} | {busy:.2f} | {busy / sum(stages.values()):.0%} |")
    print("\n| what | seconds |\n|---|---:|")
    for what, taken in seconds.items():
        print(f"| {what} | {'' if taken is None else f'{taken:.2f}'} |")
    print("\n| ratio | |\n|---|---:|")
    for what, ratio in ratios.items():
        print(f"| {what} | {ratio:.2f} |")
    print(f"\npeak memory of all processes together: {peak:.2f} GB")
    return {
        "file": raw.name,
        "lines": lines,
        "runs": runs,
        "stages": stages,
        "seconds": seconds,
        "ratios": ratios,
        "builds": [vars(run) for run in builds],
        "sql_only_builds": [vars(run) for run in sql_only],
    }


@dataclass
class Run:
    seconds: float
    processor_seconds: float  # of all its processes
    peak_gb: float  # of all its processes together, looked at four times a second


def _run(command: list[str], raw: Path, folder: Path) -> Run:
    """Run a command that must succeed, with everything it writes in the folder."""
    environment = os.environ | {
        "RAW_INVOICES": str(raw),
        "GIFT_SHOP_DB": str(folder / "gift_shop.duckdb"),
        "GIFT_SHOP_PUBLISHED": str(folder / "published"),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    printed = folder / "printed.txt"
    peak, done = 0, 0
    started = time.perf_counter()
    with open(printed, "w") as out:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        while not done:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.25)
            done, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(printed.read_text())
    return Run(seconds, used.ru_utime + used.ru_stime, peak / 1e6)


def _memory(session: int) -> int:
    """KB that the processes of a session hold; a page that several share counts once (Linux: PSS)."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                rollup = (folder / "smaps_rollup").read_text()
                total += int(rollup.partition("\nPss:")[2].split()[0])
        except (OSError, IndexError):  # it has ended
            continue
    return total


def _lines(folder: Path) -> int:
    with duckdb.connect(str(folder / "gift_shop.duckdb"), read_only=True) as connection:
        return connection.execute("from quality.cleaning_ledger select sum(lines)::bigint").fetchone()[0]  # fmt: skip


def _nodes(folder: Path) -> list[tuple[dict, dict]]:
    """What the last build ran, in order: the manifest's entry and the result of each node."""
    manifest = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    ran = [result for result in results if result["timing"] and result["unique_id"] in manifest]
    ran.sort(key=lambda result: result["timing"][-1]["started_at"])
    return [(manifest[result["unique_id"]], result) for result in ran]


def _stages(folder: Path, seconds: float) -> dict[str, float]:
    """Busy seconds of the last build. Two threads work side by side: the sum passes the total."""
    stages = defaultdict(float)
    nodes = _nodes(folder)
    moments = [step[when] for _, result in nodes for step in result["timing"]
               for when in ("started_at", "completed_at")]  # fmt: skip
    first, last = (datetime.fromisoformat(moment) for moment in (min(moments), max(moments)))
    stages["before the first node and after the last"] = seconds - (last - first).total_seconds()
    for node, result in nodes:
        if node["resource_type"] != "model":
            stage = {"seed": "seeds", "test": "data tests"}.get(node["resource_type"], "hooks")
        elif node["language"] == "python":
            stage = node["name"]
        else:
            stage = f"SQL of {node['schema']}"
        stages[stage] += result["execution_time"]
    return dict(sorted(stages.items(), key=lambda stage: -stage[1]))


def _sql_alone(folder: Path) -> float:
    """Seconds to make all models without machine learning again, without dbt."""
    models = [
        (node["schema"], node["name"], node["config"]["materialized"], result["compiled_code"])
        for node, result in _nodes(folder)
        if node["resource_type"] == "model" and node["language"] == "sql"
        and "ml" not in node["tags"]
    ]  # fmt: skip
    with duckdb.connect(str(folder / "gift_shop.duckdb"), config={"threads": 2}) as connection:
        started = time.perf_counter()
        for schema, name, kind, code in models:
            kind = "view" if kind == "view" else "table"
            connection.execute(f"create or replace {kind} {schema}.{name} as {code}")
        return time.perf_counter() - started


def _floor(folder: Path, runs: int) -> float:
    """Seconds of dbt for a project of as many models and tests as the last build ran, which do nothing."""
    kinds = [node["resource_type"] for node, _ in _nodes(folder)]
    project = folder / "floor"
    for kind in ("models", "tests"):
        (project / kind).mkdir(parents=True)
    (project / "dbt_project.yml").write_text(
        "{name: floor, profile: gift_shop, models: {+materialized: table},"
        " flags: {send_anonymous_usage_stats: false}}"
    )
    for number in range(len(kinds) - kinds.count("test")):
        (project / "models" / f"m{number}.sql").write_text("select 1 as one")
    for number in range(kinds.count("test")):
        query = f"select one from {{{{ ref('m{number % 9}') }}}} where one > 1"
        (project / "tests" / f"t{number}.sql").write_text(query)
    command = [DBT, "build", "--project-dir", str(project)]
    _run(command, SAMPLE, project)
    return statistics.median(_run(command, SAMPLE, project).seconds for _ in range(runs))


def _seconds(function, *args) -> float:
    started = time.perf_counter()
    function(*args)
    return time.perf_counter() - started


def _bare_read(raw: Path) -> None:
    duckdb.connect().execute(
        "select count(*) from read_csv(?, all_varchar = true, header = true, encoding = 'latin-1',"
        " ignore_errors = true)",
        [str(raw)],
    ).fetchall()


def _notebook_frame(raw: Path) -> pd.DataFrame:
    """Invoices as the notebooks hold them: identified customers, duplicates dropped."""
    frame = pd.read_csv(raw, encoding="latin-1", dtype={"CustomerID": str, "StockCode": str},
                        on_bad_lines="skip")  # fmt: skip
    for column in ("Quantity", "UnitPrice"):
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    frame["InvoiceDate"] = pd.to_datetime(
        frame["InvoiceDate"], format="%m/%d/%Y %H:%M", errors="coerce"
    )
    return frame.dropna(subset=["CustomerID", "Quantity"]).drop_duplicates().reset_index(drop=True)


def _match_row_by_row(frame: pd.DataFrame) -> pd.DataFrame:
    """Each cancellation searches the whole frame for its purchase, as the notebooks do."""
    cleaned = frame.copy()
    cleaned["QuantityCanceled"] = 0
    for _, row in frame.iterrows():
        if row["Quantity"] > 0 or row["Description"] == "Discount":
            continue
        earlier = frame[
            (frame["CustomerID"] == row["CustomerID"])
            & (frame["StockCode"] == row["StockCode"])
            & (frame["InvoiceDate"] < row["InvoiceDate"])
            & (frame["Quantity"] > 0)
        ].copy()
        for index, purchase in earlier.sort_index(ascending=False).iterrows():
            if len(earlier) == 1 or purchase["Quantity"] >= -row["Quantity"]:
                cleaned.loc[index, "QuantityCanceled"] = -row["Quantity"]
                break
    return cleaned


if __name__ == "__main__":
    main()
