"""One build at a time: `python -m segmentation.one_build COMMAND ...`, which is what `make build` does.

The lock is an flock on a file beside the working file. The command takes this process's place and
keeps the lock as long as it runs, so that it goes with the process, however that ends.
"""

import fcntl
import os
import sys
import time

from . import paths


def main(command: list[str]) -> None:
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
    os.ftruncate(lock, 0)
    os.write(lock, f"process {os.getpid()} (since {time.strftime('%H:%M:%S')})".encode())
    os.set_inheritable(lock, True)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
