"""A ledger's documents, brought from the layout that they were written in to the one of this program, and back.

Pure functions of JSON values, one pair for each layout whose documents read otherwise. Migrations apply them to a SQL
ledger's rows; a ledger in a bucket applies them to what it reads, since its closed reads are written once.

| layout | what changed in the documents |
| --- | --- |
| 3 | *mark* is watermark, *ahead* prefetched, *gone* deleted; what a read takes of its table is its ``portion``; of a |
|   | snapshot, *xmin* is base, *system_id* server, and what only PostgreSQL has its ``place``; *oid* of a leaf is id |
|   | a head has slices that are ``due``, and ``totals`` of the reads applied since; of older ones it has none |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
Step = Callable[[Document], Document]

_FORMS = {
    "slice": ("spans", "prefetched"),
    "refresh": ("spans",),
    "reload": ("spans",),
    "first": ("spans",),
    "first_part": ("spans", "part"),
    "reconcile": ("reconciled",),
}
"""The fields of a read's portion, by its kind, in layout 3."""
_PLACE = ("timeline", "lsn", "era")
"""What layout 2 knew of a snapshot's place."""


def read_to_3(old: Document) -> Document:
    """A read as layout 2 wrote it."""
    new = _renamed(old, {"mark": "watermark"})
    found = {name: new.pop(name, None) for name in ("spans", "ahead", "part", "reconciled")}
    values = {
        "spans": found["spans"] or [],
        "prefetched": found["ahead"] or [],
        "part": found["part"],
        "reconciled": _renamed(found["reconciled"] or {}, {"gone": "deleted"}),
    }
    kind = new.pop("kind")
    kind = "first_part" if kind == "first" and found["part"] else kind
    new["portion"] = {"kind": kind, **{name: values[name] for name in _FORMS[kind]}}
    if "snapshot" in new:
        new["snapshot"] = _snapshot_to_3(new["snapshot"])
    new["leaves"] = [_renamed(leaf, {"oid": "id"}) for leaf in new.get("leaves", [])]
    return new


def read_to_2(new: Document) -> Document:
    """A read as layout 2 would have written it."""
    old = _renamed(new, {"watermark": "mark"})
    portion = old.pop("portion")
    old["kind"] = "first" if portion["kind"] == "first_part" else portion["kind"]
    reconciled = portion.get("reconciled")
    old |= {
        "spans": portion.get("spans", []),
        "ahead": portion.get("prefetched", []),
        "part": portion.get("part"),
        "reconciled": None if reconciled is None else _renamed(reconciled, {"deleted": "gone"}),
        "snapshot": _snapshot_to_2(old["snapshot"]),
        "leaves": [
            {"oid": leaf["id"], "kind": leaf["kind"], "access_method": leaf["access_method"]} for leaf in old["leaves"]
        ],
    }
    if old.get("manifest"):
        old["manifest"] = {name: value for name, value in old["manifest"].items() if name != "format"}
    return old


def _snapshot_to_3(old: Document) -> Document:
    new = _renamed(old, {"xmin": "base", "system_id": "server"})
    told = {name: new.pop(name, "") for name in _PLACE}
    return {**new, "place": {name: value for name, value in told.items() if value}}


def _snapshot_to_2(new: Document) -> Document:
    old = _renamed(new, {"base": "xmin", "server": "system_id"})
    place = old.pop("place")
    return {**old, **{name: place.get(name, "") for name in _PLACE}}


def segment_to_3(old: Document) -> Document:
    """A segment of coverage as layout 2 wrote it."""
    return _renamed(old, {"mark": "watermark"})


def segment_to_2(new: Document) -> Document:
    """A segment of coverage as layout 2 would have written it."""
    return _renamed(new, {"watermark": "mark"})


def head_to_3(old: Document) -> Document:
    """A whole head, with its reads, as layout 2 wrote it."""
    return _head(_renamed(old, {"ahead": "prefetched"}), read_to_3, segment_to_3)


def head_to_2(new: Document) -> Document:
    """A whole head as layout 2 would have written it."""
    known = {
        name: value
        for name, value in new.items()
        if name not in ("due", "target_rows", "balance", "spending", "forgotten", "versions", "totals")
    }
    return _head(_renamed(known, {"prefetched": "ahead"}), read_to_2, segment_to_2)


def _head(head: Document, read: Step, segment: Step) -> Document:
    reads = {name: read(head[name]) for name in ("open", "last") if head.get(name) is not None}
    return {**head, **reads, "coverage": [segment(one) for one in head["coverage"]]}


def _renamed(document: Mapping[str, Any], names: Mapping[str, str]) -> Document:
    return {names.get(name, name): value for name, value in document.items()}
