"""Migrations: up and down, the same as the metadata, once only, and nothing costly where there is nothing to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from floodmark.adapters.ledger import schema as ledger_schema
from floodmark.adapters.ledger import tables as ledger_tables
from floodmark.adapters.ledger.engine import engine_for, transaction
from floodmark.adapters.ledger.sql import SqlLedger
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.read import State
from floodmark.errors import LedgerUnusable
from tests.fakes.examples import ZERO


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/ledger.db"
    return request.getfixturevalue("database").dsn


def tables(url: str) -> set[str]:
    engine = engine_for(url)
    with transaction(engine) as connection:
        found = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    return found


def test_the_migrated_schema_is_the_one_that_the_program_writes(url: str) -> None:
    SqlLedger(url).close()
    engine = engine_for(url)
    with transaction(engine) as connection:
        options = {"version_table": ledger_schema.REVISIONS, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), ledger_tables.metadata) == []
        nullable = {
            (table.name, column["name"]): column["nullable"]
            for table in ledger_tables.metadata.sorted_tables
            for column in sa.inspect(connection).get_columns(table.name)
        }
    engine.dispose()
    declared = {(t.name, c.name): bool(c.nullable) for t in ledger_tables.metadata.sorted_tables for c in t.c}
    assert nullable == declared


def test_migrations_go_down_to_nothing_and_up_again(url: str) -> None:
    first = SqlLedger(url)
    first.close()
    engine = engine_for(url)
    with transaction(engine, "EXCLUSIVE") as connection:
        ledger_schema.migrate(connection, "base")
    assert tables(url) == {ledger_schema.REVISIONS}
    engine.dispose()
    second = SqlLedger(url)
    assert second.uuid != first.uuid
    head = second.head("t")
    second.swap(head, heads.take(head, holder="h", now=ZERO))
    assert second.head("t").holder == "h"
    second.close()


def test_a_ledger_of_an_older_program_is_brought_up_to_date_with_its_heads(url: str) -> None:
    before = SqlLedger(url)
    before.swap(before.head("t"), heads.take(before.head("t"), holder="h", now=ZERO))
    before.close()
    engine = engine_for(url)
    with transaction(engine, "EXCLUSIVE") as connection:
        ledger_schema.migrate(connection, "0001")
    engine.dispose()
    after = SqlLedger(url)
    assert (after.uuid, after.head("t")) == (
        before.uuid,
        heads.take(heads.fresh("t", before.uuid), holder="h", now=ZERO),
    )
    after.close()


def test_a_ledger_that_0_1_0_wrote_is_brought_up_to_date_with_all_that_it_holds(tmp_path: Path) -> None:
    """The dump is of a file that the program of 0.1.0 wrote: two tables, two runs each."""
    written = sqlite3.connect(tmp_path / "ledger.db")
    written.executescript(Path(__file__).with_name("ledger_0_1_0.sql").read_text(encoding="utf-8"))
    written.close()
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    orders, products = ledger.head("proj.shop.orders"), ledger.head("proj.shop.products")
    assert (orders.open, orders.error, orders.holder) == (None, "", "")
    assert [(read.state, read.rows) for read in ledger.reads("proj.shop.orders")] == [(State.APPLIED, 1)] * 2
    assert [type(read.portion).__name__ for read in ledger.reads("proj.shop.products")] == ["Whole"] * 2
    assert len(orders.coverage) == 2
    assert products.last is not None
    assert [effect.state.value for read in ledger.reads("proj.shop.orders") for effect in read.effects] == ["done"] * 4
    taken = heads.take(orders, holder="h", now=ZERO)
    ledger.swap(orders, taken)
    assert ledger.head("proj.shop.orders") == taken
    ledger.close()


def test_the_programs_layout_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(ledger_schema.folder()))
    assert int(ScriptDirectory.from_config(config).get_current_head() or 0) == ledger_tables.VERSION


def test_a_migration_that_fails_leaves_nothing_behind(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "migrations"
    shutil.copytree(ledger_schema.folder(), broken)
    first = next((broken / "versions").glob("0001_*.py"))
    first.write_text(first.read_text().replace("op.create_index(", "raise ZeroDivisionError\n    op.create_index("))
    monkeypatch.setattr(ledger_schema, "folder", lambda: broken)
    with pytest.raises(ZeroDivisionError):
        SqlLedger(url)
    assert tables(url) == set()
    monkeypatch.undo()
    SqlLedger(url).close()


def test_a_ledger_of_a_newer_program_is_refused(url: str) -> None:
    SqlLedger(url).close()
    engine = engine_for(url)
    with transaction(engine, "IMMEDIATE") as connection:
        connection.execute(ledger_tables.ledger.update().values(version=ledger_tables.VERSION + 1))
    engine.dispose()
    with pytest.raises(LedgerUnusable, match=r"its layout is 4, this program knows up to 3; .* upgrade this one"):
        SqlLedger(url)


def test_a_ledger_whose_name_is_gone_is_refused(url: str) -> None:
    SqlLedger(url).close()
    engine = engine_for(url)
    with transaction(engine, "IMMEDIATE") as connection:
        connection.execute(ledger_tables.ledger.delete())
    engine.dispose()
    with pytest.raises(LedgerUnusable, match=r"floodmark_ledger is empty; restore"):
        SqlLedger(url)


def test_another_programs_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE accounts (id int)")
    before = file.read_bytes()
    with pytest.raises(LedgerUnusable, match=r"not a ledger, it holds the tables accounts; name another file"):
        SqlLedger(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_database_server_may_hold_other_tables_beside_the_ledgers(database) -> None:
    engine = engine_for(database.dsn)
    with transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id int)")
    engine.dispose()
    SqlLedger(database.dsn).close()
    assert "accounts" in tables(database.dsn)


def test_opening_a_current_ledger_is_cheap_and_imports_no_alembic(tmp_path: Path) -> None:
    """Every task opens it: whether the ledger's table is there, and one SELECT of it."""
    address = f"sqlite:///{tmp_path}/ledger.db"
    SqlLedger(address).close()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        SqlLedger(address).close()
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in asked] == ["BEGIN", "PRAGMA", "SELECT"]
    program = (
        "import sys; from floodmark.adapters.ledger.sql import SqlLedger; "
        f"SqlLedger({address!r}); print('alembic' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
