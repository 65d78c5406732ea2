"""Whole builds in a temporary folder: hand-made invoices in, `dbt build`, tables out."""

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "seeds" / "sample" / "online_retail_sample.csv.gz"
DBT = Path(sys.executable).with_name("dbt")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


@dataclass
class Shop:
    """One shop's files: its raw invoices, working file and published folder."""

    folder: Path
    project: Path = PROJECT
    # their rows are fixed and a quarter of a small build's time: the sample's build runs them for all
    unit_tests: bool = False

    @property
    def invoices(self) -> Path:
        return self.folder / "invoices.csv"

    @property
    def database(self) -> Path:
        return self.folder / "gift_shop.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "published"

    def write(self, lines: list[str], header: str = HEADER) -> None:
        self.invoices.write_text("\n".join([header, *lines]) + "\n")

    def environment(self, raw: Path | None = None) -> dict[str, str]:
        settings = {
            "DBT_PROJECT_DIR": str(self.project),
            "DBT_PROFILES_DIR": str(self.project / "profiles"),
            "RAW_INVOICES": str(raw or self.invoices),
            "GIFT_SHOP_DB": str(self.database),
            "GIFT_SHOP_PUBLISHED": str(self.published),
            "GIFT_SHOP_KEY_FILE": str(self.folder / "key"),
            # as the Makefile has it
            "PYTHONPATH": str(self.project / "python_models"),
        }
        if not self.unit_tests:
            settings["DBT_EXCLUDE_RESOURCE_TYPES"] = "unit_test"
        return os.environ | settings

    def command(self, *args: str) -> list[str]:
        """A call of dbt. The parsed project is kept beside the temporary folders of one test
        session, so that only its first call parses it; vars make dbt parse it anew, so calls with
        vars have their own."""
        vars_or_not = "-vars" if "--vars" in args else ""
        target = self.folder.parent / f"target-{self.project.name}{vars_or_not}"
        logs = self.folder / "logs"
        return [str(DBT), *args, "--target-path", str(target), "--log-path", str(logs)]

    def process(
        self, *args: str, raw: Path | None = None, **settings: str
    ) -> subprocess.CompletedProcess:
        """Call dbt as a user does, in a process of its own, with more environment variables."""
        return subprocess.run(
            self.command(*args),
            cwd=self.project,
            env=self.environment(raw) | settings,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def dbt(self, *args: str, raw: Path | None = None) -> subprocess.CompletedProcess:
        """The same in a fork of a process that has imported dbt: half the time, the same tables
        (test_readme.py, test_faults.py). What a library reads when it is loaded needs a process."""
        command = self.command(*args)
        output = self.folder.parent / "output.txt"
        output.unlink(missing_ok=True)
        request = {
            "args": command[1:],
            "folder": str(self.project),
            "environment": self.environment(raw),
            "output": str(output),
        }
        server = _dbt_server(self.folder.parent / f"target-{PROJECT.name}")
        print(json.dumps(request), file=server.stdin, flush=True)
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(command, code, output.read_text())

    def start(self, *command: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen:
        """Start a command in the project, this shop's paths set, and go on. Who asks for its words by
        a pipe must read them: a full pipe stops a build."""
        return subprocess.Popen(
            command,
            cwd=self.project,
            env=self.environment(),
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self, *args: str, raw: Path | None = None) -> str:
        """A build that must be green; what dbt printed."""
        result = self.dbt("build", *args, raw=raw)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def rows(self, query: str) -> list[tuple]:
        """Rows of a query on the working file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def row(self, query: str) -> tuple:
        """The one row of a query on the working file."""
        (row,) = self.rows(query)
        return row

    def files(self) -> dict[str, bytes]:
        """Every published file's content."""
        return {
            str(path.relative_to(self.published)): path.read_bytes()
            for path in sorted(self.published.rglob("*"))
            if path.is_file()
        }


@functools.cache
def _dbt_server(target: Path) -> subprocess.Popen:
    """One for each process of tests, which ends with it."""
    return subprocess.Popen(
        [sys.executable, Path(__file__).with_name("dbt_server.py"), PROJECT, target],
        # two processes of tests at a time leave a core to each
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def copy_of_project(target: Path) -> Path:
    """The project without its environment and its products."""
    return Path(
        shutil.copytree(
            PROJECT,
            target,
            symlinks=True,
            ignore=shutil.ignore_patterns(
                ".git", ".venv*", ".*_cache", "target", "logs", "published", "*.duckdb*"
            ),
        )
    )
