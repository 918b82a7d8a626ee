"""Heads and reads as JSON values: what converts them is built once a process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from pydantic import TypeAdapter

from floodmark.adapters.ledger import documents

TOGETHER = 8


@dataclass(frozen=True)
class Counted:
    number: int


def test_threads_that_ask_at_once_build_what_converts_a_type_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Any] = []

    def adapter(kind: Any) -> TypeAdapter[Any]:
        built.append(kind)
        return TypeAdapter(kind)

    monkeypatch.setattr(documents, "TypeAdapter", adapter)
    together = Barrier(TOGETHER)

    def asked(number: int) -> Any:
        together.wait()
        return documents.document(Counted, Counted(number))

    with ThreadPoolExecutor(TOGETHER) as threads:
        assert list(threads.map(asked, range(TOGETHER))) == [{"number": number} for number in range(TOGETHER)]
    assert built == [Counted]
