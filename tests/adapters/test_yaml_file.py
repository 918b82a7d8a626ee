"""Sources as files in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from floodmark.adapters.yaml_file import load, load_text, own_sql, schema_text, unused
from floodmark.errors import ConfigurationError
from tests.adapters.unreadable import WAYS, Break, link_to_nothing, without_right

ROOT = Path(__file__).parents[2]
TEXT = """\
version: 1
source: shop
connection: shop_db
stage: gs://bucket/x
bigquery: {project: proj, location: EU, dataset: shop}
start: 2026-11-01
tables: {orders: , items: {sql: own.sql}}
"""


def problems(call, *arguments) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        call(*arguments)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_example_is_right():
    config = load(ROOT / "dags/sources/shop.yml", {"FLOODMARK_BUCKET": "bucket", "FLOODMARK_PROJECT": "proj"})
    assert list(config.tables) == ["orders", "order_items", "customers", "products", "events"]
    assert config.bigquery.raw == "shop_raw"


def test_the_shipped_example_needs_two_variables():
    told = problems(load, ROOT / "dags/sources/shop.yml", {})
    assert ["FLOODMARK_BUCKET" in told[0], "FLOODMARK_PROJECT" in told[1], len(told)] == [True, True, 2]


def test_a_tables_own_select_is_found_beside_the_file(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/orders.sql").write_text("SELECT 1")
    (tmp_path / "own.sql").write_text("SELECT 2")
    (tmp_path / "shop.yml").write_text(TEXT)
    tables = load(tmp_path / "shop.yml", {}).tables
    assert [tables["orders"].sql, tables["items"].sql] == ["shop/orders.sql", "own.sql"]
    assert own_sql(tmp_path / "shop.yml", "shop/orders.sql") == "SELECT 1"


@pytest.mark.parametrize(("way", "told"), WAYS.items())
def test_a_table_is_not_read_without_its_own_select_where_that_may_lie_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Break, told: str
) -> None:
    """Else rows that the SELECT leaves out would travel, and the table would be replaced by them."""
    path = tmp_path / "shop.yml"
    path.write_text(TEXT.replace("items: {sql: own.sql}", "items: "))
    assert load(path, {}).tables["orders"].sql is None
    way(tmp_path / "shop", monkeypatch)
    expected = ["shop: " + told.replace("; ", "; the tables' own SELECTs lie in it: ", 1)]
    assert problems(load, path, {}) == expected
    assert problems(load_text, json.dumps(yaml.safe_load(path.read_text()), default=str), path, {}) == expected, (
        "of a Variable, too"
    )


@pytest.mark.parametrize(("way", "told"), WAYS.items())
def test_a_schema_file_that_may_lie_unseen_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Break, told: str
) -> None:
    """Without its descriptions and policy tags a column would be open to whom it is not."""
    path = tmp_path / "shop.yml"
    path.write_text(TEXT.replace("items: {sql: own.sql}", "items: "))
    config = load(path, {})
    table = config.tables["orders"]
    assert schema_text(path, "shop", table) == ""
    (tmp_path / "schemas").mkdir()
    assert schema_text(path, "shop", table) == ""
    way(tmp_path / "schemas/shop", monkeypatch)
    if way is not without_right:  # the system itself refuses to look for a file there
        assert problems(schema_text, path, "shop", table) == [f"{tmp_path / 'schemas/shop'}: {told}"]
    assert problems(unused, path, config) == [f"{tmp_path / 'schemas/shop'}: {told}"]


def test_a_schema_file_that_is_a_link_to_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(TEXT.replace("items: {sql: own.sql}", "items: "))
    (tmp_path / "schemas/shop").mkdir(parents=True)
    link_to_nothing(tmp_path / "schemas/shop/orders.json", monkeypatch)
    assert "there is no file" in problems(schema_text, path, "shop", load(path, {}).tables["orders"])[0]


def test_files_that_no_table_takes_are_known(tmp_path: Path) -> None:
    path = tmp_path / "shop.yml"
    (tmp_path / "own.sql").write_text("SELECT 2")
    path.write_text(TEXT)
    for folder, ending in (("shop", "sql"), ("schemas/shop", "json")):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("orders", "order"):
            (tmp_path / folder / f"{name}.{ending}").write_text("SELECT 1")
    assert unused(path, load(path, {})) == ["shop/order.sql", "schemas/shop/order.json"]


def test_a_select_outside_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.sql").write_text("x")
    (tmp_path / "sources").mkdir()
    path = tmp_path / "sources/shop.yml"
    path.write_text(TEXT.replace("own.sql", "../secret.sql"))
    assert 'tables.items.sql: "../secret.sql" is not a file beside this one' in problems(load, path, {})[0]


def test_a_missing_file_is_named(tmp_path):
    assert problems(load, tmp_path / "no.yml", {}) == [f"no.yml: there is no file {tmp_path / 'no.yml'}"]


def test_reading_a_source_imports_nothing_heavy():
    """Every Airflow task reads its source anew."""
    # A .pth file of some package of Google's may have loaded the bare namespace before anything of ours.
    program = "import sys; old = set(sys.modules); import floodmark.adapters.yaml_file; print(*set(sys.modules) - old)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "pydantic" in loaded
    assert not {"airflow", "google", "pyarrow", "sqlalchemy", "psycopg2", "jinja2"} & loaded
