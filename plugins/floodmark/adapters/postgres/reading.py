"""A table of PostgreSQL held still, in one snapshot (R1-R3): what is asked of it there, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from floodmark.adapters.arrow.rows import ArrowRows, selected
from floodmark.adapters.pace import Pace
from floodmark.adapters.postgres.comparison import PostgresComparison
from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.durable import flushed
from floodmark.adapters.postgres.history import lsn_of
from floodmark.adapters.postgres.masks import pads, settings_of
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.reader import Reader
from floodmark.adapters.postgres.selected import carriage
from floodmark.adapters.postgres.shards import Shards
from floodmark.adapters.postgres.zones import refuse_other_rules
from floodmark.adapters.several_readers import Share, write
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ports import Stage
from floodmark.core.reconcile import Scope
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

_OLDEST_COMPARED = 140_000
"""It has ``bit_xor``, and ``extract`` gives exact numbers."""


@dataclass(kw_only=True)
class PostgresReading:
    """Implements :class:`~floodmark.core.ports.Reading`. ``assumptions`` are what this server kept to itself (R7)."""

    schema: TableSchema
    snapshot: Snapshot
    leaves: tuple[Leaf, ...]
    catalog: tuple[CatalogPart, ...] = ()
    assumptions: tuple[str, ...] = ()
    exporter: None = None
    _query: Query = field(repr=False)
    _holder: Any = field(repr=False)
    _reader: Reader = field(repr=False)
    _parameters: Mapping[str, str] = field(repr=False)
    _pace: Pace = field(repr=False)
    _settings: Sequence[str] = ()
    _keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    _text: tuple[Any, str] | None = field(default=None, repr=False)

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The text that :meth:`rows` runs. Raises ``SourceRefused`` for a zone of other rules than ours (R35)."""
        wanted = (tuple(spans) if spans is not None else None, part)
        if self._text is None or self._text[0] != wanted:
            refuse_other_rules(self._holder, self._query.selection, self.schema, spans or ())
            self._text = (wanted, self._query.rows(spans, part))
        return self._text[1]

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> ArrowRows:
        """Read; the rows of an earlier call end. Raises ``SourceUnavailable``, ``SourceChanged``, ``BadValue``."""
        return self._selected(self.query(spans, read_at, part), read_at, **self._told(spans, part))

    def _told(self, spans: Sequence[Span] | None, part: Part | None) -> dict[str, Any]:
        """What is to be learned from the rows as they pass."""
        selection = self._query.selection
        return {
            "verify": selection.verify,
            "leaving": spans is not None and bool(selection.key),
            "flagged": spans is not None and selection.leaving,
            "digested": spans is None and part is None,
            "recheck": [span.interval for span in spans or () if span.recheck],
        }

    def set_keys(self, keys: Mapping[str, bytes]) -> None:
        """Give the session the keys of masks, by their connections."""
        settings = settings_of(self._query.selection.masks)
        self._keys = {settings[one]: pads(key) for one, key in keys.items()}
        self._reader.set_keys(self._keys)

    def staged(
        self,
        name: str,
        stage: Callable[[], Stage],
        spans: Sequence[Span] | None,
        read_at: datetime,
        part: Part | None = None,
    ) -> Manifest | None:
        """The whole table, a part of it, or a large slice, by several readers side by side, where they are wanted.

        None: one reader's rows are handed over.
        """
        wanted = self._query.selection.readers
        if wanted == 1:
            return None
        shards = Shards(
            first=self._reader, wanted=wanted, leaves=self.leaves, hold=self._query.holder,
            parameters=self._parameters, settings=self._settings, keys=self._keys,
        )  # fmt: skip
        if part is not None:
            parts = shards.parts(self._holder, part, self.part_end)
            texts = [self._query.rows(None, one) for one in parts]
        elif spans is None or shards.is_large(self._holder, self.schema, self.query(spans, read_at)):
            stretches = shards.stretches(self._holder, self.schema)
            texts = [self._query.rows(spans, stretch=one) for one in stretches]
        else:
            return None
        if not texts:
            return None
        refuse_other_rules(self._holder, self._query.selection, self.schema, spans or ())
        made = partial(self._arrow_rows, read_at=read_at, **self._told(spans, part))
        with ExitStack() as stack:
            readers = shards.join(stack, len(texts))
            if readers is None:
                return None
            pairs = zip(readers, texts, strict=True)
            started = [Share(batches=self._batches(one, text), rows=made, cancel=one.cancel) for one, text in pairs]
            self._still_held()
            return write(stage(), name, started)

    def census(self, scope: Scope) -> Census:
        """All selected rows of this snapshot, by class (R36)."""
        return Census(**{name: int(rows) for name, rows in self._reader.rows(self._query.compared("census", scope))})

    def comparison(self, scope: Scope) -> PostgresComparison:
        """Its keys and rows by hash, in this snapshot (R25). Raises ``SourceRefused`` before PostgreSQL 14."""
        if self._holder.server_version < _OLDEST_COMPARED:
            raise SourceRefused(
                f"{self._reader.where}: to reconcile needs PostgreSQL 14, this one is {self._holder.server_version}: "
                "write deletes: ignore, or soft, and reload the table now and then"
            )
        healing = partial(self._selected, leaving=True, digested=False, recheck=())
        return PostgresComparison(scope=scope, _query=self._query, _reader=self._reader, _selected=healing)

    def _selected(self, statement: str, read_at: datetime, **told: Any) -> ArrowRows:
        batches = self._batches(self._reader, statement)
        self._still_held()
        return self._arrow_rows(batches, read_at=read_at, **told)

    def _batches(self, reader: Reader, statement: str) -> Iterator[Any]:
        batches = reader.batches(statement, len(self._query.selection.columns))
        return self._pace.kept(batches, lambda batch: int(batch.nbytes))

    def _still_held(self) -> None:
        """A statement that runs has its own locks; if the holder lost its own before, the table may have changed."""
        rows(self._holder, "SELECT 1", "the connection that held the table still was lost")

    def _arrow_rows(self, batches: Iterator[Any], **told: Any) -> ArrowRows:
        selection = self._query.selection
        ways = {selection.in_target(column): carriage(selection, self.schema, column) for column in selection.columns}
        return selected(selection, batches, ways, moment=self._query.moment_column, **told)

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """The key, as texts, of the row that comes ``rows`` after ``low``; empty where there are fewer (R24)."""
        found = self._reader.rows(self._query.part_end(low, rows))
        return tuple(str(value) for value in found[0]) if found else ()

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or infinite, and rows whose cursor lies in the future, in this snapshot (R22)."""
        if not self._query.selection.cursor:
            return (0, 0)
        [(timeless, future)] = self._reader.rows(self._query.counts())
        return (int(timeless), int(future))

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read, in this snapshot (R21)."""
        if not spans:
            return ()
        refuse_other_rules(self._holder, self._query.selection, self.schema, spans)
        [counts] = self._reader.rows(self._query.fresh(spans))
        return tuple(int(count) for count in counts)

    def durable(self) -> bool:
        """Whether the log is flushed up to where it stood after the snapshot (R3).

        On a standby, and where the server doesn't tell (see ``assumptions``): yes.
        """
        lsn = lsn_of(self.snapshot)
        if not lsn or self._reader.standby:
            return True
        return flushed(self._holder, self._parameters, lsn)
