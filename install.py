"""Make the environment: `python install.py .venv [pip]`, which is what the first `make build` does.

Every package comes from requirements.lock by its hash, so that nothing is left to resolve. uv puts
them in place in a tenth of pip's time; where it is not on the path it is taken from the package
index, by its hash in the same lock. Where it cannot be had, or with `pip`, pip does the work.
"""

import glob
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.lock")
LOCKED = ["--no-deps", "--require-hashes", "-r"]
PATIENCE = 5  # seconds without a word


def main(folder: str, installer: str = "uv") -> None:
    python = f"{folder}/bin/python"
    # compiling all there is takes longer than the first build does with what it imports
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile"]
    uv = installer == "uv" and _works(shutil.which("uv"))
    packages = len(re.findall(r"(?m)^[\w.-]+==", LOCK.read_text()))
    print(f"making {folder} with {sys.executable}: {packages} packages of {LOCK.name}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", *["--without-pip"] * bool(uv), folder])
    if installer == "uv" and not uv and _install_uv(pip):
        uv = f"{folder}/bin/uv"
    if uv:
        command = [uv, "pip", "install", "-q", "--python", python, *LOCKED, str(LOCK)]
        if _run(command, folder, packages):
            return
        print("uv cannot install them, pip tries", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", folder])
    if not _run([*pip, *LOCKED, str(LOCK)], folder, packages):
        sys.exit("The packages could not be installed: see above.")


def _works(uv: str | None) -> str | None:
    return uv if uv and not subprocess.call([uv, "--version"], stdout=-3, stderr=-3) else None


def _install_uv(pip: list[str]) -> bool:
    """Install uv alone, as the lock has it; False where the index does not give it."""
    requirement = re.search(r"(?m)^uv==.*\n(?:    --hash.*\n)+", LOCK.read_text())
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirement[0])
        file.flush()
        return not subprocess.call([*pip, *LOCKED, file.name], stderr=subprocess.DEVNULL)


def _run(command: list[str], folder: str = "", packages: int = 0) -> bool:
    """Whether the command succeeds; while it works it says now and then how far it has come."""
    started = time.monotonic()
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait(PATIENCE) == 0
        except subprocess.TimeoutExpired:
            if packages:
                done = len(glob.glob(f"{folder}/lib/*/site-packages/*.dist-info"))
                seconds = time.monotonic() - started
                print(f"{seconds:5.0f} s  {done} of {packages} in place", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
