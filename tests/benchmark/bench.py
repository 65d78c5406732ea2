"""Where a build's time goes, and how it compares with what else there is. No test depends on it.

Prints one line a stage in busy seconds (two threads work side by side, so their sum may pass the
total), the peak memory, and two ratios measured in the same run: the SQL of all models without ML,
run without dbt, against a bare `read_csv` and `count(*)` of the same file, and the whole build against the
row-by-row matching of returns that published notebooks of this data run in pandas.

With --growth a table instead: one row for each of so many million generated lines. 50 million take a quarter of
an hour, and 20 GB of disk in the folder for temporary files (TMPDIR).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
from segmentation.sample import write_sample

PROJECT = Path(__file__).resolve().parents[2]
CLEAN = {"stg_invoice_lines", "int_duplicate_lines", "int_invoice_lines_classified", "int_as_of"}
MATCH = {"int_product_lines", "int_return_matches", "int_sales"}
LEARNERS = {
    "product_category_model": "categories",
    "customer_segment_grid": "number of clusters",
    "customer_segment_model": "segments",
    "customer_segment_holdout": "segments",
    "customer_segments": "segments",
    "customer_positions": "segments",
    "customer_value_model": "forecasts",
    "category_of_interest_model": "forecasts",
    "new_customer_segment_model": "forecasts",
    "prediction_intervals": "forecasts",
}
STAGES = ["read", "clean", "match", "rfm and marts", *dict.fromkeys(LEARNERS.values())]
STAGES += ["sql behind models", "tests", "publish"]
LARGEST_LOOP = 2_000_000  # lines; beyond it the loop would run for hours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sample = PROJECT / "seeds" / "sample" / "online_retail_sample.csv.gz"
    parser.add_argument("raw", nargs="?", default=str(sample), help="CSV or CSV.gz of invoices")
    parser.add_argument("--growth", nargs="+", type=float, metavar="MILLIONS")
    options = parser.parse_args()
    if options.growth:
        _growth(options.growth)
    else:
        _stages(str(Path(options.raw).resolve()))


def _growth(millions: list[float]) -> None:
    """Print how time and memory grow with the lines."""
    print("|      lines | seconds | per million lines | of processor time | peak GB |")
    print("|-----------:|--------:|------------------:|------------------:|--------:|", flush=True)
    for million in millions:
        with tempfile.TemporaryDirectory() as folder:
            raw = f"{folder}/invoices.csv"
            write_sample(raw, int(million * 1e6))
            total, used, *_ = _build(raw, Path(folder))
            database = duckdb.connect(f"{folder}/gift_shop.duckdb", read_only=True)
            ((lines,),) = database.execute(
                "from quality.cleaning_ledger select sum(lines)"
            ).fetchall()
            database.close()
        millions_read = lines / 1e6
        busy = used.ru_utime + used.ru_stime
        print(
            f"| {lines:10,} | {total:7.0f} | {total / millions_read:17.1f} | {busy / millions_read:17.1f}"
            f" | {used.ru_maxrss / 1e6:7.1f} |",
            flush=True,
        )


def _stages(raw: str) -> None:
    """Print where the time of one file's build goes, and what stands beside it."""
    with tempfile.TemporaryDirectory() as folder:
        _build(raw, Path(folder))  # once before, so that dbt has parsed the project
        total, used, stages, models = _build(raw, Path(folder))
        lines, sql = _sql_alone(Path(folder) / "gift_shop.duckdb", models)
    print(f"{raw}: {lines:,} lines")
    for stage, seconds in stages.items():
        print(f"  {stage:<24}{seconds:8.2f} s")
    print(f"  {'total':<24}{total:8.2f} s, {total / lines * 1e6:.1f} s per million lines")
    print(f"  {'peak memory':<24}{used.ru_maxrss / 1e6:8.2f} GB")

    bare = min(_seconds(_bare_read, raw) for _ in range(3))
    print(f"SQL without ML / bare read     {sql:.2f} s / {bare:.2f} s = {sql / bare:.2f}")
    if lines <= LARGEST_LOOP:
        loop = _seconds(_match_row_by_row, _notebook_frame(raw))
        print(f"whole build / notebook loop    {total:.2f} s / {loop:.2f} s = {total / loop:.2f}")


def _build(raw: str, folder: Path) -> tuple[float, resource.struct_rusage, dict[str, float], list]:
    """Run `dbt build`; its wall seconds, the resources it used, busy seconds for each stage, and the
    SQL models in the order they ran: (schema, name, materialization, compiled SQL)."""
    started = time.time()
    log = folder / "out.txt"
    with open(log, "w") as out:
        process = subprocess.Popen(
            [
                Path(sys.executable).with_name("dbt"),
                "build",
                "--target-path",
                str(folder / "target"),
            ],
            cwd=PROJECT,
            env=os.environ
            | {
                "RAW_INVOICES": raw,
                "GIFT_SHOP_DB": str(folder / "gift_shop.duckdb"),
                "GIFT_SHOP_PUBLISHED": str(folder / "published"),
                "DBT_LOG_PATH": str(folder / "logs"),
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
    total = time.time() - started
    if status:
        sys.exit(log.read_text())
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    manifest = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
    ran = sorted((node for node in results if _start(node)), key=_start)
    stages = {"start-up": _start(ran[0]) - started} | dict.fromkeys(STAGES, 0.0)
    models = []
    for result in ran:
        node = manifest.get(result["unique_id"], {})
        is_ml = "ml" in node.get("tags", [])
        stages[_stage(result["unique_id"], is_ml)] += result["execution_time"]
        if node.get("resource_type") == "model" and node["language"] == "sql" and not is_ml:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            models.append((node["schema"], node["name"], kind, result["compiled_code"]))
    return total, used, stages, models


def _sql_alone(database: Path, models: list[tuple]) -> tuple[int, float]:
    """Lines of the raw table, and seconds to make all SQL models again without dbt."""
    with duckdb.connect(str(database), config={"threads": 2}) as connection:
        lines = connection.execute("select count(*) from staging.raw_invoice_lines").fetchone()[0]
        started = time.perf_counter()
        for schema, name, kind, code in models:
            connection.execute(f"create or replace {kind} {schema}.{name} as {code}")
        return lines, time.perf_counter() - started


def _start(node: dict) -> float:
    starts = [step["started_at"] for step in node["timing"] if step["name"] == "execute"]
    return datetime.fromisoformat(starts[0]).timestamp() if starts else 0.0


def _stage(unique_id: str, is_ml: bool) -> str:
    kind, _, name = unique_id.split(".")[:3]
    if kind in ("test", "unit_test"):
        return "tests"
    if name in ("raw_invoice_lines", "raw_files"):
        return "read"
    if name in ("build_gate", "publish"):
        return "publish"
    if name in LEARNERS:
        return LEARNERS[name]
    if name in CLEAN:
        return "clean"
    if name in MATCH:
        return "match"
    return "sql behind models" if is_ml else "rfm and marts"


def _seconds(function, *args) -> float:
    started = time.perf_counter()
    function(*args)
    return time.perf_counter() - started


def _bare_read(raw: str) -> None:
    duckdb.connect().execute(
        "select count(*) from read_csv(?, all_varchar = true, header = true, encoding = 'latin-1')",
        [raw],
    ).fetchall()


def _notebook_frame(raw: str) -> pd.DataFrame:
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
