"""The rules of a time zone, here and on the server (R35): as :mod:`floodmark.adapters.postgres.zones` has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from floodmark.adapters.cloudsql.asking import Asking
from floodmark.adapters.postgres.zones import refuse_differences
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema


def refuse_other_rules(asking: Asking, selection: Selection, schema: TableSchema, spans: Sequence[Span]) -> None:
    """Raise ``SourceRefused`` where the server's clock shows another time."""

    def ask(statement: str, doing: str) -> list[tuple[Any, ...]]:
        [found] = asking.ask([statement], doing=doing)
        return [(datetime.fromisoformat(shown),) for (shown,) in found]

    refuse_differences(ask, selection, schema, spans)
