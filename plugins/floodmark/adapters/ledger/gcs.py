"""The ledger in object storage, for where tasks reach no database of ours (Composer, Airflow 3).

    <prefix>/ledger.json                    uuid and layout, written once, and again by the first newer program
    <prefix>/heads/<target>.json            one head, changed by compare-and-swap on its generation, once a second at
                                            most in the long run: Cloud Storage takes no more of one object
    <prefix>/reads/<target>/<read_at>.json  one closed read, written once

A swap that closes a read writes it into the head first, and into its own object after. Where a crash comes between,
whoever changes the head next writes that object before its own swap. So a record is there if and only if its swap
happened, and a step that lost its lease leaves none.

An answer may be lost while its write went through; the client's own retry is then refused. Each write bears a nonce,
so that the stored head tells whose it is.

Every object says in which layout it was written. A closed read is written once, so older ones stay as they are, and
are brought to this program's layout as they are read (:mod:`floodmark.adapters.ledger.layouts`).
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from floodmark.adapters.ledger import layouts
from floodmark.adapters.ledger.documents import document, plain, restore
from floodmark.adapters.ledger.objects import GenerationMoved, Objects
from floodmark.adapters.ledger.pace import Pace
from floodmark.adapters.ledger.tables import VERSION
from floodmark.core.config.object_names import target_as_part, target_of_part
from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.swap import check_swap
from floodmark.core.ports import Conflict
from floodmark.core.time.interval import utc
from floodmark.errors import LedgerMissing, LedgerUnavailable, LedgerUnusable

log = logging.getLogger(__name__)

_AT_ONCE = 16
"""Heads that are asked for side by side."""


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """A head as it lies in the bucket. ``closed`` is the read that its swap closed; None once that has its object."""

    head: Head
    generation: int
    nonce: str
    closed: Read | None


class GcsLedger:
    """A ledger at ``gs://bucket/prefix``, made when first opened, with ``create``.

    ``client`` is a ``google.cloud.storage.Client``.

    Safe with several processes and threads. Raises ``LedgerUnusable``, ``LedgerUnavailable`` and
    ``LedgerMissing``.
    """

    def __init__(self, client: Any, bucket: str, prefix: str = "", *, create: bool = True) -> None:
        self._objects = Objects(client, bucket, prefix)
        self._pace = Pace()
        self._known: dict[str, _Stored] = {}
        self._lock = threading.Lock()
        self._uuid = self._opened(create)

    @property
    def uuid(self) -> UUID:
        """The ledger's own name (R19)."""
        return self._uuid

    def __str__(self) -> str:
        """Where it is."""
        return str(self._objects)

    def _opened(self, create: bool) -> UUID:
        content, generation = self._objects.read("ledger.json")
        if content is None:
            if not create:
                raise LedgerMissing(str(self))
            try:
                self._objects.write("ledger.json", _bytes({"uuid": str(uuid4()), "version": VERSION}), generation=0)
            except GenerationMoved:
                log.debug("%s: made by somebody else just now", self)
            content, generation = self._objects.read("ledger.json")
        try:
            document = json.loads(content or b"")
            uuid, version = UUID(document["uuid"]), int(document["version"])
        except (ValueError, KeyError, TypeError):
            raise LedgerUnusable(f"ledger {self}: ledger.json is not a ledger's; name another prefix") from None
        if version > VERSION:
            raise LedgerUnusable(
                f"ledger {self}: its layout is {version}, this program knows up to {VERSION}; "
                "a newer Floodmark has upgraded it: upgrade this one"
            )
        if version < VERSION:
            self._upgrade(uuid, generation)
        return uuid

    def _upgrade(self, uuid: UUID, generation: int) -> None:
        """Say that objects of this layout follow, so that an older program refuses them all."""
        try:
            body = _bytes({"uuid": str(uuid), "version": VERSION})
            self._objects.write("ledger.json", body, generation=generation)
        except GenerationMoved:
            log.debug("%s: upgraded by somebody else just now", self)

    def targets(self) -> Sequence[str]:
        """Every target that has a head, in order."""
        return sorted(target_of_part(name.removesuffix(".json")) for name in self._objects.names("heads/"))

    def head(self, target: str) -> Head:
        """The stored head; a fresh one where there is none."""
        return self._stored(target).head

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        """One object each, several at a time."""
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return list(pool.map(self.head, targets))

    def _stored(self, target: str) -> _Stored:
        content, generation = self._objects.read(_head_name(target))
        if content is None:
            stored = _Stored(head=fresh(target, self._uuid), generation=0, nonce="", closed=None)
        else:
            where = f"ledger {self}, head of {target}"
            record = _head_record(_loaded(content, where), where)
            stored = _Stored(
                head=restore(Head, record["head"], where=where),
                generation=generation,
                nonce=record["nonce"],
                closed=restore(Read | None, record["closed"], where=f"ledger {self}, closed read of {target}"),
            )
        with self._lock:
            self._known[target] = stored
        return stored

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        """Store ``new`` and ``closed`` if the stored version is still ``old.version``, or nothing at all.

        Raises ``Conflict``; ``Unlawful`` where a read would get lost.
        """
        check_swap(old, new, closed)
        before = self._known.get(new.target)
        if before is None or before.head.version != old.version:
            before = self._stored(new.target)
        if before.head.version != old.version:
            raise self._conflict(new, old)
        self._record(before.closed)
        nonce = secrets.token_hex(8)
        body = _bytes({"layout": VERSION, "nonce": nonce, "head": _plain_head(new), "closed": _plain_read(closed)})
        generation = self._write(new, old, body, nonce, before.generation)
        self._remember(_Stored(head=new, generation=generation, nonce=nonce, closed=closed))
        if closed is not None:
            self._settle(new, generation, nonce, closed)

    def _write(self, new: Head, old: Head, body: bytes, nonce: str, generation: int) -> int:
        self._pace.wait(new.target)
        try:
            return self._objects.write(_head_name(new.target), body, generation=generation)
        except (GenerationMoved, LedgerUnavailable) as error:
            stored = self._stored(new.target)
            if stored.nonce == nonce:
                return stored.generation
            if isinstance(error, GenerationMoved) or stored.generation != generation:
                raise self._conflict(new, old) from None
            raise

    def _settle(self, new: Head, generation: int, nonce: str, closed: Read) -> None:
        """Give the closed read its object. The swap has happened, so that failing here is no error of it."""
        try:
            self._record(closed)
        except LedgerUnavailable as error:
            log.warning("%s; the next change of %s writes it", error, new.target)
        else:
            self._remember(_Stored(head=new, generation=generation, nonce=nonce, closed=None))

    def _record(self, closed: Read | None) -> None:
        if closed is None:
            return
        try:
            self._objects.write(_read_name(closed.target, closed.read_at), _read_record(closed), generation=0)
        except GenerationMoved:
            log.debug("%s: %s has its record", closed.target, closed.read_at)

    def _remember(self, stored: _Stored) -> None:
        with self._lock:
            self._known[stored.head.target] = stored

    def _conflict(self, new: Head, old: Head) -> Conflict:
        return Conflict(f"{new.target}: the ledger's head is no longer at version {old.version}")

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        """Closed reads with their effects, in order of ``read_at``; the newest so many only."""
        # The head first: a read that is not among its records yet is in the head that was stored with it.
        last = self._stored(target).closed
        folder = _folder(target)
        names = {folder + name for name in self._objects.names(folder)}
        if last is not None:
            names.add(_read_name(target, last.read_at))
        chosen = sorted(names)
        chosen = chosen if newest is None else chosen[len(chosen) - min(newest, len(chosen)) :]
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(lambda name: self._closed(name, last), chosen))

    def _closed(self, name: str, last: Read | None) -> Read:
        if last is not None and name == _read_name(last.target, last.read_at):
            return last
        content, _ = self._objects.read(name)
        where = f"ledger {self}, {name}"
        if content is None:
            raise LedgerUnusable(f"{where}: deleted while it was read; exclude the ledger from lifecycle rules")
        read: Read = restore(Read, _read_document(_loaded(content, where), where), where=where)
        return read

    def close(self) -> None:
        """Nothing to give back: the client is the caller's."""


def _is_of_now(record: dict[str, Any], where: str) -> bool:
    """Whether it is in this layout. Raises ``LedgerUnusable`` for a newer one, whatever its fields are called."""
    layout = record.get("layout", 0)
    if layout > VERSION:
        raise LedgerUnusable(
            f"{where}: its layout is {layout}, this program knows up to {VERSION}; a newer Floodmark has written it: "
            "upgrade this one"
        )
    return bool(layout)


def _head_record(record: dict[str, Any], where: str) -> dict[str, Any]:
    """A head's object in this layout."""
    if _is_of_now(record, where):
        return record
    closed = record["closed"]
    return {
        **record,
        "head": layouts.head_to_3(record["head"]),
        "closed": None if closed is None else layouts.read_to_3(closed),
    }


def _read_record(read: Read) -> bytes:
    return _bytes({"layout": VERSION, "read": _plain_read(read)})


def _read_document(record: dict[str, Any], where: str) -> Any:
    """A closed read's object in this layout."""
    return record["read"] if _is_of_now(record, where) else layouts.read_to_3(record)


def _plain_head(head: Head) -> Any:
    _check(head.open)
    return document(Head, head)


def _plain_read(read: Read | None) -> Any:
    _check(read)
    return document(Read | None, read)


def _check(read: Read | None) -> None:
    for effect in read.effects if read else ():
        plain(effect.configuration, where=f"{effect.job_id}: configuration")
        plain(effect.statistics, where=f"{effect.job_id}: statistics")


def _bytes(found: Any) -> bytes:
    return json.dumps(found, allow_nan=False, indent=1).encode()


def _loaded(found: bytes, where: str) -> Any:
    try:
        return json.loads(found)
    except ValueError:
        raise LedgerUnusable(f"{where}: not JSON; restore an older generation of the object") from None


def _head_name(target: str) -> str:
    return f"heads/{target_as_part(target)}.json"


def _folder(target: str) -> str:
    return f"reads/{target_as_part(target)}/"


def _read_name(target: str, read_at: datetime) -> str:
    return f"{_folder(target)}{utc(read_at).replace(tzinfo=None).isoformat(timespec='microseconds')}Z.json"
