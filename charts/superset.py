"""A dashboard for Apache Superset, as an archive that it imports: `make superset`.

Its database is the published DuckDB file, read-only; its datasets are the tables of exposure
`superset`, with the descriptions of the yml files; its charts are those of superset.yml.
"""

import json
import re
import sys
import uuid
import zipfile
from pathlib import Path

import yaml
from gift_shop.paths import published

from . import formats
from .queries import Published

ARCHIVE = "superset.zip"
# by access_mode alone a query could still read and write other files of the machine
READ_ONLY = "access_mode=read_only&enable_external_access=false"
VERSION = "1.0.0"  # of Superset's format
TABLES_OF_NAMES = {"segment": "segments", "category": "product_categories"}
WIDTH, HEIGHT = 12, 60  # of a row of the dashboard, in its units


def charts() -> list[dict]:
    """The charts of superset.yml."""
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text())


def write(folder: Path, manifest: dict, database: str) -> Path:
    """Write published/superset.zip; the same tables give the same bytes.

    Parameters
    ----------
    folder : Path
        Of published files.
    manifest : dict
        dbt's manifest.json: the exposure and the descriptions.
    database : str
        Absolute path by which Superset reads the published DuckDB file.

    Returns
    -------
    Path
        The archive.

    Raises
    ------
    SystemExit
        Where nothing is published yet.
    """
    files = contents(folder, manifest, database)
    temporary = folder / f".writing-{ARCHIVE}"
    with zipfile.ZipFile(temporary, "w") as archive:
        for name, content in files.items():
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            # a ZipInfo without a time has one that never changes
            archive.writestr(zipfile.ZipInfo(f"gift_shop/{name}.yaml"), text)
    return temporary.replace(folder / ARCHIVE)


def contents(folder: Path, manifest: dict, database: str) -> dict[str, dict]:
    """The files of the archive by name, without .yaml. It takes and raises what `write` does."""
    exposure = manifest["exposures"]["exposure.gift_shop.superset"]
    nodes = [manifest["nodes"][key] for key in exposure["depends_on"]["nodes"]]
    models = {node["name"]: node for node in nodes}
    data = Published(folder)
    types = {name: data.types(name) for name in models}
    data.close()
    shop = data.build.shop
    return {
        "metadata": {"version": VERSION, "type": "Dashboard"},
        "databases/published": _database(shop, database),
        **{f"datasets/published/{name}": _dataset(shop, name, models, types) for name in models},
        **{f"charts/{_key(chart['title'])}": _chart(shop, chart) for chart in charts()},
        "dashboards/customers": _dashboard(shop, exposure["description"]),
    }


def _database(shop: str, path: str) -> dict:
    return {
        "database_name": f"{shop}: published tables",
        "sqlalchemy_uri": f"duckdb:///{path}?{READ_ONLY}",
        "allow_csv_upload": False,
        "extra": {},
        "uuid": _id(shop, "database"),
        "version": VERSION,
    }


def _dataset(shop: str, name: str, models: dict[str, dict], types: dict[str, dict]) -> dict:
    """A table, with names of segments and categories where it has their keys alone."""
    named = [
        kind
        for kind in TABLES_OF_NAMES
        if f"{kind}_key" in types[name] and f"{kind}_name" not in types[name]
    ]
    columns = [
        _column(models[name], column, data_type) for column, data_type in types[name].items()
    ] + [_column(models[TABLES_OF_NAMES[kind]], f"{kind}_name", "VARCHAR") for kind in named]
    return {
        # where Superset keeps its own tables in SQLite, it takes a name of a dataset once
        "table_name": f"{shop} {name}",
        "sql": _with_names(name, named),
        "description": models[name]["description"],
        "columns": columns,
        "metrics": [{"metric_name": "rows", "verbose_name": "Rows", "expression": "count(*)"}],
        "uuid": _id(shop, f"table {name}"),
        "database_uuid": _id(shop, "database"),
        "version": VERSION,
    }


def _with_names(table: str, kinds: list[str]) -> str:
    names, joins = "", ""
    for kind in kinds:
        other = TABLES_OF_NAMES[kind]
        names += f",\n    coalesce({other}.{kind}_name, {table}.{kind}_key) as {kind}_name"
        joins += f"\nleft join {other} on {table}.{kind}_key = {other}.{kind}_key"
    return f"select\n    {table}.*{names}\nfrom {table}{joins}"


def _column(model: dict, name: str, data_type: str) -> dict:
    return {
        "column_name": name,
        "verbose_name": formats.plain(name),
        "description": model["columns"][name]["description"],
        "type": data_type,
        "is_dttm": data_type in ("DATE", "TIMESTAMP"),
        "groupby": True,
        "filterable": True,
    }


def _chart(shop: str, chart: dict) -> dict:
    look = {
        "viz_type": chart["kind"],
        "row_limit": _rows(chart),
        "adhoc_filters": [
            {"clause": "WHERE", "expressionType": "SIMPLE", "subject": column, "operator": test}
            for column, test in _tests(chart).items()
        ],
        **_drawn(chart),
        **chart.get("look", {}),
    }
    return {
        "slice_name": chart["title"],
        "description": chart["question"],
        "viz_type": chart["kind"],
        "params": look,
        "query_context": json.dumps(_asked(chart, look)),
        "uuid": _id(shop, f"chart {chart['title']}"),
        "dataset_uuid": _id(shop, f"table {chart['table']}"),
        "version": VERSION,
    }


def _drawn(chart: dict) -> dict:
    """Where the columns and the measure go, as each kind of chart has it."""
    columns, order = chart["columns"], chart.get("order")
    if chart["kind"] == "table":
        ordered = {"order_by_cols": [json.dumps([order, True])]}
        return {"query_mode": "raw", "all_columns": columns, **ordered}
    measure, label = _measure(chart), _label(chart)
    if chart["kind"] == "heatmap_v2":
        return {"x_axis": columns[0], "groupby": columns[1], "metric": measure}
    sideways = chart["look"].get("orientation") == "horizontal"
    return {
        "x_axis": columns[0],
        "groupby": columns[1:],
        "metrics": [measure],
        "x_axis_sort": order or label,
        # bars to the side are drawn from below
        "x_axis_sort_asc": bool(order) or sideways,
        "y_axis_title": label,
        "y_axis_title_margin": 30 if sideways else 70,
        "show_legend": len(columns) > 1,
    }


def _asked(chart: dict, look: dict) -> dict:
    """The question, for whoever asks it without a browser, such as reports by e-mail."""
    measured = {"metrics": [_measure(chart)]} if "measure" in chart else {}
    query = {
        "columns": chart["columns"],
        **measured,
        "filters": [{"col": column, "op": test} for column, test in _tests(chart).items()],
        "orderby": [[chart["order"], True] if "order" in chart else [_measure(chart), False]],
        "row_limit": _rows(chart),
    }
    return {
        "datasource": {"id": 0, "type": "table"},  # the import writes which
        "queries": [query],
        "form_data": look,
        "result_format": "json",
        "result_type": "full",
    }


def _measure(chart: dict) -> dict:
    _, aggregate, column = chart["measure"]
    return {
        "expressionType": "SIMPLE",
        "aggregate": aggregate,
        "column": {"column_name": column},
        "label": _label(chart),
        "hasCustomLabel": True,
        "optionName": f"metric_{_key(chart['title'])}",
    }


def _label(chart: dict) -> str:
    return chart["measure"][0].replace("MONEY", formats.money_unit())


def _tests(chart: dict) -> dict[str, str]:
    where = chart.get("where", {})
    return {column: "IS TRUE" if is_true else "IS FALSE" for column, is_true in where.items()}


def _rows(chart: dict) -> int:
    return chart.get("rows", 1000)


def _dashboard(shop: str, description: str) -> dict:
    title = f"{shop[0].upper()}{shop[1:]}: customers"
    return {
        "dashboard_title": title,
        "description": description,
        "slug": _key(title),
        "published": True,
        "position": {"DASHBOARD_VERSION_KEY": "v2"} | {part["id"]: part for part in _parts(shop)},
        "metadata": {"native_filter_configuration": [_filter(shop)]},
        "uuid": _id(shop, "dashboard"),
        "version": VERSION,
    }


def _filter(shop: str) -> dict:
    """A choice of segments, for the charts whose tables have them."""
    segments = {"datasetUuid": _id(shop, "table segments"), "column": {"name": "segment_name"}}
    return {
        "id": "NATIVE_FILTER-segment",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": "Segment",
        "targets": [segments],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "controlValues": {"multiSelect": True, "enableEmptyFilter": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
    }


def _parts(shop: str) -> list[dict]:
    """The parts of the page: a grid of rows, two charts or one table in each."""
    grid = _part("GRID", "GRID_ID", ["ROOT_ID"])
    parts = [_part("ROOT", "ROOT_ID", []) | {"children": ["GRID_ID"]}, grid]
    room = 0
    for number, chart in enumerate(charts(), 1):
        width = WIDTH if chart["kind"] == "table" else WIDTH // 2
        if room < width:
            row, room = _part("ROW", f"ROW-{number}", ["ROOT_ID", "GRID_ID"]), WIDTH
            row["meta"] = {"background": "BACKGROUND_TRANSPARENT"}
            grid["children"].append(row["id"])
            parts.append(row)
        part = _part("CHART", f"CHART-{number}", [*row["parents"], row["id"]])
        part["meta"] = {
            "chartId": number,  # the import writes its own
            "uuid": _id(shop, f"chart {chart['title']}"),
            "sliceName": chart["title"],
            "width": width,
            "height": HEIGHT,
        }
        row["children"].append(part["id"])
        parts.append(part)
        room -= width
    return parts


def _part(kind: str, key: str, parents: list[str]) -> dict:
    return {"type": kind, "id": key, "parents": parents, "children": [], "meta": {}}


def _key(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower())


def _id(shop: str, name: str) -> str:
    """The same in each archive of a shop, so that another import replaces the dashboard."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"gift-shop-segments/{shop}/{name}"))


def main(manifest_file: str, database: str) -> None:
    """`make superset`: without a database, that of this machine's published folder."""
    path = database or str((published() / "gift_shop.duckdb").absolute())
    if not path.startswith("/") or "?" in path:
        raise SystemExit(f"DATABASE={path}: give the file's whole path, from / on and without ?")
    archive = write(published(), json.loads(Path(manifest_file).read_text()), path)
    print(f"import {archive} into Superset; docs/bi.md says how")


if __name__ == "__main__":
    main(*sys.argv[1:])
