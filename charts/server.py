"""Serves the dashboard on this machine: always that of the newest build."""

import functools
import http.server
import threading
from http import HTTPStatus
from pathlib import Path

from . import site
from .queries import Published

# the files that pages lead to, beside the report
AUDIENCES = "/audiences/"
# asked by page.js of an open page, which says so when the answer is another build than its own
BUILD = "/build"


class Report:
    """The pages of the newest build.

    Parameters
    ----------
    published : Path
        The folder of published files.
    """

    def __init__(self, published: Path):
        self.published = published
        self._written = ""
        self._writing = threading.Lock()

    def build_id(self) -> str:
        """That of the newest build; its pages are written by then.

        Returns
        -------
        str

        Raises
        ------
        SystemExit
            Where nothing is published.
        """
        with self._writing:
            data = Published(self.published)
            data.close()
            if data.build.build_id != self._written:
                site.write(self.published)
                self._written = data.build.build_id
            return self._written


class Handler(http.server.SimpleHTTPRequestHandler):
    """The pages of the newest build, and the audiences beside them."""

    def __init__(self, *arguments: object, report: Report, **options: object):
        self.report = report
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer a request."""
        try:
            build_id = self.report.build_id()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the browser is told
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, explain=str(error))
            return
        if self.path == BUILD:
            self._say(build_id)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Which file a path stands for; `..` leads nowhere."""
        folder = "audiences" if path.startswith(AUDIENCES) else "report"
        self.directory = str(self.report.published / folder)
        return super().translate_path("/" + path.removeprefix(AUDIENCES))

    def _say(self, text: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def end_headers(self) -> None:
        """Keep browsers from showing a page of an earlier build."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing of each request."""


def serve(published: Path, port: int) -> None:
    """Serve the report on this machine alone, until Ctrl-C.

    Parameters
    ----------
    published : Path
        The folder of published files.
    port : int
        0 takes a free one.

    Raises
    ------
    OSError
        Where the port is taken.
    SystemExit
        Where nothing is published.
    """
    report = Report(published)
    report.build_id()
    handler = functools.partial(Handler, report=report)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"dashboard at http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
