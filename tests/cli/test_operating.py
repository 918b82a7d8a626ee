"""What ``docs/operating.md`` tells people to type, typed: upgrade, go back, change, remove, move, begin anew."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.ledger import schema as ledger_schema
from floodmark.adapters.ledger import tables as ledger_tables
from floodmark.adapters.ledger.engine import engine_for, transaction
from tests.cli.shop import HALF, Answer, Shop, floodmark, hour

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
Rows = Callable[[str], list[dict[str, Any]]]


def commands(section: str) -> list[list[str]]:
    """The lines of a section's block, as words."""
    text = re.split(rf"^#+ {re.escape(section)}$", PAGE, flags=re.MULTILINE)[1]
    block = re.search(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert block is not None
    return [shlex.split(line) for line in block[1].splitlines()]


def typed(words: list[str]) -> Answer | None:
    """Do what the line says; pip is left out, since the test has the version that it has."""
    program, *rest = words
    if program == "floodmark":
        return floodmark(*rest)
    if program == "sqlite3":
        with sqlite3.connect(rest[0]) as connection:
            connection.execute(rest[1])
        connection.close()
    elif program == "cp":
        shutil.copy(*rest)
    else:
        assert words[:2] == ["pip", "install"]
    return None


def play(section: str) -> list[Answer]:
    """Type the section's commands; what Floodmark answered, each well."""
    answers = [answer for words in commands(section) if (answer := typed(words))]
    assert [(answer.code, answer.out, answer.err) for answer in answers if answer.code] == []
    return answers


@pytest.fixture
def shop_here(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop, typed at from its own folder; one order stands in current."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOODMARK_STATE", "state")
    monkeypatch.setenv("FLOODMARK_SOURCES", str(tmp_path))
    edit(shop, ", first_load: slices", "")
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", "shop").code == 0
    return shop


def edit(shop: Shop, old: str, new: str) -> None:
    text = shop.file.read_text()
    assert old in text
    shop.file.write_text(text.replace(old, new))


def ids(current: Rows) -> list[int]:
    return [row["id"] for row in current("orders")]


@pytest.mark.slow
def test_an_upgrade_from_0_1_0_and_back(shop_here: Shop, current: Rows) -> None:
    engine = engine_for("sqlite:///state/floodmark.db")
    with transaction(engine, "EXCLUSIVE") as connection:
        ledger_schema.migrate(connection, "0002")  # what 0.1.0 would have left
    engine.dispose()
    shop_here.order(2, hour(1) + HALF)
    *_, ran = play("Upgrade")
    assert "applied" in ran.out
    assert ids(current) == [1, 2]
    with sqlite3.connect("state/floodmark.db") as ledger:
        assert ledger.execute("SELECT version FROM floodmark_ledger").fetchall() == [(ledger_tables.VERSION,)]
    ledger.close()

    shop_here.order(3, hour(1) + HALF)
    *_, balanced = play("Go back")
    assert "balances" in balanced.out
    assert ids(current) == [1, 2, 3]


@pytest.mark.slow
def test_a_copy_that_is_put_back_changes_nothing_until_a_reload(shop_here: Shop, current: Rows) -> None:
    typed(["sqlite3", "state/floodmark.db", "VACUUM INTO 'state/before.db'"])
    shop_here.order(2, hour(1) + HALF)
    assert floodmark("run", "shop", "-t", "orders").code == 0
    shutil.copy("state/before.db", "state/floodmark.db")
    refused = floodmark("run", "shop", "-t", "orders")
    assert refused.code == 1
    assert "holds 2 rows, and the last read that we applied left 1" in refused.err
    play("Go back")
    assert ids(current) == [1, 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{where: \"status <> 'old'\"}", "where: none -> status <> 'old'"),
        ("{cursor: created_at}", "cursor: updated_at -> created_at"),
        ("{key: [id, created_at]}", "key: id -> id, created_at"),
    ],
    ids=["where", "cursor", "key"],
)
def test_a_change_of_the_file_is_planned_and_run(shop_here: Shop, current: Rows, new: str, said: str) -> None:
    shop_here.order(2, hour(1) + HALF, status="old")
    edit(shop_here, "orders: {partition_by: created_at}", f"orders: {new[:-1]}, partition_by: created_at}}")
    _, planned, ran, balanced = play("Change a key, a cursor or `where`")
    assert f"reloaded: {said}" in planned.out
    assert f"reloaded: {said}" in ran.err
    assert "balances" in balanced.out
    assert ids(current) == ([1] if "where" in new else [1, 2])


@pytest.mark.slow
def test_a_table_is_removed_and_put_back(shop_here: Shop, current: Rows) -> None:
    whole = shop_here.file.read_text()
    edit(shop_here, "  orders: {partition_by: created_at}\n", "")
    _, status = play("Remove a table")
    assert "no longer in the file" in status.out
    assert ids(current) == [1]
    shop_here.order(2, hour(1) + HALF)
    shop_here.file.write_text(whole)
    assert floodmark("run", "shop", "-t", "orders").code == 0
    assert ids(current) == [1, 2]


@pytest.mark.slow
def test_a_ledger_is_moved_and_goes_on(shop_here: Shop, current: Rows, tmp_path: Path) -> None:
    first, *others = commands("Where the ledger lies")
    assert typed(first) is None
    edit(shop_here, "start:", f"ledger: sqlite:///{tmp_path}/moved.db\nstart:")
    shop_here.order(2, hour(1) + HALF)
    status, ran, proved = (typed(words) for words in others)
    assert (status.code, ran.code) == (0, 0), ran.err
    assert status.out.startswith(f"ledger: sqlite:///{tmp_path}/moved.db\n")
    assert ids(current) == [1, 2]
    assert "proved" in proved.out


@pytest.mark.slow
def test_a_new_ledger_takes_over_what_the_former_filled(shop_here: Shop, current: Rows, tmp_path: Path) -> None:
    edit(shop_here, "start:", f"ledger: sqlite:///{tmp_path}/new.db\nstart:")
    shop_here.order(2, hour(1) + HALF)
    rebuilt, *_ = play("Begin a new one")
    assert "orders: taken over from ledger " in rebuilt.out
    assert ids(current) == [1, 2]


def test_each_section_is_played() -> None:
    sections = set(re.findall(r"^#+ (.+)\n(?:(?!^#).*\n)*?```sh", PAGE, flags=re.MULTILINE))
    played = set(re.findall(r'(?:play|commands)\("(.+)"\)', Path(__file__).read_text(encoding="utf-8")))
    assert sections == played
