"""``floodmark init``: a starter that ``check`` accepts, and that overwrites nothing."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from tests.cli.shop import Shop, floodmark

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the variables that a starter names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOODMARK_BUCKET", "bucket")
    monkeypatch.setenv("FLOODMARK_PROJECT", "project")
    return tmp_path


def test_the_starter_passes_the_check_as_it_is(folder: Path) -> None:
    answer = floodmark("init", "--table", "orders", "--table", "sales.Order Lines")
    assert answer.code == 0, answer.err
    assert floodmark("check").code == 0
    text = (folder / "dags/sources/shop.yml").read_text()
    assert "  orders:\n" in text
    assert "  sales_Order_Lines: {from: sales.Order Lines}\n" in text
    dag = ast.parse((folder / "dags/floodmark_dags.py").read_text())
    assert len(dag.body) == 3


def test_the_tables_of_the_source_come_with_what_was_derived(folder: Path, source: Shop) -> None:
    source.execute("CREATE TABLE keyless (updated_at timestamptz)")
    answer = floodmark("init", "--folder", "airflow/dags")
    assert answer.code == 0, answer.err
    text = (folder / "airflow/dags/sources/shop.yml").read_text()
    assert "  orders:  # cursor: updated_at (by its name; beside it: created_at); key: id (the primary key)" in text
    assert "  products:  # key: id (the primary key); sync: full (it has no timestamp)" in text
    assert "  # keyless:  # public.keyless has no primary key and no unique index" in text
    checked = floodmark("check", folder / "airflow/dags/sources", "--online")
    assert checked.code == 0, checked.out


def test_what_looks_secret_is_left_out_until_a_person_says_otherwise(folder: Path, source: Shop) -> None:
    source.execute(
        'CREATE TABLE users (id int PRIMARY KEY, email text, password_hash text, "apiKey" text, "odd*token, x" text, '
        "token_expires_at timestamptz, has_password boolean, card_id int, updated_at timestamptz NOT NULL)"
    )
    source.execute("CREATE TABLE logins (session_key text PRIMARY KEY, session_data text)")
    source.execute("CREATE SCHEMA app")
    source.execute("CREATE TABLE app.keys (id int PRIMARY KEY, api_key text)")
    answer = floodmark("init", "--folder", "airflow/dags")
    assert answer.code == 0, answer.err
    text = (folder / "airflow/dags/sources/shop.yml").read_text()
    assert '    columns: {exclude: [password_hash, apiKey, "odd[*]token, x"]}  # by its name it looks secret' in text
    assert "    columns: {exclude: [session_data]}  # by" in text
    assert "    mask: {session_key: sha256}  # by" in text
    assert "  app_keys:  # key: id" in text
    assert "    from: app.keys\n    columns: {exclude: [api_key]}" in text
    checked = floodmark("check", folder / "airflow/dags/sources", "--online", "--json")
    assert checked.code == 0, checked.out
    columns = {table["name"]: table["columns"] for table in checked.document["sources"][0]["tables"]}
    assert columns["users"] == ["id", "email", "token_expires_at", "has_password", "card_id", "updated_at"]


def test_of_the_demos_shop_it_leaves_out_what_the_demos_file_does(folder: Path, source: Shop) -> None:
    source.execute("DROP TABLE orders, products")
    source.execute((CHECKOUT / "plugins/floodmark/demo/sql/schema.sql").read_text())
    assert floodmark("init", "--folder", "airflow/dags").code == 0
    text = (folder / "airflow/dags/sources/shop.yml").read_text()
    by_hand = yaml.safe_load((CHECKOUT / "dags/sources/shop.yml").read_text())["defaults"]["columns"]["exclude"]
    proposed = {name: table["columns"]["exclude"] for name, table in yaml.safe_load(text)["tables"].items() if table}
    there = source.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    expected: dict[str, list[str]] = {}
    for table, column in there:
        if any(fnmatchcase(column, glob) for glob in by_hand):
            expected.setdefault(table, []).append(column)
    assert proposed == expected == {"customers": ["password_hash"]}


def test_what_is_there_is_kept(folder: Path) -> None:
    assert floodmark("init").code == 0
    (folder / "dags/floodmark_dags.py").write_text("# mine")
    again = floodmark("init")
    assert again.code == 2
    assert "dags/sources/shop.yml: is there already; take another --source" in again.err
    other = floodmark("init", "--source", "crm", "--json")
    assert other.document == {"written": ["dags/sources/crm.yml"], "kept": ["dags/floodmark_dags.py"]}
    assert (folder / "dags/floodmark_dags.py").read_text() == "# mine"


def test_a_table_that_the_source_has_not_is_refused_before_anything_is_written(folder: Path, source: Shop) -> None:
    answer = floodmark("init", "--table", "ordres")
    assert answer.code == 2
    assert "--table: the source has no public.ordres that its role may read; it has: " in answer.err
    assert list(folder.iterdir()) == [folder / "shop.yml"]


def test_words_that_make_no_valid_file_are_refused(folder: Path) -> None:
    answer = floodmark("init", "--source", "My Shop", "--start", "soon")
    assert answer.code == 2
    assert "source" in answer.err
    assert "start" in answer.err
    assert list(folder.iterdir()) == []
