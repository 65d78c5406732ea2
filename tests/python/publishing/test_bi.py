"""The recipes of docs/bi.md, each as it stands there, on what a build publishes."""

import datetime as dt
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from shop import PROJECT, copy_of_project

from charts import superset

PARTS = re.split(r"(?m)^## ", (PROJECT / "docs" / "bi.md").read_text())
RECIPES = {part.partition("\n")[0]: re.findall(r"(?s)```\w+\n(.*?)```", part) for part in PARTS}
ENVIRONMENT = RECIPES.pop("# The tables in other tools")
SCREENSHOTS = PROJECT / "target" / "screenshots"
# what each chart must show, in other words than charts/superset.yml
SHOWN = {
    "Net revenue by month": "select month, net_amount from sales_by_month where is_complete_month",
    "Customers by segment at month ends": "select month_end, s.segment_name, count(*)"
    " from segment_history join segments as s using (segment_key) group by all",
    "Customers by segment": "select segment_name, count(*) from customers group by all",
    "Revenue by segment": "select segment_name, sum(monetary) from customers group by all",
    "Due today by segment and channel": "select segment_name, contact_by, count(*)"
    " from customer_actions join customers using (customer_id)"
    " where is_due and not is_control group by all",
    "Expected spend by segment": "select segment_name, sum(a.expected_spend)"
    " from customer_actions as a join customers using (customer_id) group by all",
    "Revenue by category": "select named.category_name, coalesce(sum(products.revenue), 0)"
    " from product_categories as named left join products using (category_key) group by all",
    "What each segment buys more of": "select segment_name, category_name, affinity"
    " from segment_category_spend join segments using (segment_key)"
    " join product_categories using (category_key)",
    "First to contact today": "select priority, customer_id, segment_name, contact_by, action, offer,"
    " products_to_feature, why from customer_actions join customers using (customer_id)"
    " where is_due and not is_control order by priority limit 100",
    "What campaigns brought": "select listed_on, campaign, segment_name, contacted_customers,"
    " control_customers, ordered_share, control_ordered_share, difference, ci_low, ci_high,"
    " spend_difference, result from campaign_results join segments using (segment_key)",
}


def test_no_recipe_is_left_out():
    assert {name: len(blocks) for name, blocks in RECIPES.items()} == {
        "Superset": 1,
        "Streamlit": 1,
        "A notebook": 2,
        "Excel or LibreOffice": 1,
    }
    assert len(ENVIRONMENT) == 1


# --- with what the project has ---------------------------------------------------------------


@pytest.fixture
def folder(sample, tmp_path, monkeypatch):
    """A folder with the published files, in which a recipe runs."""
    shutil.copytree(sample.published, tmp_path / "published")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def manifest(sample):
    target = sample.folder.parent / f"target-{PROJECT.name}"
    return json.loads((target / "manifest.json").read_text())


def test_the_notebook(folder, sample):
    first, last = RECIPES["A notebook"]
    cells = f"{first}\nprint(({last.strip()}).reset_index().to_json(orient='values'))"
    result = subprocess.run(
        [sys.executable, "-c", cells], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    expected = sample.rows(
        "select segment_name, median(recency_days), median(frequency),"
        " median(cast(monetary as double)) from marts.customers group by all order by all"
    )
    assert len(expected) > 3
    for row, (name, *figures) in zip(json.loads(result.stdout), expected, strict=True):
        assert row == [name, *map(pytest.approx, figures)]


def test_the_workbook(folder, sample):
    if not shutil.which("soffice"):
        missing = "LibreOffice is not installed (apt-get install libreoffice-calc)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    (recipe,) = RECIPES["Excel or LibreOffice"]
    command = recipe.replace("soffice", f"soffice -env:UserInstallation={folder.as_uri()}/profile")
    subprocess.run(["bash", "-ec", command], check=True, capture_output=True, timeout=120)
    sheet = openpyxl.load_workbook(folder / "published" / "segments.xlsx").active
    header, *rows = sheet.iter_rows(values_only=True)
    columns = [header.index(name) for name in ("segment_key", "customers", "revenue")]
    found = sorted((row[columns[0]], row[columns[1]], round(row[columns[2]], 2)) for row in rows)
    assert found == sample.rows(
        "select segment_key, customers, cast(round(revenue, 2) as double) from marts.segments"
        " order by all"
    )


def test_the_archive_says_the_same_of_the_same_file(folder, manifest):
    written = [
        superset.write(folder / "published", manifest, "/data/shop.duckdb").read_bytes()
        for _ in range(2)
    ]
    assert written[0] == written[1]


def test_the_archive_is_of_tables_that_are_published_and_described(sample, manifest):
    files = superset.contents(sample.published, manifest, "/data/shop.duckdb")
    assert files["databases/published"]["sqlalchemy_uri"].startswith("duckdb:////data/shop.duckdb?")
    tables = {
        content["table_name"].removeprefix("sample "): {
            column["column_name"] for column in content["columns"]
        }
        for name, content in files.items()
        if name.startswith("datasets/")
    }
    columns = [c for name in files if name.startswith("datasets/") for c in files[name]["columns"]]
    assert len(columns) > 100 and all(column["description"] for column in columns)
    charts = superset.charts()
    # no more than the charts and names need
    assert set(tables) == {chart["table"] for chart in charts} | {"segments", "product_categories"}
    for chart in charts:
        named = {*chart["columns"], *chart.get("where", {}), *chart.get("measure", [])[2:]}
        assert named <= tables[chart["table"]], chart["title"]
    ids = [content["uuid"] for content in files.values() if "uuid" in content]
    assert len(set(ids)) == len(ids) == len(tables) + len(charts) + 2


@pytest.mark.parametrize("database", ["gift_shop.duckdb", "/data/what?.duckdb"])
def test_the_archive_asks_for_a_whole_path(database):
    with pytest.raises(SystemExit, match="whole path"):
        superset.main("target/manifest.json", database)


# --- in an environment of its own ------------------------------------------------------------


@pytest.fixture(scope="module")
def project(sample, tmp_path_factory):
    """A copy of the project with published files, and what the recipes need installed."""
    copy = copy_of_project(tmp_path_factory.mktemp("bi") / "project")
    (copy / ".venv").symlink_to(sys.prefix)
    shutil.copytree(sample.published, copy / "published")
    result = _bash(copy, *ENVIRONMENT)
    if result.returncode:
        missing = f"requirements-bi.lock cannot be installed: {result.stderr.strip()[-300:]}"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return copy


def _bash(folder: Path, script: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-ec", script], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_streamlit(project, sample):
    (project / "shop.py").write_text(*RECIPES["Streamlit"])
    use = textwrap.dedent("""
        import json
        from streamlit.testing.v1 import AppTest

        app = AppTest.from_file("shop.py", default_timeout=60).run()
        shown = {}
        for name in app.selectbox[0].options:
            app.selectbox[0].select(name).run()
            assert not app.exception, app.exception
            shown[name] = app.dataframe[0].value["customer_id"].tolist()
        print(json.dumps(shown))
    """)
    result = subprocess.run(
        [project / ".venv-bi/bin/python", "-c", use],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout.splitlines()[-1])
    assert sum(map(len, shown.values())) > 100
    assert shown == {
        name: [
            customer
            for (customer,) in sample.rows(
                f"select customer_id from marts.customer_actions where is_due and not is_control"
                f" and segment_key = '{key}' order by priority"
            )
        ]
        for key, name in sample.rows("select segment_key, segment_name from marts.segments")
    }


@dataclass
class Superset:
    """A running Superset, into which the archive was imported."""

    address: str
    project: Path
    token: str = ""

    def ask(self, path: str, body: dict | None = None) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            self.address + path, json.dumps(body).encode() if body else None, headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            pytest.fail(f"{path}: {error.code} {error.read().decode()[:1000]}")

    def charts(self) -> dict[str, int]:
        """Their ids by title."""
        found = self.ask("/api/v1/chart/?q=(page_size:100)")["result"]
        return {chart["slice_name"]: chart["id"] for chart in found}

    def rows(self, chart: int) -> list[dict]:
        (answer,) = self.ask(f"/api/v1/chart/{chart}/data/")["result"]
        assert not answer["error"] and not answer["rejected_filters"]
        return answer["data"]


@pytest.fixture(scope="module")
def running(project):
    """The recipe, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    (recipe,) = RECIPES["Superset"]
    with open(project / "superset.txt", "w+") as words:
        process = subprocess.Popen(
            ["bash", "-ec", recipe.replace("8088", port)],
            cwd=project,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        here = Superset(f"http://127.0.0.1:{port}", project)
        try:
            while not _is_up(here.address):
                words.seek(0)
                assert process.poll() is None, words.read()[-3000:]
                time.sleep(0.5)
            login = {"username": "admin", "password": "admin", "provider": "db"}
            here.token = here.ask("/api/v1/security/login", login)["access_token"]
            yield here
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _is_up(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/health", timeout=5).status == 200
    except OSError:
        return False


def _plain(value):
    """Values as Superset sends them: dates as milliseconds, numbers to nine figures."""
    if isinstance(value, dt.date):
        value = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC).timestamp() * 1000
    if isinstance(value, (int, float, Decimal)):
        return f"{float(value):.9g}"
    return value


def _sorted(rows) -> list[tuple]:
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


@pytest.mark.slow
def test_each_chart_shows_what_sql_says(running, sample):
    charts = running.charts()
    assert set(charts) == set(SHOWN) and len(SHOWN) == 10
    with duckdb.connect(str(sample.published / "gift_shop.duckdb"), read_only=True) as connection:
        for title, sql in SHOWN.items():
            expected = connection.execute(sql).fetchall()
            shown = [row.values() for row in running.rows(charts[title])]
            assert expected and _sorted(shown) == _sorted(expected), title


@pytest.mark.slow
@pytest.mark.browser
def test_a_browser_draws_each_chart(running, chromium):
    """What is drawn is asked for by Superset's scripts, from other settings than the API's."""
    page = chromium.new_page(viewport={"width": 1500, "height": 4000})
    _log_in(page, running.address)
    answers: dict[int, list[dict]] = {}

    def note(response):
        if "/api/v1/chart/data" in response.url and "slice_id" in response.url:
            chart = json.loads(response.request.post_data)["form_data"]["slice_id"]
            answers[chart] = response.json()["result"][0]["data"]

    page.on("response", note)
    charts = running.charts()
    page.goto(f"{running.address}/superset/dashboard/sample_customers/")
    for kind, number in {"canvas": 8, "table": 2}.items():
        drawn = page.locator(f".dashboard-chart:has({kind})")
        drawn.nth(number - 1).wait_for(timeout=120_000)
        assert drawn.count() == number, kind
    page.wait_for_load_state("networkidle")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "superset.png", full_page=True)
    page.close()
    for chart in superset.charts():
        drawn, asked = answers[charts[chart["title"]]], running.rows(charts[chart["title"]])
        if "measure" not in chart:
            assert drawn == asked, chart["title"]
        else:
            measure = list(asked[0])[-1]
            figures = Counter(_plain(row[measure]) for row in asked)
            assert _figures(drawn, chart["columns"], measure) == figures, chart["title"]


def _log_in(page, address: str) -> None:
    """Again where an answer that was still under way puts back the cookie from before."""
    for _ in range(3):
        page.goto(f"{address}/login/")
        page.wait_for_load_state("networkidle")
        page.locator("#username").fill("admin")
        page.locator("#password").fill("admin")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/login/"), timeout=60_000)
        page.wait_for_load_state("networkidle")
        if "/login/" not in page.url:
            return
    pytest.fail(f"{page.url}: not logged in")


def _figures(rows: list[dict], columns: list[str], measure: str) -> Counter:
    """What is drawn: a column, or one for each series, empty where a series has nothing."""
    found = [
        value
        for row in rows
        for name, value in row.items()
        if name == measure or (measure not in row and name not in columns and value is not None)
    ]
    return Counter(map(_plain, found))


@pytest.mark.slow
def test_a_chart_shows_the_next_build(running):
    path = running.project / "published" / "gift_shop.duckdb"
    kept, following = path.with_suffix(".kept"), path.with_suffix(".following")
    chart = running.charts()["Customers by segment"]
    before = {row["segment_name"]: row["Customers"] for row in running.rows(chart)}
    shutil.copy(path, kept)
    with duckdb.connect(str(following)) as connection:
        connection.execute(f"attach '{path}' as old (read_only)")
        connection.execute(
            "create table segments as"
            " select * replace (customers + 1000 as customers) from old.segments"
        )
    os.replace(following, path)
    after = {row["segment_name"]: row["Customers"] for row in running.rows(chart)}
    os.replace(kept, path)
    assert before and after == {name: customers + 1000 for name, customers in before.items()}


@pytest.mark.slow
def test_two_shops_stand_side_by_side(running, manifest, tmp_path):
    shutil.copy(running.project / "published" / "gift_shop.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "gift_shop.duckdb")) as connection:
        connection.execute("update build_info set shop = 'other'")
    archive = superset.write(tmp_path, manifest, str(tmp_path / "gift_shop.duckdb"))
    (recipe,) = RECIPES["Superset"]
    lines = recipe.splitlines()
    again = [line for line in lines if line.startswith("export") or "import-dashboards" in line]
    command = "\n".join(again).replace("published/superset.zip", str(archive))
    result = _bash(running.project, command)
    assert result.returncode == 0, result.stderr[-3000:]
    for kind, number in {"database": 2, "dataset": 16, "chart": 20, "dashboard": 2}.items():
        assert running.ask(f"/api/v1/{kind}/")["count"] == number, kind


@pytest.mark.slow
def test_the_address_lets_nobody_write(running, manifest):
    path = running.project / "published"
    files = superset.contents(path, manifest, str(path / "gift_shop.duckdb"))
    address = files["databases/published"]["sqlalchemy_uri"]
    tries = textwrap.dedent("""
        import sys
        import sqlalchemy

        address, target = sys.argv[1:]
        with sqlalchemy.create_engine(address).connect() as connection:
            for sql in (
                "select count(*) from customers",
                "delete from customers",
                "create table other as select 1",
                f"copy customers to '{target}'",
                f"attach '{target}'",
                "select * from read_csv('superset.txt')",
                "set enable_external_access = true",
            ):
                try:
                    print("ran", connection.execute(sqlalchemy.text(sql)).fetchall())
                except Exception as error:
                    print("refused", type(error.orig).__name__)
    """)
    result = subprocess.run(
        [running.project / ".venv-bi/bin/python", "-c", tries, address, path / "taken"],
        cwd=running.project,
        capture_output=True,
        text=True,
        check=False,
    )
    first, *others = result.stdout.splitlines()
    assert re.fullmatch(r"ran \[\(\d{3,},\)\]", first), result.stderr
    assert [line.split()[0] for line in others] == ["refused"] * 6, result.stdout
    assert not (path / "taken").exists()
