"""Templates of SQL: compiled once a process, however many tables of a batch begin at the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import jinja2
import pytest

from floodmark.core import sql

TOGETHER = 8


def _name(text: str) -> str:
    return f'"{text}"'


def _literal(value: Any) -> str:
    return f"'{value}'"


def test_threads_that_ask_at_once_compile_a_template_and_those_it_imports_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: Counter[str] = Counter()
    real = jinja2.Environment.compile

    def compile_(self: jinja2.Environment, source: Any, name: str | None = None, *given: Any, **named: Any) -> Any:
        compiled[str(name)] += 1
        return real(self, source, name, *given, **named)

    monkeypatch.setattr(jinja2.Environment, "compile", compile_)
    together = Barrier(TOGETHER)

    def asked(number: int) -> str:
        together.wait()
        values = {"flat": False, "oid": number, "result": ()}
        return sql.render("postgres/columns.sql", values, quote=_name, literal=_literal)

    with ThreadPoolExecutor(TOGETHER) as threads:
        texts = list(threads.map(asked, range(TOGETHER)))
    assert [f"a.attrelid = '{number}' AND" in text for number, text in enumerate(texts)] == [True] * TOGETHER
    assert compiled == {"postgres/columns.sql": 1, "postgres/_types.sql": 1}
