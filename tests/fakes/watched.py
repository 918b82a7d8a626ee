"""A real port with a hook around every call: to see what stands when it is made, or to play a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from floodmark.pipeline.table_run import Ports, TableRun

PORTS = ("source", "stage", "warehouse", "ledger")


class Watched:
    """``before`` is given a call's name and arguments, ``after`` its name and result: what it returns comes instead."""

    def __init__(self, port: Any, before: Callable[..., None], after: Callable[[str, Any], Any]) -> None:
        self._port, self._before, self._after = port, before, after

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            self._before(name, *arguments)
            found = value(*arguments, **named)
            instead = self._after(name, found)
            return found if instead is None else instead

        return call


def watching(
    run: TableRun,
    port: str,
    *,
    before: Callable[..., None] = lambda *_: None,
    after: Callable[[str, Any], Any] = lambda *_: None,
) -> TableRun:
    """The same step, with one of its ports watched."""
    inner = run.ports
    opened: dict[str, Callable[[], Any]] = {name: lambda name=name: getattr(inner, name) for name in PORTS}
    opened[port] = lambda: Watched(getattr(inner, port), before, after)
    return replace(run, ports=Ports(**opened))
