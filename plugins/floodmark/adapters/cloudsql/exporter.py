"""How one reading's rows come: an export, its file, and what that proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from floodmark.adapters.arrow.rows import ArrowRows, selected
from floodmark.adapters.cloudsql import file
from floodmark.adapters.cloudsql.evidence import Evidence, believed_end, evidence, is_flushed
from floodmark.adapters.cloudsql.operations import Operations
from floodmark.adapters.cloudsql.query import ExportedQuery, context
from floodmark.adapters.postgres.selected import carriage
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Snapshot


@dataclass(kw_only=True)
class CloudSqlExporter:
    """Implements :class:`~floodmark.core.ports.Exporter`.

    ``opened`` opens an object to be read; ``unchanged`` raises where the table's columns are others by now, or were
    others where the export's evidence is from.

    ``durable`` says, once the rows are exhausted, whether the file itself shows that what it saw was on disk (R3);
    ``lsn`` is how far the log went.
    """

    place: str
    database: str
    durable: bool = False
    lsn: str = ""
    _query: ExportedQuery = field(repr=False)
    _operations: Operations = field(repr=False)
    _opened: Callable[[str], Any] = field(repr=False)
    _unchanged: Callable[[Evidence], None] = field(repr=False)

    @property
    def _where(self) -> str:
        return f"{self._query.selection.schema}.{self._query.selection.name}"

    @property
    def offload(self) -> bool:
        """Whether it is read from a temporary copy of the instance."""
        return self._query.selection.offload

    def request(self, uri: str, query: str) -> dict[str, Any]:
        """The ``exportContext``."""
        return context(uri, query, self.database, offload=self.offload)

    def carry_out(self, request: Mapping[str, Any], *, sent: bool) -> dict[str, Any]:
        """See :meth:`Operations.carry_out`."""
        return self._operations.carry_out(request, f"exporting {self._where}", sent=sent, hidden=self._query.hidden)

    def rows(
        self,
        request: Mapping[str, Any],
        look: Snapshot,
        spans: Sequence[Span] | None,
        read_at: datetime,
        part: Part | None = None,
    ) -> ArrowRows:
        """The file's rows, once its first line is believed; its last line is, before they are at their end."""
        query, selection, where = self._query, self._query.selection, self._where
        found = file.lines(self._opened(str(request["uri"])), where)
        offload = bool(request.get("offload"))
        first = evidence(file.first(found, where), look, where, offload=offload)
        self.lsn = first.lsn

        def ended(line: str) -> None:
            flushed = believed_end(line, where)
            self.durable = offload or is_flushed(self.lsn, flushed)
            self._unchanged(first)

        told = query.tells(spans)
        return selected(
            selection,
            file.batches(found, [*query.items(told=told)], where, ended),
            {selection.in_target(column): carriage(selection, query.schema, column) for column in selection.columns},
            read_at=read_at,
            moment=query.moment_column,
            leaving=spans is not None and bool(selection.key),
            flagged=told,
            verify=selection.verify,
            digested=spans is None and part is None,
            recheck=[span.interval for span in spans or () if span.recheck],
        )
