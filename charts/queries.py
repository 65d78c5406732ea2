"""Reads the published DuckDB file: the questions of a page are the named queries of its .sql file."""

import re
from pathlib import Path
from types import SimpleNamespace

import duckdb

from charts import formats

PAGES = Path(__file__).parent / "pages"


class Published:
    """An open published file. `GIFT_SHOP_PUBLISHED` says which folder; nothing is ever written."""

    def __init__(self, folder: Path):
        path = folder / "gift_shop.duckdb"
        if not path.exists():
            raise SystemExit(f"{path} is not there: run `make build` first")
        self._connection = duckdb.connect(str(path), read_only=True)
        (self.build,) = self._rows("select * from build_info")
        formats.use_currency(self.build.currency)
        ((self._horizon,),) = self._connection.execute(
            "select max(horizon_days) from customers"
        ).fetchall()

    def answers(self, page: str) -> SimpleNamespace:
        """What a page is drawn from.

        Parameters
        ----------
        page : str
            One of site.PAGES.

        Returns
        -------
        SimpleNamespace
            The rows (list of SimpleNamespace) of each query of the page, by the query's name; build,
            the row of build_info; horizon, that of the forecasts in words.

        Raises
        ------
        duckdb.Error
            Where the published file lacks what a query asks for.
        """
        return SimpleNamespace(
            build=self.build,
            horizon=formats.days(self._horizon),
            **{name: self._rows(sql) for name, sql in of_page(page).items()},
        )

    def types(self, table: str) -> dict[str, str]:
        """The columns of a published table, with their types."""
        rows = self._connection.execute(f'describe "{table}"').fetchall()
        return {name: data_type for name, data_type, *_ in rows}

    def close(self) -> None:
        self._connection.close()

    def _rows(self, sql: str) -> list[SimpleNamespace]:
        cursor = self._connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def of_page(page: str) -> dict[str, str]:
    """The named queries of pages/PAGE.sql; each begins with a line `-- name: NAME`.

    Parameters
    ----------
    page : str

    Returns
    -------
    dict of str to str
        SQL by name.
    """
    text = (PAGES / f"{page}.sql").read_text()
    parts = re.split(r"(?m)^-- name: (\w+)$", text)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))
