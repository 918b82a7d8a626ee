"""``floodmark forget``: asks, takes keys from a file, says what is kept and for how long."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.shop import Shop, floodmark, hour

Rows = Callable[[str], list[dict[str, Any]]]


@pytest.mark.slow
def test_rows_go_once_somebody_says_so(
    shop: Shop, current: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        shop.order(number, hour(1) + timedelta(minutes=30))
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    asked = floodmark("forget", shop.file, "orders", "--key", "1")
    assert asked.code == 2
    assert "1 keys: 1 rows of current and 1 of raw go" in asked.err
    assert [row["id"] for row in current("orders")] == [1, 2, 3]
    keys = tmp_path / "keys"
    keys.write_text("1\n\n2\n9\n")
    words = asked.err.split("if they may go: floodmark ")[1].strip().replace("FILE", shlex.quote(str(keys)))
    answer = floodmark(*shlex.split(words))
    assert answer.code == 1, answer.err
    assert "3 keys forgotten: 2 rows removed" in answer.out
    assert "1 stand nowhere: by their place in what was named: 3" in answer.out
    assert "time travel until" in answer.out
    assert [row["id"] for row in current("orders")] == [3]
    again = floodmark("forget", shop.file, "orders", "--key", "3", "--yes", "--json")
    assert again.code == 0
    assert again.document["forgotten"]["current"] == 1
    assert again.document["unknown"] == []
    [planned] = floodmark("plan", shop.file, "-t", "orders", "--json").document["plans"]
    assert [one["what"] for one in planned["checks"]].count("forgotten keys") == 1
    told = floodmark("status", shop.file)
    assert "4 keys forgotten" in " ".join(told.out.split())
    monkeypatch.setattr("floodmark.cli.forget.at_a_terminal", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: (_ for _ in ()).throw(typer.Abort))
    assert floodmark("forget", shop.file, "orders", "--key", "3").code != 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--key, --keys: name no key"),
        (("--keys", "nowhere"), "nowhere can't be read: No such file or directory"),
        (("--keys", "latin"), "latin is not UTF-8 (byte 0)"),
    ],
)
def test_what_names_no_key_is_refused(
    source: Shop, words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin").write_bytes(b"\xe4")
    refused = floodmark("forget", source.file, "orders", *words)
    assert refused.code == 2
    assert said in refused.err
