"""A process beside dbt's, in which the models train.

dbt's nodes run on threads of one process, of which Python lets one compute at a time: while a model
trains for ten seconds there, every SQL model beside it waits its turn, and the training waits for
theirs. Here each has a core. The process imports scipy and scikit-learn, so that dbt's need not,
and ends with dbt's, however that ends.

Not as one of multiprocessing's processes: these import dbt once more, or are forks, which threads
forbid.
"""

import atexit
import operator
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from gift_shop.errors import PLAIN_ERRORS

PACKAGES = str(Path(__file__).parents[1])
_starting = threading.Lock()
_process: subprocess.Popen | None = None
_address = ""


class WorkerError(Exception):
    """A failure in the process that trains, with its traceback."""


def start() -> subprocess.Popen:
    """Start the process, unless it runs; it imports what trains while the caller goes on."""
    global _process, _address
    with _starting:
        if _process is None or _process.poll() is not None:
            command = [sys.executable, "-m", "gift_shop.worker"]
            environment = os.environ | {"PYTHONPATH": PACKAGES}
            _process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            assert _process.stdout is not None
            _address = _process.stdout.readline().strip()
            atexit.register(_process.communicate)  # its standard input ends, and so does it
        return _process


def call(function: str, *arguments: Any, **options: Any) -> Any:
    """Call a function of gift_shop.models in the process that trains; several may run at once.

    Where this process has imported gift_shop.models already, it is called here.

    Parameters
    ----------
    function : str
        Its name, with the module's: 'categories.name_products'.
    *arguments, **options
        What can be pickled.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    PlainError
        As the function does.
    WorkerError
        With the traceback of any other error, or where the process has ended.
    """
    if models := sys.modules.get("gift_shop.models"):
        return operator.attrgetter(function)(models)(*arguments, **options)
    process = start()
    try:
        with Client(_address) as connection:
            connection.send((function, arguments, options))
            kind, result = connection.recv()
    except (EOFError, OSError) as error:
        status = process.wait(1)
        raise WorkerError(
            f"the process that trains ended in {function} (status {status}): is there memory enough?"
        ) from error
    if kind == "result":
        return result
    raise {each.__name__: each for each in PLAIN_ERRORS}.get(kind, WorkerError)(result)


def main() -> None:
    """Serve calls until the caller's end of standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller's to heed
    with Listener(backlog=8) as listener:
        print(listener.address, flush=True)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        threading.Thread(target=_serve, args=[listener], daemon=True).start()
        sys.stdin.read()


def _serve(listener: Listener) -> None:
    import gift_shop.models

    assert gift_shop.models  # the threads of the calls find it imported
    while True:
        threading.Thread(target=_answer, args=[listener.accept()], daemon=True).start()


def _answer(connection: Connection) -> None:
    from gift_shop import models

    with connection:
        function, arguments, options = connection.recv()
        try:
            result = operator.attrgetter(function)(models)(*arguments, **options)
            answer = pickle.dumps(("result", result))
        except PLAIN_ERRORS as error:
            answer = pickle.dumps((type(error).__name__, str(error)))
        except Exception:  # noqa: BLE001 - whatever it is, the caller raises it
            answer = pickle.dumps(("error", traceback.format_exc()))
        connection.send_bytes(answer)


if __name__ == "__main__":
    main()
