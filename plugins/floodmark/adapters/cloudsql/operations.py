"""One export from its request to its end: sent once, found again, waited for; 409 waited out.

A URI is a token for one attempt: an export to an object that is there fails (the discovery document: "the request
succeeds, but the operation fails"), so whoever finds the URI among the operations, or the object, has found the export.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from floodmark.adapters.cloudsql.api import AdminApi, Answered, Operation, Unanswered, unavailable
from floodmark.adapters.cloudsql.refusals import BUSY, refused
from floodmark.adapters.postgres.errors import mapped
from floodmark.core.ports.export import NotBegun
from floodmark.errors import ExportRunning, SourceUnavailable

log = logging.getLogger(__name__)
_GONE = 404


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds: how long a busy instance is waited for; how long a lost request is looked for; between two questions.

    ``patience``: how long a step waits for an operation's end, whose next step may go on from there.
    """

    busy: float = 1800.0
    patience: float = 120.0
    grace: float = 20.0
    first: float = 2.0
    longest: float = 20.0


PACE = Pace()


class Operations:
    """Exports of one instance. ``exists`` says whether the object of a URI is there."""

    def __init__(self, api: AdminApi, exists: Callable[[str], bool], pace: Pace) -> None:
        self._api, self._exists, self._pace = api, exists, pace

    def carry_out(
        self,
        context: Mapping[str, Any],
        doing: str,
        *,
        sent: bool = False,
        hidden: bool = False,
        to_the_end: bool = False,
    ) -> dict[str, Any]:
        """Begin an export, or go on with one that may have been ``sent``; what is known of it at its end.

        ``hidden``: the table has values that no message may hold, and the server's words might. ``to_the_end``: nobody
        comes back for it, so it is waited for however long it takes.
        Raises:
            ExportRunning: it runs on after the step's patience; a later one finds it by its URI.
            NotBegun: it was not, and with this URI never must be.
            SourceUnavailable, SourceRefused: it ended in an error, or was refused.
        """
        try:
            operation = self._attached(str(context["uri"]), doing) if sent else self._begun(context, doing)
            patience = inf if to_the_end else self._pace.patience
            return self._ended(operation, str(context["uri"]), doing, patience, hidden=hidden) if operation else {}
        except Unanswered as error:
            raise unavailable(self._api.place, doing, error) from error

    def wait(self, context: Mapping[str, Any], doing: str) -> None:
        """Let an export end that may have been sent, whatever comes of it. Raises ``ExportRunning`` as before."""
        try:
            if operation := self._listed(str(context["uri"])):
                self._over(operation, doing, self._pace.patience)
        except (Unanswered, Answered) as error:
            log.warning("%s: %s: its export is looked for again later", doing, error)

    def _begun(self, context: Mapping[str, Any], doing: str) -> Operation | None:
        """The operation that a request began; None where only its object is left."""
        uri, until = str(context["uri"]), time.monotonic() + self._pace.busy
        while True:
            try:
                return self._api.export(context)
            except Unanswered as error:
                log.warning("%s: the request to export was not answered (%s); looking for it", doing, error)
                return self._attached(uri, doing)
            except Answered as error:
                if error.reason != BUSY:
                    raise refused(self._api.place, doing, error) from error
                if mine := self._listed(uri):
                    return mine
                self._wait_for_others(doing, until)

    def _wait_for_others(self, doing: str, until: float) -> None:
        """Let whatever holds the instance end. Raises ``SourceUnavailable``, which names it, after ``until``."""
        holder = next((one for one in self._api.operations() if not one.done), None)
        if time.monotonic() >= until:
            raise SourceUnavailable(
                f"{doing}: {self._api.place} does one operation at a time, and {holder or 'another one'} still holds "
                "it; it is tried again later"
            )
        log.info("%s: waiting for %s", doing, holder or "another operation")
        time.sleep(min(self._pace.longest, self._pace.first * 2))

    def _attached(self, uri: str, doing: str) -> Operation | None:
        """An export whose request may or may not have arrived: found by its URI, or (None) by its object."""
        until = time.monotonic() + self._pace.grace
        while True:
            if found := self._listed(uri):
                return found
            if self._exists(uri):
                return None
            if time.monotonic() >= until:
                raise NotBegun(f"{doing}: no operation of {self._api.place} exports to {uri}")
            time.sleep(min(self._pace.first, self._pace.grace))

    def _listed(self, uri: str) -> Operation | None:
        return next((one for one in self._api.operations() if one.uri == uri), None)

    def _over(self, operation: Operation, doing: str, patience: float) -> Operation:
        """It, once it is done. Raises ``ExportRunning`` after so many seconds, ``Answered`` where it can't be seen."""
        pause, until = self._pace.first, time.monotonic() + patience
        while not operation.done:
            if time.monotonic() >= until:
                raise ExportRunning(
                    f"{doing}: {operation} still runs", job_id=operation.name, location=str(self._api.place),
                    pause=self._pace.patience,
                )  # fmt: skip
            time.sleep(pause)
            pause = min(pause * 1.5, self._pace.longest)
            try:
                operation = self._api.operation(operation.name)
            except Unanswered as error:
                log.warning("%s: %s: asked again", operation, error)
        return operation

    def _ended(self, operation: Operation, uri: str, doing: str, patience: float, *, hidden: bool) -> dict[str, Any]:
        """What is known of an operation at its end."""
        try:
            operation = self._over(operation, doing, patience)
        except Answered as error:
            if error.status != _GONE:
                raise refused(self._api.place, doing, error) from error
            if not self._exists(uri):  # else it was forgotten since, and left its object
                message = f"{doing}: {operation} is not known any more, and its object is not there"
                raise SourceUnavailable(message) from error
        if operation.error:
            raise mapped(RuntimeError(f"{operation}: {operation.error}"), doing, hidden=hidden)
        return {"operation": operation.name}
