"""``floodmark init``: a starter that ``check`` accepts, and that overwrites nothing."""

from __future__ import annotations

import ast
import json
import re
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


def test_tables_that_the_role_may_not_read_are_named(
    folder: Path, source: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a source would look whole of which the role sees a part."""
    source.execute("CREATE SCHEMA vault; CREATE TABLE vault.keys (id int PRIMARY KEY)")
    source.execute("CREATE ROLE reads_some; GRANT SELECT ON orders TO reads_some")
    monkeypatch.setenv("PGOPTIONS", "-c role=reads_some")
    answer = floodmark("init")
    assert answer.code == 0, answer.err
    text = (folder / "dags/sources/shop.yml").read_text()
    assert ("  orders:" in text, "products" in text) == (True, False)
    assert "2 tables aren't in the file, as its role may not read them (public.products, vault.keys)" in answer.out
    document = floodmark("init", "--folder", "elsewhere", "--json").document
    assert document["unreadable"] == ["public.products", "vault.keys"]
    monkeypatch.delenv("PGOPTIONS")
    source.execute("DROP OWNED BY reads_some; DROP ROLE reads_some")
    assert floodmark("init", "--folder", "all", "--json").document["unreadable"] == []


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


def test_what_only_a_person_knows_is_proposed_in_comments_that_check_accepts(folder: Path, source: Shop) -> None:
    for statement in (
        "CREATE TABLE clicks (id int PRIMARY KEY, created_at timestamptz NOT NULL)",
        "CREATE TABLE changed (id int PRIMARY KEY, created_at timestamptz NOT NULL)",
        'CREATE TABLE people (id int PRIMARY KEY, updated_at timestamptz NOT NULL, "deleted on" date, is_deleted bool)',
        "CREATE TABLE due (id int PRIMARY KEY, deleted_at timestamptz NOT NULL)",
        "INSERT INTO clicks VALUES (1, now())",
        "INSERT INTO changed VALUES (1, now())",
        "UPDATE changed SET id = 2",
        "ANALYZE clicks",
    ):
        source.execute(statement)  # by a session each, which tells the statistics as it ends
    assert floodmark("init", "--folder", "airflow/dags").code == 0
    file = folder / "airflow/dags/sources/shop.yml"
    text = file.read_text()
    tables = dict(re.findall(r"^  (\w+):(.*(?:\n    .*)*)", text, re.M))
    assert tables["clicks"].splitlines()[1:] == [
        "    # proposed, if its rows never change: none has, by the server's statistics:",
        "    # sync: append",
        "    # cursor: created_at",
        "    # partition_by: created_at",
    ]
    assert "; about 1 rows\n" in tables["clicks"]
    assert "proposed" not in tables["changed"]
    assert "    # deletes: {soft: is_deleted}" in tables["people"]
    assert "proposed" not in tables["due"]
    assert floodmark("check", file, "--online").code == 0
    file.write_text(re.sub(r"^    # (\w+: )", r"    \1", text, flags=re.M))
    taken = floodmark("check", file, "--online", "--json")
    assert taken.code == 0, taken.out
    chosen = {table["name"]: table for table in taken.document["sources"][0]["tables"]}
    assert chosen["clicks"]["sync"] == "append"


def test_tables_that_a_framework_keeps_for_itself_are_left_out_unless_they_are_named(
    folder: Path, source: Shop
) -> None:
    source.execute("CREATE TABLE schema_migrations (version text PRIMARY KEY)")
    assert floodmark("init", "--folder", "airflow/dags").code == 0
    assert (
        "  # schema_migrations:  # by its name a tool keeps" in (folder / "airflow/dags/sources/shop.yml").read_text()
    )
    assert floodmark("init", "--source", "other", "--connection", "shop_db", "-t", "schema_migrations").code == 0
    assert "  schema_migrations:  # key: version" in (folder / "dags/sources/other.yml").read_text()


def test_what_is_invented_and_what_is_to_be_set_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOODMARK_PROJECT")
    answer = floodmark("init", "--source", "crm")
    assert "its tables (orders is what this file begins with); give --dsn, or set AIRFLOW_CONN_CRM_DB" in answer.out
    assert "to be set, or written into the file: FLOODMARK_PROJECT\n" in answer.out
    assert "FLOODMARK_BUCKET" not in answer.out


def test_an_editor_finds_the_schema_of_the_file_beside_it(folder: Path) -> None:
    assert floodmark("init").code == 0
    head = (folder / "dags/sources/shop.yml").read_text().splitlines()[0]
    named = folder / "dags/sources" / head.removeprefix("# yaml-language-server: $schema=")
    assert json.loads(named.read_text())["title"] == "A Floodmark source"
    assert floodmark("check", folder / "dags/sources").code == 0


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
    assert other.document == {
        "written": ["dags/sources/crm.yml"],
        "kept": ["dags/floodmark_dags.py", "dags/sources/source.schema.json"],
        "unreadable": [],
    }
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
