"""Whether statements are valid, and what they read, remembered by their shape and the schemas of their tables."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from floodmark.demo.servers.gate.analyzer import Analyzer
from floodmark.demo.servers.gate.catalog import Field
from floodmark.demo.servers.gate.reads import Scan, markers, scans
from floodmark.demo.servers.gate.rules import column_name
from floodmark.demo.servers.gate.shapes import FIRST_MARKER, Shape, shape

TEXT = 1 << 20
"""Bytes of a query's text (BigQuery's page "Quotas and limits")."""
LONGEST = 100_000
"""Characters of a statement that is still analyzed: one over 900 columns takes 15 seconds."""
_SCRIPTS = frozenset(
    [
        "DECLARE",
        "SET",
        "IF",
        "LOOP",
        "WHILE",
        "FOR",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "CALL",
        "EXECUTE",
        "EXPORT",
        "RAISE",
        "RETURN",
    ]
)

_NO_TABLE = "Table not found"

Reference = tuple[str, str, str]
"""``(project, dataset, table)``."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is known of a statement before it runs. ``scans`` bear whole references, and the statement's own moments."""

    refusal: str = ""
    scans: tuple[tuple[Reference, Scan], ...] = ()
    tables: tuple[Reference, ...] = ()
    created: tuple[str, ...] = ()
    verb: str = ""


@dataclass
class Counts:
    """What the gate did, for a test and for whoever measures."""

    analyzed: int = 0
    remembered: int = 0
    left_out: int = 0
    refused: int = 0
    seconds: float = 0.0


class Statements:
    """Checks statements by an analyzer; without one (it could not be loaded) every statement passes."""

    def __init__(self, analyzer: Analyzer | None) -> None:
        self._analyzer = analyzer
        self._answers: dict[bytes, tuple[str, tuple[Scan, ...]]] = {}
        self.counts = Counts()

    def check(
        self,
        sql: str,
        *,
        resolve: Callable[[tuple[str, ...]], Reference | None],
        fields: Callable[[Reference], tuple[Field, ...]],
        parameters: Mapping[str, Field],
    ) -> Checked:
        """``resolve`` says which table a path of names is, ``fields`` its columns in the form of the REST API."""
        if len(sql.encode()) > TEXT:
            return Checked(refusal=f"The query is too large. The maximum query length is {TEXT >> 10}K characters.")
        its = shape(sql, resolve)
        known = Checked(tables=tuple(its.tables.values()), created=its.created, verb=its.verb)
        if self._analyzer is None or its.statements > 1 or its.verb in _SCRIPTS or len(sql) > LONGEST:
            self.counts.left_out += 1
            return known
        schemas = tuple((*place, fields(reference)) for place, reference in its.tables.items())
        key = hashlib.sha256(repr((its.text, schemas, sorted(parameters.items()))).encode()).digest()
        if key in self._answers:
            self.counts.remembered += 1
        else:
            started = time.thread_time()
            answer = self._analyzer.analyze(its.text, schemas, parameters)
            refusal = answer.refusal or refused_name(answer.resolved)
            self._answers[key] = refusal, () if refusal else scans(answer.resolved)
            self.counts.seconds += time.thread_time() - started
            self.counts.analyzed += 1
        refusal, read = self._answers[key]
        if refusal.startswith(_NO_TABLE):  # the server says so too, in BigQuery's words; it may know the table
            self.counts.left_out += 1
            return known
        self.counts.refused += bool(refusal)
        return replace(known, refusal=refusal, scans=_whole(its, read))


def refused_name(message: Any) -> str:
    """What BigQuery says to the names of the columns that a statement adds or makes; empty where they may stand."""
    if message.DESCRIPTOR.name == "ResolvedColumnDefinitionProto":
        return column_name(message.name)
    for descriptor, value in message.ListFields():
        for inner in value if descriptor.is_repeated else (value,):
            if descriptor.message_type is not None and (refusal := refused_name(inner)):
                return refusal
    return ""


def _whole(its: Shape, read: tuple[Scan, ...]) -> tuple[tuple[Reference, Scan], ...]:
    moments = {FIRST_MARKER + timedelta(days=place): _moment(text) for place, text in enumerate(its.moments)}
    return tuple((its.tables[scan.table], _with(scan, moments)) for scan in read if scan.table in its.tables)


def _with(scan: Scan, moments: Mapping[date, datetime]) -> Scan:
    return replace(scan, condition=markers(scan.condition, moments))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(re.sub(r"\+00$|Z$", "+00:00", text[1:-1]))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def parameter_values(parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A query's parameters by name, moments as such (UTC), for what they select."""
    found: dict[str, Any] = {}
    for parameter in parameters:
        text = (parameter.get("parameterValue") or {}).get("value")
        kind = (parameter.get("parameterType") or {}).get("type")
        if text is not None and kind in ("DATE", "DATETIME", "TIMESTAMP"):
            found[parameter.get("name", "").lower()] = _moment(f"'{text}'")
    return found
