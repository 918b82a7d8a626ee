"""The text of a starter: what ``floodmark init`` writes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from floodmark.core.config import names
from floodmark.core.config import table as table_config
from floodmark.core.config.names import Relation
from floodmark.core.ports import Inspection
from floodmark.core.ports.inspection import Activity
from floodmark.core.refused import Refused
from floodmark.core.resolve.proposals import Proposal, is_kept_by_a_tool, proposals
from floodmark.core.resolve.secret_names import looks_secret
from floodmark.core.resolve.table import resolve
from floodmark.errors import ConfigurationError, FatalError, Problem

DAG_FILE = "floodmark_dags.py"
"""Not floodmark.py: the folder of DAGs is on Python's path, where that name would hide the package."""
SCHEMA_FILE = "source.schema.json"
"""Beside the sources: an editor completes and marks keys by it."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """The source's own words. They may hold ``${VARIABLES}``."""

    source: str
    connection: str
    bucket: str
    project: str
    location: str
    dataset: str
    start: str
    more: tuple[str, ...] = ()
    """Lines of further keys."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One table of the starter: ``remark`` says what was derived, or, where it is left ``out``, why.

    ``secret`` columns look as if they had better not travel; those that are ``hashed`` too, but are the key's.
    ``keys`` are lines of further ones, ``proposed`` those that stand there as comments.
    """

    name: str
    relation: Relation
    remark: str = ""
    out: bool = False
    secret: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    proposed: tuple[Proposal, ...] = ()


def dag_text() -> str:
    """The DAG file: three lines."""
    return (
        '"""Airflow DAGs: one set for each file in sources/."""\n'
        "from floodmark.airflow import dags\n"
        "globals().update(dags(__file__))\n"
    )


def drafted(wanted: Sequence[str], source: Inspection | None = None) -> list[Entry]:
    """The named tables, or all of the source's. Raises ``ConfigurationError`` for names that are none."""
    relations = named(wanted)
    if source is None:
        return apart([entry_of(relation) for relation in relations or [Relation(name="orders")]])
    there = [Relation(schema=schema, name=name) for schema, name in source.tables()]
    known = ", ".join(map(str, there)) or "none"
    missing = [
        Problem(file="--table", path="", message=f"the source has no {relation} that its role may read",
                remedy=f"it has: {known}")
        for relation in relations if relation not in there
    ]  # fmt: skip
    if not there and not relations:
        remedy = "GRANT SELECT ON ... TO the role"
        missing = [Problem(file="--connection", path="", message="its role may read no table", remedy=remedy)]
    if missing:
        raise ConfigurationError(missing)
    return apart([_derived(relation, source, named=bool(relations)) for relation in relations or there])


def named(wanted: Sequence[str]) -> list[Relation]:
    """The relations of some names. Raises ``ConfigurationError`` for what is none."""
    return [_relation(name) for name in wanted]


def apart(entries: Sequence[Entry]) -> list[Entry]:
    """Each by a name of its own: case doesn't count, and one that is taken bears a number."""
    taken = {entry.name.casefold() for entry in entries if entry.relation.name == entry.name}
    apart: dict[str, Entry] = {}
    for entry in entries:
        own, number = entry.name, 1
        while own.casefold() in apart or (number > 1 and own.casefold() in taken):
            number += 1
            own = f"{entry.name[:190]}_{number}"
        apart[own.casefold()] = replace(entry, name=own)
    return list(apart.values())


def text(starter: Starter, entries: Sequence[Entry]) -> str:
    """The source's file."""
    kept = [entry for entry in entries if not entry.out]
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        "# Every key: floodmark's docs/configuration.md. Check with: floodmark check --online",
        "version: 1",
        f"source: {_scalar(starter.source)}",
        f"connection: {_scalar(starter.connection)}  # an Airflow connection, or AIRFLOW_CONN_"
        + starter.connection.upper(),
        f"stage: {_scalar(f'gs://{starter.bucket}/floodmark')}",
        "bigquery:",
        f"  project: {_scalar(starter.project)}",
        f"  location: {_scalar(starter.location)}",
        f"  dataset: {_scalar(starter.dataset)}  # raw tables go to {starter.dataset}_raw",
        f"start: {_scalar(starter.start)}",
        *starter.more,
        "",
        "tables:" if kept else "tables:  # none of those below can be synced as it is",
    ]
    return "\n".join([*lines, *(line for entry in entries for line in _lines(entry))]) + "\n"


def _lines(entry: Entry) -> list[str]:
    remark = "".join(letter if letter.isprintable() else "?" for letter in " ".join(entry.remark.split()))
    keys = [f"from: {flow(_literal(str(entry.relation)))}"] if entry.relation != Relation(name=entry.name) else []
    hidden = [*entry.keys, *_excluded(entry.secret), *_masked(entry.hashed)]
    value = f" {{{keys[0]}}}" if keys and not hidden else ""
    sign = "  # " if entry.out else "  "
    head = f"{_scalar(entry.name)}:{value}" + (f"  # {remark}" if remark else "")
    below = [*(keys if hidden else ()), *hidden, *(line for one in entry.proposed for line in _proposed(one))]
    return [sign + line for line in (head, *(f"  {line}" for line in below))]


def _proposed(proposal: Proposal) -> Iterator[str]:
    yield f"# proposed, if {proposal.if_so}:"
    for name, value in proposal.keys.items():
        yield f"# {name}: {_inline(value)}"


def _inline(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return flow(_literal(value))
    return "{" + ", ".join(f"{name}: {flow(_literal(one))}" for name, one in value.items()) + "}"


def _excluded(columns: Sequence[str]) -> list[str]:
    listed = ", ".join(flow(as_glob(column)) for column in columns)
    return [f"columns: {{exclude: [{listed}]}}  # {_LOOKS_SECRET}, or mask it"] if columns else []


def _masked(columns: Sequence[str]) -> list[str]:
    """A key must travel, so it does as what tells its values apart."""
    listed = ", ".join(f"{flow(as_glob(column))}: sha256" for column in columns)
    return [f"mask: {{{listed}}}  # {_LOOKS_SECRET}"] if columns else []


_LOOKS_SECRET = "by its name it looks secret: take it out where it may travel"


def as_glob(column: str) -> str:
    """A glob that fits this name alone."""
    return _literal("".join(f"[{letter}]" if letter in "*?[" else letter for letter in column))


def _literal(name: str) -> str:
    """A name of the source's: what looks like a variable in it is none."""
    return name.replace("${", "$${")


def flow(value: str) -> str:
    """A string within braces or brackets of YAML: in double quotes where it is not plainly a word."""
    plain = _scalar(value) == value and re.fullmatch(r"[\w.]+([ -]+[\w.]+)*", value)
    return value if plain else json.dumps(value, ensure_ascii=not value.isprintable())


def entry_of(relation: Relation, remark: str = "", *, out: bool = False) -> Entry:
    plain = relation.name if relation.schema == "public" else f"{relation.schema}_{relation.name}"
    if plain.casefold().startswith(names.OURS):
        plain = plain.lstrip("_")  # in BigQuery that beginning is ours
    name = "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in plain)[:200]
    return Entry(name=name, relation=relation, remark=remark, out=out)


def _derived(relation: Relation, source: Inspection, *, named: bool) -> Entry:
    """A table with what its catalog gives; left out where that is not enough, or where a tool keeps it for itself.

    One that was ``named`` is never left out for its name.
    """
    entry = entry_of(relation)
    if not named and is_kept_by_a_tool(relation.name):
        return replace(entry, remark="by its name a tool keeps it for itself: no business data", out=True)
    written: dict[str, Any] = {"from": str(relation)}
    table = table_config.fill(entry.name, written, {}, {"start": "2026-01-01"})
    try:
        schema = source.describe(relation.schema, relation.name)
        resolved = resolve(table, schema, "")
    except ConfigurationError as error:
        said = "; ".join(f"{one.message}; {one.remedy}" for one in error.problems)
        return entry_of(relation, said, out=True)
    except FatalError as error:
        return entry_of(relation, str(error), out=True)
    activity = source.activity(relation.schema, relation.name)
    secret = [column.name for column in schema.columns if looks_secret(column) and column.name not in resolved.cursor]
    return replace(
        entry_of(relation, "; ".join([*resolved.derived, *_size(activity)])),
        proposed=tuple(proposals(schema, resolved, activity)),
        secret=tuple(name for name in secret if name not in resolved.key),
        hashed=tuple(name for name in secret if name in resolved.key),
    )


def _size(activity: Activity) -> list[str]:
    return [] if activity.rows is None else [f"about {activity.rows:,} rows"]


def _relation(name: str) -> Relation:
    try:
        return names.relation(name)
    except Refused as refused:
        problem = Problem(file="--table", path="", message=f'"{name}" {refused.message}', remedy=refused.remedy)
        raise ConfigurationError([problem]) from None


def _is_number(value: str) -> bool:
    """Whether it may be one for some YAML: 1e3 is for ours, and none for PyYAML's."""
    try:
        float(value)
    except ValueError:
        return False
    return True


def _scalar(value: str) -> str:
    """A string as YAML reads it back: quoted where it must be."""
    if not value.isprintable() or _is_number(value):
        return json.dumps(value)
    return str(yaml.safe_dump(value, width=math.inf, allow_unicode=True)).splitlines()[0]
