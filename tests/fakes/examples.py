"""Hypothesis strategies for the ledger's records, derived from their types; and small real ones to start from."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from floodmark.core.ledger.any_portion import AnyPortion
from floodmark.core.ledger.effect import Effect
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ledger.portion import FirstPart, Kind, Part, Reconcile, Reconciled, Slices, Span, Whole
from floodmark.core.ledger.read import Read, State
from floodmark.core.time.interval import Interval

ZERO = datetime(2026, 11, 1, tzinfo=UTC)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.integers(-(2**63), 2**63 - 1)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
intervals = (
    st.tuples(moments, moments)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Interval(low=min(pair), high=max(pair)))
)
_KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    str: words,
    int: numbers,
    bool: st.booleans(),
    datetime: moments,
    date: st.dates(),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=4000)),
    UUID: st.uuids(),
    Interval: intervals,
    dict[str, str]: st.dictionaries(words, words, max_size=3),
    dict[str, Any]: st.dictionaries(words, json_values, max_size=3),
    type(None): st.none(),
}


def anything(kind: Any, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Every value that a dataclass, or a field's type, can have; ``given`` fields as told."""
    if kind in _KNOWN:
        return _KNOWN[kind]
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        parts = {f.name: given[f.name] if f.name in given else anything(hints[f.name]) for f in fields(kind)}
        return st.builds(kind, **parts)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return st.sampled_from(arguments or kind)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*map(anything, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(anything(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, arguments))
    raise TypeError(f"no strategy for {kind}")


def hour(number: int, hours: int = 1) -> Interval:
    """``hours`` hours from the ``number``-th of November 2026 on."""
    return Interval(low=ZERO + timedelta(hours=number), high=ZERO + timedelta(hours=number + hours))


def reading(
    target: str = "p.d.t", *, at: datetime = ZERO, token: int = 1, kind: Kind = Kind.SLICE, **more: Any
) -> Read:
    """A read that has just begun."""
    taken = {name: more.pop(name) for name in ("spans", "prefetched", "part", "reconciled") if name in more}
    given = {"watermark": at, "run_id": "run", **more}
    return Read(target=target, read_at=at, token=token, portion=portion(kind, **taken), state=State.READING, **given)


def portion(kind: Kind = Kind.SLICE, **taken: Any) -> AnyPortion:
    """What a read of this kind takes: the first hour, unless ``taken`` says otherwise."""
    if kind is Kind.RECONCILE:
        return Reconcile(**{"reconciled": Reconciled(), **taken})
    taken = {"spans": (Span(interval=hour(0)),), **taken}
    if kind is Kind.SLICE:
        return Slices(**taken)
    if kind is Kind.FIRST_PART:
        return FirstPart(**{"part": Part(high=("9",), since=ZERO), **taken})
    return Whole(kind=kind, **taken)


def manifest(rows: int = 3) -> Manifest:
    """What a read of so many rows staged."""
    one = StagedObject(uri="gs://b/x.parquet", generation=1, crc32c="AAAAAA==", rows=rows, bytes=rows * 10)
    return Manifest(uri="gs://b/x.json", objects=(one,) if rows else (), rows=rows, bytes=rows * 10, digest="d")


def effect(step: str = "load", attempt: int = 1, **more: Any) -> Effect:
    """An intended job."""
    given = {"job_id": f"job_{step}_{attempt}", "location": "EU", "configuration": {step: {"a": [1, None]}}, **more}
    return Effect(step=step, attempt=attempt, digest="0" * 8, **given)
