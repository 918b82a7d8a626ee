"""Google's analyzer, for tests that need no server: a process in the servers' environment that answers line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from floodmark.adapters.bigquery.tables import resource
from floodmark.core.ports import TargetTable
from floodmark.demo.servers.environment import compile_analyzer, servers_environment

PLUGINS = Path(__file__).parents[3] / "plugins"


class GooglesAnalyzer:
    """What Google's code says to statements."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def refusal(self, sql: str, tables: Iterable[TargetTable], parameters: Mapping[str, str] | None = None) -> str:
        """Why the statement is not valid against these tables; empty where it is."""
        places = [[one.project, one.dataset, one.table, resource(one)["schema"]["fields"]] for one in tables]
        told = self._ask({"sql": sql, "tables": places, "parameters": dict(parameters or {})})
        assert told["analyzed"], f"was not analyzed: {sql[:200]}"
        return str(told["refusal"])

    def rows(self, sql: str) -> list[list[Any]]:
        """The rows of a query without tables, by Google's reference evaluator."""
        told = self._ask({"sql": sql, "evaluate": True})
        assert "rows" in told, f"{told['error']}: {sql[:200]}"
        found: list[list[Any]] = told["rows"]
        return found

    def error(self, sql: str) -> str:
        """Why its evaluator gives no rows; empty where it does."""
        return str(self._ask({"sql": sql, "evaluate": True}).get("error", ""))

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def google_s_analyzer() -> Iterator[GooglesAnalyzer]:
    """The analyzer, which ends with the block."""
    environment = servers_environment()
    compile_analyzer(environment)
    command = [environment.python, "-m", "floodmark.demo.servers.gate.ask"]
    variables = {"PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables, encoding="utf-8"
    ) as process:
        yield GooglesAnalyzer(process)
        assert process.stdin is not None
        process.stdin.close()
