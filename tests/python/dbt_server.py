"""dbt, made ready once and forked for each call: half of a small build's time is imports and parsing.

`python dbt_server.py PROJECT TARGET`, which shop.py starts and asks. A request is a line of JSON on
standard input, the exit code its answer. A call is a fork with the folder, environment and output it
asks for, and ends as the command does. What makes threads here would be missing in the forks.
"""

import json
import os
import re
import sys
from pathlib import Path

import yaml
from dbt.cli.main import cli, dbtRunner


def parsed(project: str, target: str):
    """The manifest of the project without vars; dbt's static parser would make threads."""
    os.environ |= {"DBT_PROJECT_DIR": project, "DBT_PROFILES_DIR": f"{project}/profiles"}
    options = ["--no-static-parser", "--target-path", target, "--log-path", f"{target}/logs"]
    return dbtRunner().invoke(["--quiet", "parse", *options]).result


def parsed_vars(project: str) -> set[str]:
    """The vars that are read when dbt parses, by yml files: another value needs another manifest.
    All others are read when a node runs."""
    paths = [
        *Path(project, "models").rglob("*.yml"),
        *Path(project, "python_models").rglob("*.yml"),
    ]
    return {name for path in paths for name in re.findall(r"var\('(\w+)'", path.read_text())}


def given_vars(args: list[str]) -> set[str]:
    return set(yaml.safe_load(args[args.index("--vars") + 1])) if "--vars" in args else set()


def call(args: list[str], folder: str, environment: dict, output: str, manifest) -> None:
    sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ |= environment
    sys.argv = ["dbt", *args]
    cli(prog_name="dbt", obj={"manifest": manifest})


def main(project: str, target: str) -> None:
    manifest = parsed(project, target)
    sys.path.append(f"{project}/python_models")
    import gift_shop.models
    import gift_shop.publishing.published_files  # noqa: F401

    parse_again = parsed_vars(project)
    for line in sys.stdin:
        request = json.loads(line)
        # copies of the project are parsed anew
        is_parsed = request["folder"] == project and not given_vars(request["args"]) & parse_again
        process = os.fork()
        if not process:
            return call(**request, manifest=manifest if is_parsed else None)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
