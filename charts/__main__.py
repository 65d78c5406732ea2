"""`python -m charts` writes the report; `python -m charts serve [port]` also serves it."""

import sys

from gift_shop.paths import published

from . import server, site

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"]:
        server.serve(published(), int(arguments[1]) if len(arguments) > 1 else 8000)
    else:
        print(f"open {site.write(published()) / 'index.html'}")
