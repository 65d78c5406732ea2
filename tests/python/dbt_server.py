"""dbt, made ready once and forked for each call: half of a small build's time is imports and parsing.

`python dbt_server.py PROJECT TARGET`, which shop.py starts and asks. A request is a line of JSON on
standard input, the exit code its answer. A call is a fork with the folder, environment and output it
asks for, and ends as the command does. What makes threads here would be missing in the forks.
"""

import json
import os
import sys

from dbt.cli.main import cli, dbtRunner


def parsed(project: str, target: str):
    """The manifest of the project without vars; dbt's static parser would make threads."""
    os.environ |= {"DBT_PROJECT_DIR": project, "DBT_PROFILES_DIR": f"{project}/profiles"}
    options = ["--no-static-parser", "--target-path", target, "--log-path", f"{target}/logs"]
    return dbtRunner().invoke(["--quiet", "parse", *options]).result


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

    for line in sys.stdin:
        request = json.loads(line)
        # vars, and copies of the project, are parsed anew
        is_parsed = request["folder"] == project and "--vars" not in request["args"]
        process = os.fork()
        if not process:
            return call(**request, manifest=manifest if is_parsed else None)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
