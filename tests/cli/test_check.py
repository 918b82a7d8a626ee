"""``floodmark check``: every problem at once, what was derived, and what may be dear or slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import Shop, floodmark, written


def test_it_needs_no_connection(tmp_path: Path) -> None:
    answer = floodmark("check", written(tmp_path))
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "ok"


def test_it_prints_what_the_catalog_gave(source: Shop) -> None:
    answer = floodmark("check", source.file, "--online", "--json")
    assert answer.code == 0, answer.err
    [orders, products] = answer.document["sources"][0]["tables"]
    assert (orders["sync"], orders["key"], orders["cursor"]) == ("incremental", ["id"], ["updated_at"])
    assert orders["columns"] == ["id", "status", "created_at", "updated_at"]
    assert "key: id (the primary key)" in orders["derived"]
    assert products["sync"] == "full"
    assert answer.document["sources"][0]["warnings"] == []
    shown = floodmark("check", source.file, "--online")
    assert "key: id (the primary key)" in shown.out


def test_every_problem_of_every_file_comes_at_once(tmp_path: Path) -> None:
    for name, tables in (("one", "  orders: {curser: a}\n"), ("two", "  orders: {cadence: 7m}\n")):
        (tmp_path / name).mkdir()
        written(tmp_path / name, tables=tables).rename(tmp_path / f"{name}.yml")
    answer = floodmark("check", tmp_path, "--json")
    assert answer.code == 2
    said = [problem["path"] for problem in answer.document["error"]["problems"]]
    assert said == ["tables.orders.curser", "tables.orders.cadence"]


def test_a_folder_of_summaries_that_cant_be_looked_into_is_a_problem(tmp_path: Path) -> None:
    file = written(tmp_path)
    (tmp_path / "summaries").write_text("../elsewhere")
    answer = floodmark("check", file, "--json")
    assert answer.code == 2
    told = "summaries: is no folder; put a folder in its place, or take it away"
    assert answer.document["sources"][0]["problems"] == [told]


def test_files_that_no_table_takes_are_told(tmp_path: Path) -> None:
    """The table was renamed, or its file is misspelt: it is read as if there was none."""
    file = written(tmp_path)
    for name in ("shop/order.sql", "schemas/shop/products.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("SELECT 1")
    answer = floodmark("check", file, "--json")
    assert answer.document["sources"][0]["warnings"] == ["shop/order.sql: no table of shop takes it"]
    assert (answer.code, floodmark("check", file, "--strict").code) == (0, 1)
    (tmp_path / "schemas/shop/products.json").unlink()
    (tmp_path / "schemas/shop").rmdir()
    (tmp_path / "schemas/shop").symlink_to(tmp_path / "nothing")
    assert "schemas/shop: is a link to nothing" in floodmark("check", file).out


def test_files_that_nobody_reads_for_their_endings_are_told(tmp_path: Path) -> None:
    file = written(tmp_path)
    for name in ("crm.YML", "summaries/daily.SQL", "shop/orders.Sql", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("SELECT 1")
    assert floodmark("check", file, "--json").document["sources"][0]["warnings"] == [
        "crm.YML: is not read: write its ending in lower case",
        "summaries/daily.SQL: is not read: write its ending in lower case",
        "shop/orders.Sql: no table of shop takes it",
    ]


def test_a_neighbours_file_that_cant_be_read_is_its_own_problem(tmp_path: Path) -> None:
    file = written(tmp_path)
    (tmp_path / "zoo.yml").symlink_to("nothing")
    (tmp_path / "summaries").mkdir()
    (tmp_path / "summaries/daily.sql").write_text("/* floodmark\nsource: zoo\n*/ SELECT 1 FROM x")
    answer = floodmark("check", file, "--json")
    assert (answer.code, answer.document["sources"][0]["warnings"]) == (0, [])
    assert "zoo.yml: there is no file" in floodmark("check", tmp_path).err


def test_globs_of_defaults_that_match_nowhere_and_what_could_not_be_looked_at_are_noted(source: Shop) -> None:
    """A misspelt one lets a column travel; none of it is counted as a warning, since it may be for later."""
    text = source.file.read_text().replace(
        "defaults: {", "defaults: {columns: {exclude: [passwrd, Status, name]}, mask: {'*mail*': null}, "
    )
    source.file.write_text(text)
    answer = floodmark("check", source.file, "--online", "--strict", "--json")
    assert answer.code == 0, answer.out
    ledger, *globs = answer.document["sources"][0]["notes"][::-1]
    assert globs == [
        'defaults.mask: "*mail*" matches no column of any table',
        'defaults.columns.exclude: "Status" matches no column of any table',
        'defaults.columns.exclude: "passwrd" matches no column of any table',
    ]
    assert ledger.startswith("what was read before isn't known: ledger sqlite:///")
    assert "note: defaults.mask" in floodmark("check", source.file, "--online").out


def test_problems_with_the_catalog_come_with_the_file_and_the_remedy(source: Shop) -> None:
    file = written(source.file.parent, tables="  orders: {cursor: updated}\n  missing: {}\n  products: {}\n")
    answer = floodmark("check", file, "--online")
    assert answer.code == 2
    assert 'tables.orders.cursor: column "updated" does not exist in public.orders; it has: ' in answer.out
    assert "shop.yml: tables.missing:" in answer.out
    assert "products" in answer.out
    assert answer.out.splitlines()[-1] == "not ok"


def test_it_warns_of_what_is_dear_or_slow_and_strict_counts_it(source: Shop) -> None:
    source.execute("INSERT INTO orders SELECT n, '', now(), now() FROM generate_series(1, 100000) n")
    source.execute("DROP INDEX orders_updated_at_idx")
    source.execute("VACUUM ANALYZE orders")
    file = written(source.file.parent, tables="  orders: {cadence: 1m}\n")
    answer = floodmark("check", file, "--online", "--json")
    assert answer.code == 0
    [orders] = answer.document["sources"][0]["tables"]
    cadence, partition, index = orders["warnings"]
    assert cadence.startswith("cadence 1m: BigQuery allows 1,500 loads")
    assert partition.startswith(
        "no partition_by: every merge is billed for the whole current table (about 100,000 rows)"
    )
    assert 'CREATE INDEX CONCURRENTLY ON public.orders ("updated_at")' in index
    assert floodmark("check", file, "--online", "--strict").code == 1


def test_a_role_that_cannot_see_sessions_is_given_the_grant(source: Shop) -> None:
    source.execute("DROP ROLE IF EXISTS blind")
    source.execute("CREATE ROLE blind LOGIN")
    source.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO blind")
    try:
        answer = floodmark("check", source.file, "--dsn", source.database.dsn.replace("postgres@", "blind@"), "--json")
        assert answer.code == 0, answer.err
        [warning] = answer.document["sources"][0]["warnings"]
        assert warning.endswith('GRANT pg_read_all_stats TO "blind"')
    finally:
        source.execute("DROP OWNED BY blind")
        source.execute("DROP ROLE blind")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    answer = floodmark("check", tmp_path / "shop.yml")
    assert (answer.code, answer.out) == (2, "")
    assert f"there is no file {tmp_path / 'shop.yml'}" in answer.err


def test_without_files_it_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = floodmark("check")
    assert answer.code == 2
    said = "error: dags/sources: holds no *.yml; name a source's file, or set FLOODMARK_SOURCES"
    assert answer.err.startswith(said)


def test_a_database_out_of_reach_is_for_later(tmp_path: Path) -> None:
    answer = floodmark("check", written(tmp_path), "--dsn", "postgresql://u:s3cret@127.0.0.1:1/none")
    assert answer.code == 3
    assert "127.0.0.1" in answer.err
    assert "s3cret" not in answer.out + answer.err


def test_a_dsn_that_cannot_be_read_is_not_repeated(tmp_path: Path) -> None:
    answer = floodmark("check", written(tmp_path), "--dsn", "postgresql://u:s3cret@[oops/none")
    assert answer.code == 2
    assert answer.err.startswith("error: --dsn: can't be read by libpq; write postgresql://")
    assert "s3cret" not in answer.err


def test_a_refused_login_is_said_once_and_names_its_connection(source: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", f"{source.database.dsn}_nowhere")
    answer = floodmark("check", source.file, "--online")
    assert (answer.code, answer.err.count("connection shop_db: ")) == (2, 1)
    assert "(3D000); mend its schema" in answer.err


def test_it_counts_partitions_and_says_what_is_full_when(source: Shop) -> None:
    source.execute("CREATE TABLE people (id int PRIMARY KEY, born date NOT NULL, updated_at timestamptz NOT NULL)")
    source.execute("INSERT INTO people SELECT n, date '1940-01-01' + n, now() FROM generate_series(1, 12000) n")
    source.execute("ANALYZE people")
    tables = "  people: {partition_by: born}\n  orders: {partition_by: {column: created_at, by: hour}}\n"
    file = written(source.file.parent, tables=tables)
    people, orders = floodmark("check", file, "--online", "--json").document["sources"][0]["tables"]
    [full, outside] = people["warnings"]
    assert "born reaches from 1940-01-02 to 1972-11-08: about 12,000 partitions by day" in full
    assert "BigQuery takes 10,000: its load will be refused; write {column: ..., by: month}" in full
    assert "before 1960 or after 2159 in __UNPARTITIONED__" in outside
    [hours] = orders["warnings"]
    assert "10,000 hours are all that BigQuery takes in a table, 416 days" in hours
    assert hours.endswith("write {column: ..., by: day}")


def test_it_names_readers_that_a_table_cannot_have(source: Shop) -> None:
    source.execute("CREATE VIEW seen AS SELECT * FROM products")
    file = written(source.file.parent, tables="  seen: {sync: full, readers: 3}\n  products: {readers: 3}\n")
    seen, products = floodmark("check", file, "--online", "--json").document["sources"][0]["tables"]
    assert seen["warnings"] == [
        "readers: 3: one reader reads public.seen all: its rows have no place of their own, as those of a heap table "
        "have; take it out"
    ]
    assert products["warnings"] == []
