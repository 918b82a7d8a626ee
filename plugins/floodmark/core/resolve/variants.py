"""Columns whose type became one that BigQuery can't make of the target's: they go to a new one beside it (R26, R32).

As ``amount`` to ``amount__string``. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from floodmark.core.config import widening
from floodmark.core.schema import Carried

_LONGEST = 300
"""Characters of a column's name (BigQuery's page "Specifying a schema")."""


@dataclass(frozen=True, kw_only=True)
class Variants:
    """``names`` are what such columns are called in the target, by the source's name; ``unfit`` says of others why they
    can't go there at all."""

    names: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)


def variants(
    columns: Mapping[str, Callable[[str], Carried]],
    *,
    named: Mapping[str, str],
    before: Mapping[str, str],
    there: Collection[Carried],
    fixed: Collection[str] = (),
) -> Variants:
    """What each of the ``columns`` is called in the target; one that is called as ``named`` says is left out.

    ``columns`` have, by the source's name, how each travels under a name of the target's. ``before`` are the variants
    of the last read. ``there`` are the target's columns, as they travelled. ``fixed`` are columns that the target
    itself is made of (key, partitioning, clustering): they have no place beside.
    """
    stands = {one.name.casefold(): one for one in there}
    taken = {named.get(name, name).casefold() for name in columns}
    names: dict[str, str] = {}
    unfit: dict[str, str] = {}
    for name, travels in columns.items():
        plain = named.get(name, name)
        now = travels(before.get(name, plain))
        if reason := _misfit(stands, now):
            now = travels(f"{plain}__{_word(now.target)}")
            if name in fixed:
                unfit[name] = f"{reason}, and the target is made of it"
            elif now.name.casefold() in taken or len(now.name) > _LONGEST:
                unfit[name] = f"{reason}, and it can't be called {now.name}"
            elif again := _misfit(stands, now):
                unfit[name] = again
        if now.name != plain and name not in unfit:
            names[name] = now.name
    return Variants(names=names, unfit=unfit)


def _misfit(stands: Mapping[str, Carried], now: Carried) -> str:
    """Why raw or current can't hold the column, as it stands or widened; empty where they can, or don't have it."""
    was = stands.get(now.name.casefold())
    if was is None:
        return ""
    for found, wanted in ((was.landing, now.landing), (was.target, now.target)):
        try:
            widening.widened(found.upper(), wanted.upper())
        except widening.Unfit:
            return f'"{now.name}" is {found} in BigQuery, which can\'t become {wanted}'
    return ""


def _word(kind: str) -> str:
    """A type in a name: ``NUMERIC(12, 2)`` as ``numeric``, ``ARRAY<STRING>`` as ``array_string``."""
    return re.sub(r"\W+", "_", kind.partition("(")[0]).strip("_").lower()
