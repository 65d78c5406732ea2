"""Print each published table and the hash of its contents, from the manifest (`make hash`)."""

import json
import sys

from gift_shop import paths
from gift_shop.publishing import published_files


def main() -> None:
    """Print the build, then each published table and its content hash, by name.

    Raises
    ------
    SystemExit
        Where nothing is published yet.
    """
    try:
        manifest = json.loads((paths.published() / published_files.MANIFEST).read_text())
    except FileNotFoundError as error:
        sys.exit(f"nothing is published yet: {error}")
    print(f"build {manifest['build_id']}, as of {manifest['as_of_date']}")
    for table, content_hash in sorted(manifest["content_hashes"].items()):
        print(f"{table:<28}{content_hash}")


if __name__ == "__main__":
    main()
