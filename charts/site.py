"""Puts the pages together, writes them, serves them."""

import importlib
import os
from pathlib import Path

import jinja2
from gift_shop.publishing.formulas import FORMULA
from markupsafe import Markup

from . import drawings, formats
from .queries import Published

HERE = Path(__file__).parent
FOR_ANALYSTS = ["explore", "clusters", "quality"]
PAGES = [
    "overview",
    "segments",
    "actions",
    "new_customers",
    "movement",
    "campaigns",
    "products",
    *FOR_ANALYSTS,
]


def write(published: Path) -> Path:
    """Write published/report/*.html from published/gift_shop.duckdb.

    Each page is written under a temporary name and renamed, so that no reader sees half of one.

    Parameters
    ----------
    published : Path
        The folder of published files.

    Returns
    -------
    Path
        The folder of the report.

    Raises
    ------
    SystemExit
        Where nothing is published yet.
    """
    folder = published / "report"
    pages = render(published)
    folder.mkdir(exist_ok=True)
    for name, html in pages.items():
        temporary = folder / f".writing-{name}"
        temporary.write_text(html, encoding="utf-8")
        os.replace(temporary, folder / name)
    for stale in set(folder.glob("*.html")) - {folder / name for name in pages}:
        stale.unlink()
    return folder


def render(published: Path) -> dict[str, str]:
    """The pages as HTML.

    Parameters
    ----------
    published : Path
        The folder of published files.

    Returns
    -------
    dict of str to str
        By file name.

    Raises
    ------
    SystemExit
        Where nothing is published yet.
    """
    data = Published(published)
    modules = {name: importlib.import_module(f"charts.pages.{name}") for name in PAGES}
    links = [
        {"file": file_name(name), "title": module.TITLE, "question": module.QUESTION}
        for name, module in modules.items()
    ]
    layout = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    ).get_template("layout.html")
    try:
        bodies = {name: module.body(data.answers(name)) for name, module in modules.items()}
        return {
            link["file"]: layout.render(
                page=link,
                pages=links,
                analysts_from=file_name(FOR_ANALYSTS[0]),
                build=data.build,
                brand=f"{data.build.shop[0].upper()}{data.build.shop[1:]}: customers",
                as_of=formats.day(data.build.as_of_date),
                body=body,
                drawing=Markup(drawings.script()) if 'class="drawing"' in body else "",
                style=Markup((HERE / "style.css").read_text()),
                formula=FORMULA,
                script=Markup((HERE / "page.js").read_text()),
            )
            for link, body in zip(links, bodies.values(), strict=True)
        }
    finally:
        data.close()


def file_name(page: str) -> str:
    return "index.html" if page == "overview" else f"{page}.html"
