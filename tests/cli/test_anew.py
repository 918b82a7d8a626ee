"""A changed type, from the message that names the remedy to the mended table."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.shop import Answer, Shop, floodmark, hour

Rows = Callable[[str], list[dict[str, Any]]]
HALF = timedelta(minutes=30)


def printed(text: str, words: str) -> list[str]:
    """The words of the first command that is printed, as a shell would part them."""
    line = re.search(rf"floodmark ({words}.*)$", text, re.MULTILINE)
    assert line is not None, text
    return shlex.split(line[1])


def changed(shop: Shop) -> Answer:
    """A run that finds a column of another type, which is frozen."""
    shop.file.write_text(shop.file.read_text().replace("orders: {", "orders: {schema: {retyped: freeze}, "))
    shop.order(1, hour(2) + HALF, status="7")
    assert floodmark("run", shop.file, "-t", "orders", "--last", "2h").code == 0
    shop.execute("ALTER TABLE orders ALTER status TYPE bigint USING status::bigint")
    shop.execute("INSERT INTO orders VALUES (2, 9, %s, %s)", hour(1) + HALF, hour(1) + HALF)
    return floodmark("run", shop.file, "-t", "orders")


def mended(shop: Shop, current: Rows) -> None:
    assert [(row["id"], row["status"]) for row in current("orders")] == [(1, 7), (2, 9)]
    assert floodmark("status", shop.file).code == 0
    assert floodmark("balance", shop.file, "orders").code == 0
    assert floodmark("prove", shop.file, "-t", "orders").code == 0
    shop.execute("INSERT INTO orders VALUES (3, 11, %s, %s)", hour(1) + HALF, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    assert [row["id"] for row in current("orders")] == [1, 2, 3]


@pytest.mark.slow
def test_a_changed_type_is_mended_by_what_its_message_prints(shop: Shop, current: Rows) -> None:
    refused = changed(shop)
    assert refused.code == 1
    assert "schema.retyped: freeze" in refused.err
    asked = floodmark(*printed(refused.err, "reload"))  # nobody is there to answer
    assert asked.code == 2
    assert "raw's history goes" in asked.err
    assert [row["status"] for row in current("orders")] == ["7"]
    answer = floodmark(*printed(asked.err, "reload"))
    assert answer.code == 0, answer.err
    mended(shop, current)


@pytest.mark.slow
def test_a_person_at_a_terminal_is_asked(shop: Shop, current: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    words = printed(changed(shop).err, "reload")
    asked: list[str] = []

    def answered(answer: bool) -> Callable[..., bool]:
        def confirm(question: str, *, abort: bool, **_: Any) -> bool:
            asked.append(question)
            if abort and not answer:
                raise typer.Abort
            return answer

        return confirm

    monkeypatch.setattr("floodmark.cli.anew.at_a_terminal", lambda: True)
    monkeypatch.setattr("floodmark.cli.anew.typer.confirm", answered(False))
    assert floodmark(*words).code == 1
    assert [row["status"] for row in current("orders")] == ["7"]
    monkeypatch.setattr("floodmark.cli.anew.typer.confirm", answered(True))
    assert floodmark(*words).code == 0
    assert len(asked) == 2
    mended(shop, current)


@pytest.mark.slow
def test_a_source_is_named_in_the_message_as_the_command_named_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLOODMARK_SOURCES", str(tmp_path))
    changed(shop)
    refused = floodmark("run", "shop", "-t", "orders")
    assert printed(refused.err, "reload") == ["reload", "--anew", "shop", "orders"]
    assert printed(floodmark("run", shop.file, "-t", "orders").err, "reload")[2] == str(shop.file)
