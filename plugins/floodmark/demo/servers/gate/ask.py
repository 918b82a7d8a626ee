"""Google's analyzer and evaluator for a program that has another Python: one question a line, one answer a line.

``{"sql": ..., "tables": [[project, dataset, table, columns], ...], "parameters": {name: type}}`` gives
``{"refusal": ..., "analyzed": ...}``; with ``"evaluate": true`` (then no tables) ``{"rows": [[...], ...]}``, or
``{"error": ...}`` where a value can't be had.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from zetasql.core.exceptions import ServerError

from floodmark.demo.servers.gate.analyzer import Analyzer
from floodmark.demo.servers.gate.statements import Reference, Statements


def answer(analyzer: Analyzer, statements: Statements, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question."""
    if question.get("evaluate"):
        try:
            content = analyzer.evaluate(question["sql"], (), {})
        except ServerError as error:
            return {"error": str(error)}
        return {"rows": [[_value(cell) for cell in row.cell] for row in content.table_data.row]}
    tables: dict[Reference, tuple[dict[str, Any], ...]] = {
        (project, dataset, table): tuple(columns) for project, dataset, table, columns in question["tables"]
    }

    def resolve(names: tuple[str, ...]) -> Reference | None:
        whole = (names[0], names[1], names[2]) if len(names) == 3 else ("", "", "")
        return whole if whole in tables else None

    before = statements.counts.left_out
    checked = statements.check(
        question["sql"],
        resolve=resolve,
        fields=tables.__getitem__,
        parameters={name: {"type": kind} for name, kind in question.get("parameters", {}).items()},
    )
    return {"refusal": checked.refusal, "analyzed": statements.counts.left_out == before}


def _value(cell: Any) -> Any:
    kind = cell.WhichOneof("value")
    return getattr(cell, kind) if kind else None


def main() -> int:
    """Answer until the input ends."""
    analyzer = Analyzer()
    statements = Statements(analyzer)
    for line in sys.stdin:
        print(json.dumps(answer(analyzer, statements, json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
