"""Cloud SQL as a source: executeSql or exports look and describe, exports read; nothing connects to the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from floodmark.adapters.cloudsql import operations
from floodmark.adapters.cloudsql.api import AdminApi, Place
from floodmark.adapters.cloudsql.asking import Asking
from floodmark.adapters.cloudsql.by_export import ByExport
from floodmark.adapters.cloudsql.evidence import OFFLOADED, Evidence, refused_rows
from floodmark.adapters.cloudsql.exporter import CloudSqlExporter
from floodmark.adapters.cloudsql.kept_catalog import KeptCatalog
from floodmark.adapters.cloudsql.look import Looked, look
from floodmark.adapters.cloudsql.operations import Operations
from floodmark.adapters.cloudsql.query import ExportedQuery, columns_digest
from floodmark.adapters.cloudsql.questions import Questions
from floodmark.adapters.cloudsql.reading import CloudSqlReading
from floodmark.adapters.google_errors import of_bucket, translated
from floodmark.adapters.postgres import catalog, history, own_select
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.snapshot import History, Leaf, Snapshot
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceChanged, SourceUnavailable, StageUnavailable

_DOING = "reading the source's catalog"
CHUNK = 8 * 1024 * 1024
_TRIES = 3


class CloudSqlSource:
    """Implements :class:`~floodmark.core.ports.Source`.

    ``storage`` makes a client of Cloud Storage; ``folder`` is a place in the stage; ``patience`` are the seconds that a
    step waits for an export.
    """

    def __init__(
        self,
        place: Place,
        session: Callable[[], Any],
        storage: Callable[[], Any],
        *,
        folder: str,
        patience: float | None = None,
    ) -> None:
        self.place, self._make_storage = place, storage
        self._folder = folder
        pace = operations.PACE if patience is None else replace(operations.PACE, patience=patience)
        self._operations = Operations(AdminApi(place, session), self._exists, pace)
        by_export = ByExport(
            self._operations, self._opened, removed=self._remove, folder=folder, database=place.database
        )
        self._asking = Asking(AdminApi(place, session), by_export)
        self._questions = Questions(self._asking)
        self._catalogs: dict[str, KeptCatalog] = {}
        self._looked: Looked | None = None

    def look(self, before: Seen | None = None) -> Look:
        """Which transactions are open, by one statement (R4, R5); one look tells all."""
        self._looked = look(self._asking)
        return self._looked.look

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table from the catalog. It is exported in one, whatever its size."""
        found = own_select.describe(self._catalog(schema, name), schema, name, sql=sql, where=where, choices=choices)
        return replace(found, splittable=False)

    @contextmanager
    def open(self, selection: Selection, last: Snapshot | None = None) -> Iterator[CloudSqlReading]:
        """The table as it is, between two looks at its columns; ``last`` is of no use, as nothing is a standby."""
        looked = self._looked or look(self._asking)
        where = f"{selection.schema}.{selection.name}"
        for _ in range(_TRIES):
            before = self._digest(selection)
            schema = self._described(selection, where)
            query = ExportedQuery(selection=selection, schema=schema, told=self._asking.by_exports)
            held, parts, after = self._held(query)
            if before == after:
                break
        else:
            raise SourceUnavailable(f"{where}: its columns change all the time: each of {_TRIES} tries was overtaken")

        def unchanged(told: Evidence) -> None:
            known = self._catalog(selection.schema, selection.name)
            is_so = known.holds(told.catalog, _DOING) if told.catalog else self._digest(selection) == after
            if selection.offload and told.columns != after:
                raise SourceUnavailable(
                    f"{where}: the copy of the instance has other columns than the instance (offload); it is exported "
                    "again later"
                )
            if not is_so:
                raise SourceUnavailable(
                    f"{where}: its columns changed while it was exported; it is exported again later"
                )

        yield CloudSqlReading(
            schema=schema,
            snapshot=looked.snapshot,
            leaves=held,
            catalog=parts,
            assumptions=(OFFLOADED,) if selection.offload else (),
            exporter=CloudSqlExporter(
                place=str(self.place),
                database=self.place.database,
                _query=query,
                _operations=self._operations,
                _opened=self._opened,
                _unchanged=unchanged,
            ),
            _query=query,
            _asking=self._asking,
            _questions=self._questions,
        )

    def history(self, before: Snapshot, this: Snapshot) -> History:
        """What the table's last snapshot still proves (R3, R10)."""
        return history.history(before, this)

    def until_exported(self, request: Mapping[str, Any]) -> None:
        """See :meth:`~floodmark.core.ports.Source.until_exported`: as long as it runs, few questions are answered."""
        self._operations.wait(request, f"exporting to {request['uri']}")

    def close(self) -> None:
        """Nothing is open."""

    def _described(self, selection: Selection, where: str) -> TableSchema:
        found = self.describe(selection.schema, selection.name, sql=selection.sql, choices=selection.choices)
        named = (*selection.columns, *selection.cursor)
        if missing := [column for column in dict.fromkeys(named) if column not in found.names]:
            raise SourceChanged(f"{where} has no column {', '.join(missing)}; it has: {', '.join(found.names)}")
        return found

    def _held(self, query: ExportedQuery) -> tuple[tuple[Leaf, ...], tuple[CatalogPart, ...], str]:
        """What the read's own query touches, while a transaction holds it; and the digest of its columns then."""
        selection = query.selection
        digest = columns_digest(selection)
        asked = [
            catalog.statement_of("leaves"),
            catalog.parts_statement(where=selection.where, own=selection.sql, flat=True),
            digest,
            sql.render("cloudsql/hidden.sql", {}, quote=name, literal=literal),
        ]
        found = self._catalog(selection.schema, selection.name).ask(asked, first=query.holder(), doing=_DOING)
        leaves, parts, [(after,)], [(held, role)] = found
        if refused := refused_rows(dict(held), role):
            raise refused
        return catalog.as_leaves(leaves), catalog.as_parts(parts), after

    def _digest(self, selection: Selection) -> str:
        known = self._catalog(selection.schema, selection.name)
        [[(digest,)]] = known.ask([columns_digest(selection)], doing=_DOING)
        return str(digest)

    def _catalog(self, schema: str, name: str) -> KeptCatalog:
        """What is known of a table's catalog, in an object of its own: of this very database."""
        called = hashlib.sha256(f"{self.place} {schema}.{name}".encode()).hexdigest()[:32]
        uri = f"{self._folder}/_catalog/{called}.json"
        return self._catalogs.setdefault(
            called, KeptCatalog(self._asking, partial(self._text, uri), partial(self._put, uri))
        )

    @cached_property
    def _storage(self) -> Any:
        return self._make_storage()

    def _blob(self, uri: str) -> Any:
        bucket, _, path = uri.removeprefix("gs://").partition("/")
        return self._storage.bucket(bucket).blob(path, chunk_size=CHUNK)

    def _exists(self, uri: str) -> bool:
        with _of_stage(uri):
            return bool(self._blob(uri).exists())

    def _text(self, uri: str) -> str:
        """An object's text; empty where there is none."""
        with _of_stage(uri):
            blob = self._blob(uri)
            return str(blob.download_as_text()) if blob.exists() else ""

    def _put(self, uri: str, text: str) -> None:
        with _of_stage(uri):
            self._blob(uri).upload_from_string(text, content_type="application/json")

    def _remove(self, uri: str) -> None:
        with _of_stage(uri):
            self._blob(uri).delete()

    def _opened(self, uri: str) -> Any:
        from io import BufferedReader

        with _of_stage(uri):
            return BufferedReader(self._blob(uri).open("rb"), CHUNK)


def _of_stage(uri: str) -> Any:
    bucket = uri.removeprefix("gs://").partition("/")[0]
    return translated(uri, unavailable=StageUnavailable, remedies=of_bucket(bucket))
