"""How an export is read, in seconds and without a build: `make check RAW=file`.

It runs the models of the warehouse up to the cleaned lines, in a working file of its own that is
gone afterwards, and prints reading_report and build_warnings. For a header that no format fits it
writes a mapping to correct.
"""

import contextlib
import os
import shlex
import sys
from functools import partial
from pathlib import Path

import duckdb

from gift_shop import paths
from gift_shop.errors import InputFileError
from gift_shop.ingestion import reader
from gift_shop.ingestion.files import SCRATCH, input_files
from gift_shop.ingestion.mapping import REQUIRED, Mapping, Source, read_mapping, suggestion
from gift_shop.publishing.build import Screen, check_vars

MODELS = ("+reading_report", "+build_warnings")
# fewer values than this, each on so many lines, are kinds of customers ("Member", "Normal")
FEWEST_CUSTOMERS, LINES_OF_A_KIND = 6, 20


def main(dbt: str, raw: str, *options: str) -> None:
    """Check a file or a glob, and exit with 0 where a build would accept it.

    Parameters
    ----------
    dbt : str
        The program.
    raw : str
        A file or a glob; '' for RAW_INVOICES, else the sample.
    *options : str
        Of dbt, such as --vars.

    Raises
    ------
    SystemExit
        Always.
    """
    check_vars(list(options))
    os.environ["RAW_INVOICES"] = raw or paths.invoices()
    # always the same place, beside dbt's own: for another one dbt would read the whole project anew
    folder = (paths.project() / "target" / "check").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "check.duckdb"
    database.unlink(missing_ok=True)
    os.environ |= {"DBT_TARGET_PATH": str(folder), "GIFT_SHOP_DB": str(database)}
    screen = Screen(with_stages=False)
    models = [part for model in MODELS for part in ("--select", model)]
    status = screen.run(
        [dbt, "build", "--exclude-resource-type", "test", "unit_test", *models, *options]
    )
    if status == 0:
        print_warnings(database)
    else:
        write_mapping(paths.invoices())
    database.unlink(missing_ok=True)
    sys.exit(status if status >= 0 else 1)


def print_warnings(database: Path) -> None:
    """Print the warnings of a working file."""
    with duckdb.connect(str(database), read_only=True) as session:
        rows = session.execute("select message from quality.build_warnings order by all").fetchall()
    for (message,) in rows:
        print(f"warning: {message}")


def write_mapping(raw: str) -> None:
    """Write a mapping to correct where that is what the files need.

    Parameters
    ----------
    raw : str
        A file or a glob.
    """
    header = None
    with duckdb.connect() as session, contextlib.suppress(OSError, duckdb.Error):
        try:
            reader.create_scratch(session)
            own = read_mapping(paths.mapping()) if paths.mapping() else None
            reader.load_files(session, input_files(raw), own=own)
        except InputFileError as error:
            header = error.header
    if header is None:
        return
    path = Path(Path(input_files(raw)[0]).name.split(".")[0] + ".mapping.yml")
    if path.exists():
        print(
            f"{path} is there already and was left as it is: correct it and set RAW_MAPPING={path}"
        )
        return
    path.write_text(suggestion(header, partial(names_customers, raw)), encoding="utf-8")
    print(
        f"Wrote {path}: correct it, then make check RAW={shlex.quote(raw)} RAW_MAPPING={shlex.quote(str(path))}"
    )


def names_customers(raw: str, column: str) -> bool:
    """Whether a column of the files can name customers: not by a few values that stand everywhere.

    Parameters
    ----------
    raw : str
        A file or a glob.
    column : str

    Returns
    -------
    bool
        True where the files cannot tell.
    """
    fields = dict.fromkeys((*REQUIRED, "unit_price", "description"), Source(constant=""))
    probe = Mapping(fields=fields | {"customer_id": Source(columns=(column,))})
    with duckdb.connect() as session:
        reader.create_scratch(session)
        try:
            reader.load_files(session, input_files(raw), own=probe)
        except InputFileError:
            return True
        values, lines = session.execute(
            f"select count(distinct customer_id), count(customer_id) from {SCRATCH}"
        ).fetchall()[0]
    return values >= FEWEST_CUSTOMERS or lines < LINES_OF_A_KIND * values


if __name__ == "__main__":
    main(*sys.argv[1:])
