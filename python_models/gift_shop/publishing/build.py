"""One build at a time, reported in a screenful: `python -m gift_shop.publishing.build dbt build ...`.

That is what `make build` does. The lock is an flock on a file beside the working file; dbt holds
it, so that it goes with the process, however that ends. Of dbt's events the screen gets the stages,
warnings and errors; with VERBOSE set dbt speaks for itself. Its whole log is in logs/dbt.log.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import yaml

from gift_shop import paths
from gift_shop.errors import PLAIN_ERRORS

# what a user waits for, by the first model of it
STAGES = {
    "raw_invoice_lines": "reading the file",
    "int_invoice_lines_classified": "cleaning: a class and a reason for each line",
    "int_return_matches": "matching returns with purchases",
    "int_products": "products",
    "int_customers": "customers",
    "product_category_model": "naming product categories",
    "customer_segment_grid": "choosing the number of clusters",
    "customer_segment_model": "segments",
    "customer_value_model": "forecasts of orders and spend",
    "category_of_interest_model": "forecasts of the category of interest",
    "prediction_intervals": "how good the forecasts are",
    "publish": "publishing",
}
PATIENCE = 5  # seconds without a line
REPORT = "report: "  # what macro print_report prints begins so
# an error that is the user's to fix, of Python or of SQL (macro raise_error), is a sentence after its name
SENTENCES = (*(error.__name__ for error in PLAIN_ERRORS), "Invalid Input Error")


def main(command: list[str]) -> None:
    """Run a build alone, report it on the screen, and exit with dbt's status.

    Parameters
    ----------
    command : list of str
        dbt's command line.

    Raises
    ------
    SystemExit
        Always, save with VERBOSE set, where dbt takes the place of this process: 1 where a signal
        has ended dbt, a sentence where another build runs, the lock's file cannot be written or the
        vars cannot be read.
    """
    check_vars(command)
    lock = _lock()
    if os.environ.get("VERBOSE"):
        _note(lock, os.getpid())
        os.execv(command[0], command)
    screen = Screen()
    status = screen.run(command, lock, lambda process: _note(lock, process))
    screen.close(status)
    sys.exit(status if status >= 0 else 1)


def check_vars(command: list[str]) -> None:
    """dbt would answer a date such as 2011-02-29 with a traceback of its YAML reader."""
    text = command[command.index("--vars") + 1] if "--vars" in command else ""
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        what = " ".join(str(error).split())
        sys.exit(f"VARS={text}: {what}. Write names and values as in 'as_of_date: 2011-02-28'")


def _lock() -> int:
    database = paths.database().resolve()
    try:
        lock = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        sys.exit(f"{database} cannot be built: {error}")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 200).decode() or "another process"
        sys.exit(f"{holder} is building {database}: wait until it is done, or stop it")
    os.set_inheritable(lock, True)
    return lock


def _note(lock: int, process: int) -> None:
    """Write who builds into the lock's file."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"process {process} (since {time.strftime('%H:%M:%S')})".encode(), 0)


class Screen:
    """What a build prints: a plain line for each stage, and one after a long silence.

    Until the files are accepted, which reading_report says, lines are held back: a refusal is one
    sentence on an otherwise empty screen. A terminal shows meanwhile what runs, on one line.
    """

    def __init__(self, *, with_stages: bool = True) -> None:
        self.with_stages = with_stages
        self.held: list[str] | None = []  # None once the files are accepted
        self.refused = False
        self.started = self.spoken = time.monotonic()
        self.running: dict[str, str] = {}  # id of each node at work and its name, the oldest first
        self.step, self.heading = "", ""
        self.stats: dict[str, int] = {}
        self.warned = 0  # of quality.build_warnings
        self.say(f"building from {paths.invoices()}: reading the project")
        threading.Thread(target=self._say_what_runs, daemon=True).start()

    def run(
        self,
        command: list[str],
        lock: int | None = None,
        noted: Callable[[int], None] | None = None,
    ) -> int:
        """Run dbt and show what it says.

        Parameters
        ----------
        command : list of str
        lock : int, optional
            A file that dbt holds open.
        noted : callable, optional
            Called with dbt's process id.

        Returns
        -------
        int
            Its status; negative, the signal that has ended it.
        """
        command = [*command, "--log-format", "json"]
        held = [] if lock is None else [lock]
        dbt = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=held)
        if noted:
            noted(dbt.pid)
        # dbt gets the terminal's interrupt too, and has the last word
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: dbt.terminate())
        for line in dbt.stdout or ():
            self.show(line)
        return dbt.wait()

    def say(self, text: str) -> None:
        self.spoken = time.monotonic()
        line = f"{self.spoken - self.started:5.0f} s  {text}"
        if self.held is None and self.with_stages:
            print(line, flush=True)
        elif self.held is not None:
            self.held.append(line)
            self._say_for_now(line)

    def _say_for_now(self, line: str) -> None:
        """On a terminal, until the next line."""
        if sys.stdout.isatty():
            print(f"\r\x1b[K{line[:100]}", end="", flush=True)

    def accept(self) -> None:
        """The files are what they should be: what was held back is printed."""
        held, self.held = self.held, None
        if held is not None:
            self._erase()
            if self.with_stages:
                print(*held, sep="\n", flush=True)

    def _erase(self) -> None:
        if sys.stdout.isatty():
            print("\r\x1b[K", end="", flush=True)

    def show(self, line: str) -> None:
        """One line of dbt's: an event as JSON, or what a model has printed."""
        if not line.startswith('{"'):
            self.warned += line.startswith("warning: ")
            print(line, end="", flush=True)
            return
        event = json.loads(line)
        kind, level, message = (event["info"][key] for key in ("name", "level", "msg"))
        data = event["data"]
        node = data.get("node_info", {})
        name = node.get("node_name")
        if kind == "PrintEvent" and message.startswith(REPORT):
            self.accept()
            print(f"         {message.removeprefix(REPORT)}", flush=True)
        elif kind == "LogStartLine":
            self.running[node["unique_id"]] = name
            self.step = f"step {data['index']:3} of {data['total']}"
            if name in STAGES:
                self.say(f"{self.step}: {STAGES[name]}")
        elif kind in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            self.running.pop(node["unique_id"], None)
            if level in ("warn", "error"):
                self.say(f"{'warning' if level == 'warn' else 'failed'}: {name}")
        elif kind == "StatsLine":
            self.stats, self.step = data["stats"], "closing the log"
        elif kind == "RunResultFailure":
            self.heading = message
        elif level in ("warn", "error"):
            # of an error that is the user's to fix, the sentence alone
            parts = (message.partition(f"{name}: ") for name in SENTENCES)
            sentence = next((sentence for _, found, sentence in parts if found), None)
            if sentence and level == "error" and self.held is not None:
                self.refused = True
                self._erase()
                print(" ".join(sentence.split()), flush=True)
            else:
                self.accept()
                print((sentence or f"{self.heading}\n{message}").strip(), flush=True)
            self.heading = ""

    def close(self, status: int) -> None:
        """The last line: how it ended, and where to read on."""
        if self.refused:
            return
        self.accept()
        log = f"{os.environ.get('DBT_LOG_PATH', 'logs')}/dbt.log has every step"
        warnings = self.stats.get("warn", 0) + self.warned
        if status == 0:
            self.say(f"done, {warnings or 'no'} warning{'s' * (warnings != 1)}; {log}")
        else:
            how = f"ended by signal {-status}" if status < 0 else "stopped"
            self.say(f"{how}: what was published before is as it was; {log}")

    def _say_what_runs(self) -> None:
        while True:
            time.sleep(0.5)
            if time.monotonic() - self.spoken > PATIENCE:
                name = next(iter(self.running.copy().values()), None)
                work = f"{self.step}: still {STAGES.get(name, name)}" if name else self.step
                if self.held is None:
                    self.say(work or "still reading the project")
                else:
                    self._say_for_now(work or "still reading the project")


if __name__ == "__main__":
    main(sys.argv[1:])
