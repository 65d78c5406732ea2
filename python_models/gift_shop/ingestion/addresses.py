"""Customer ids that are e-mail addresses: everywhere but in audiences/ a keyed hash stands for them.

    PYTHONPATH=python_models .venv/bin/python -m gift_shop.ingestion.addresses ann@x.example

prints the id of an address.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa

from gift_shop import paths
from gift_shop.ingestion.files import BLANKS, problem

HASHED = "email-"  # before the hash
HASH_SIGNS = 16  # of 64: 2^64 values, so that no two of a shop's customers meet
SHORTEST_KEY = 32
# the address in the raw text as macro customer_key writes it
ADDRESS_SQL = f"lower(regexp_replace(trim(customer_id, '{BLANKS}'), '[.]0$', ''))"
COLUMNS = ("customer_id", "address")


def hash_addresses(session: duckdb.DuckDBPyConnection, table: str, key_file: Path) -> pa.Table:
    """Put a keyed hash in the place of each e-mail address in column customer_id of a table.

    Parameters
    ----------
    session : DuckDBPyConnection
    table : str
        With customer_id as read.
    key_file : Path
        Of read_key; looked at only where there is an address.

    Returns
    -------
    Table
        One row per address: customer_id (the hash), address (in small letters), in order of the
        address.

    Raises
    ------
    InputFileError
        Where the key can be neither read nor made.
    """
    found = session.execute(f"""
        select distinct {ADDRESS_SQL} as address from {table}
        where customer_id like '%_@_%' and {ADDRESS_SQL} like '_%@_%' order by 1""").fetchall()
    addresses = [address for (address,) in found]
    key = read_key(key_file) if addresses else b""
    ids = [hashed(address, key) for address in addresses]
    if addresses:
        session.register("reader_ids", pa.table({"id": ids, "address": addresses}))
        session.execute(f"""
            update {table} set customer_id = reader_ids.id from reader_ids
            where customer_id like '%_@_%' and {ADDRESS_SQL} = reader_ids.address""").fetchall()
        session.unregister("reader_ids")
    return pa.table([pa.array(ids, pa.string()), pa.array(addresses, pa.string())], COLUMNS)


def hashed(address: str, key: bytes) -> str:
    """The id that stands for an address: HMAC-SHA256 under the key, shortened.

    Parameters
    ----------
    address : str
        In small letters, without white space around it.
    key : bytes

    Returns
    -------
    str
    """
    digest = hmac.digest(key, address.encode(), hashlib.sha256)
    return HASHED + digest.hex()[:HASH_SIGNS]


def read_key(path: Path) -> bytes:
    """The key of this shop; a new one is made where there is none.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bytes

    Raises
    ------
    InputFileError
        Where the file cannot be read or written, or is too short to be a key.
    """
    try:
        if not path.exists():
            make_key(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise problem(
            str(path),
            "the key by which e-mail addresses become customer ids cannot be read or made"
            f" ({error.strerror})",
            "Set GIFT_SHOP_KEY_FILE to a file of yours outside the project.",
        ) from None
    if len(key) < SHORTEST_KEY:
        raise problem(
            str(path),
            f"is no key (it has fewer than {SHORTEST_KEY} signs)",
            "Restore your copy of it, or remove the file to get a new key and new customer ids.",
        )
    return key


def make_key(path: Path) -> None:
    """Write a random key that this account alone can read; another build may do so at the same time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(dir=path.parent)  # its mode is 600
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(new, path)  # whole or not at all
            print(
                f"made {path}, by which e-mail addresses become customer ids: keep a copy, as with"
                " another key every customer gets another id",
                flush=True,
            )
    finally:
        os.unlink(new)


if __name__ == "__main__":
    for text in sys.argv[1:]:
        print(hashed(re.sub(r"\.0$", "", text.strip(BLANKS)).lower(), read_key(paths.key_file())))
