"""Sources as files in a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from floodmark.adapters.yaml_file import load, own_sql
from floodmark.errors import ConfigurationError

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
