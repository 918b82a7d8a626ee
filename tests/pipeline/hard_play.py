"""A plan played: the source as it changes, the runs between, and both ends compared by what the table of types says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.api_core.exceptions import NotFound

from floodmark.adapters.postgres.quote import name as quoted
from floodmark.core.balance import Depth
from floodmark.core.config.names import Relation
from floodmark.core.ledger.portion import Kind
from floodmark.errors import FatalError
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.prove import Proof, prove
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour
from tests.pipeline.hard_tables import (
    IDENTITY,
    MOMENT,
    MOST_HASHED,
    TRAVELLING,
    TRUTH,
    Add,
    Change,
    Delete,
    Drop,
    Field,
    Insert,
    Plan,
    Rename,
    Update,
    offered,
)
from tests.pipeline.reconciling import healed
from tests.pipeline.test_types import shown

Arrival = tuple[str | None, str]
"""What current holds of a value, and what stands beside it."""
Arrivals = Mapping[str, Mapping[str, Arrival]]
"""By type, and by PostgreSQL's own text of a value."""


def arrivals(world: World) -> Arrivals:
    """What the table of types says of every edge value."""
    known: dict[str, dict[str, Arrival]] = {}
    for row in TRAVELLING:
        texts = ", ".join(_text(f"({edge.written})::{row.type}") for edge in row.edges)
        [told] = world.source(f"SELECT {texts}")
        for text, edge in zip(told, row.edges, strict=True):
            arrival = (edge.arrives, edge.unheld)
            assert known.setdefault(row.type, {}).setdefault(text, arrival) == arrival, (row.type, text)
    return known


def _text(expression: str) -> str:
    return f"CASE WHEN pg_catalog.num_nulls({expression}) = 0 THEN pg_catalog.concat({expression}) END"


@dataclass(kw_only=True)
class Played:
    """One plan under way. ``told`` are errors that a run ended with."""

    plan: Plan
    world: World
    number: int
    arrivals: Arrivals
    fields: list[Field] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    identities: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"t{self.number}"

    @property
    def to(self) -> str:
        return f"t{self.number}{self.plan.to}"

    @property
    def rigid(self) -> list[Field]:
        """Columns for whose bad values a row is held out, whatever is said."""
        plan = self.plan
        return [Field(name=plan.identity, row=IDENTITY), *filter(None, (plan.second, plan.soft))]

    @property
    def columns(self) -> list[Field]:
        return [*self.rigid, *self.fields, *self.cursors]

    @property
    def cursors(self) -> list[Field]:
        return [Field(name=self.plan.cursor, row=MOMENT)] if self.plan.cursor else []

    @property
    def where(self) -> str:
        return f"{quoted(self.plan.schema)}.{quoted(self.plan.table)}"

    def play(self) -> None:
        """The plan from its first row to its last run."""
        self._create()
        for place, changes in enumerate(self.plan.steps):
            for change in changes:
                self._change(change, place)
            self._run(place)
        if self.plan.deletes == "reconcile":
            healed(self.world, self.name)

    def _create(self) -> None:
        plan = self.plan
        self.fields = list(plan.fields)
        keyed = [plan.identity, *([plan.second.name] if plan.second else [])]
        declared = [f"{quoted(one.name)} {one.row.type}" for one in (*self.rigid, *self.fields)]
        declared += [f"{quoted(one.name)} timestamptz NOT NULL" for one in self.cursors]
        declared.append(f"PRIMARY KEY ({', '.join(map(quoted, keyed))})")
        self.world.sql(
            f"DROP SCHEMA IF EXISTS {quoted(plan.schema)} CASCADE" if plan.schema != "public" else "SELECT 1",
            f"CREATE SCHEMA IF NOT EXISTS {quoted(plan.schema)}",
            f"CREATE TABLE {self.where} ({', '.join(declared)})",
        )
        self._configure()

    def _configure(self) -> None:
        plan = self.plan
        columns = [one.name for one in self.columns]
        config: dict[str, Any] = {
            "from": str(Relation(schema=plan.schema, name=plan.table)),
            "to": self.to,
            "sync": plan.sync,
            "bad_values": plan.bad_values,
            "verify": plan.verify,
            "first_load": plan.first_load,
            "rename": offered(columns, self.renamed),
        }
        if plan.sync != "full":
            config["cursor"] = [plan.cursor]
        if plan.deletes != "ignore":
            config["deletes"] = {"soft": plan.soft.name} if plan.soft else plan.deletes
        self.renamed = config["rename"]
        self.world.tables = json.dumps({self.name: _escaped(config)})

    def _change(self, change: Change, place: int) -> None:
        moment = f"'2026-11-01T00:10Z'::timestamptz + interval '{place} hours'"
        plan, sql = self.plan, self.world.sql
        match change:
            case Insert():
                self._insert(change.picks, moment)
            case Update() if plan.cursor and plan.sync != "append" and (row := self._row(change.row)):
                touched = (self.fields + ([plan.soft] if plan.soft else []))[:: change.each]
                values = {
                    quoted(one.name): self._written(one, change.picks[number % len(change.picks)])
                    for number, one in enumerate(touched)
                } | {quoted(one.name): moment for one in self.cursors}
                said = ", ".join(f"{column} = {value}" for column, value in values.items())
                sql(f"UPDATE {self.where} SET {said} WHERE {row}")
            case Delete() if (plan.deletes == "reconcile" or plan.sync == "full") and (row := self._row(change.row)):
                sql(f"DELETE FROM {self.where} WHERE {row}")
            case Add() if change.field.name not in [one.name for one in self.columns]:
                default = change.field.value(change.pick)
                said = f" DEFAULT ({default.written})::{change.field.row.type}" if default else ""
                sql(f"ALTER TABLE {self.where} ADD {quoted(change.field.name)} {change.field.row.type}{said}")
                self.fields.append(change.field)
            case Drop() if self.fields:
                gone = self.fields.pop(change.column % len(self.fields))
                sql(f"ALTER TABLE {self.where} DROP {quoted(gone.name)}")
            case Rename() if self.fields and change.name not in [one.name for one in self.columns]:
                place = change.column % len(self.fields)
                before = self.fields[place]
                sql(f"ALTER TABLE {self.where} RENAME {quoted(before.name)} TO {quoted(change.name)}")
                self.fields[place] = Field(name=change.name, row=before.row)
        self._configure()

    def _insert(self, picks: tuple[int, ...], moment: str) -> None:
        self.identities += 1
        values = {quoted(self.plan.identity): str(self.identities)}
        values |= {quoted(one.name): moment for one in self.cursors}
        for number, one in enumerate((*self.rigid[1:], *self.fields)):
            pick = picks[number % len(picks)]
            if one is self.plan.second and one.value(pick) is None:
                pick = 1
            values[quoted(one.name)] = self._written(one, pick)
        self.world.sql(f"INSERT INTO {self.where} ({', '.join(values)}) VALUES ({', '.join(values.values())})")

    def _written(self, one: Field, pick: int) -> str:
        edge = one.value(pick)
        return f"({edge.written})::{one.row.type}" if edge else "NULL"

    def _row(self, number: int) -> str:
        rows = self.world.source(f"SELECT {quoted(self.plan.identity)} FROM {self.where} ORDER BY 1")
        return f"{quoted(self.plan.identity)} = {rows[number % len(rows)][0]}" if rows else ""

    def _run(self, place: int) -> None:
        try:
            self.world.run(self.name, hour(place))
        except FatalError as error:
            self.told.append(str(error))
            self.anew()

    def anew(self) -> None:
        """What an error that no other run mends names: both tables made again."""
        request = Request(kind=Kind.RELOAD, run_id=f"anew {self.world.open_transactions}", anew=True)
        staged = extract(self.world.table_run(self.name), request)
        load(self.world.table_run(self.name), staged.read_at)

    def reload(self) -> None:
        """What a doubt names."""
        try:
            self.world.run(self.name, None, Kind.RELOAD)
        except FatalError as error:
            self.told.append(str(error))
            self.anew()

    def proof(self) -> Proof:
        """What ``prove`` says, after all of both ends was compared."""
        run = self.world.table_run(self.name)
        balance(run, Depth.ROWS if len(self.columns) <= MOST_HASHED else Depth.KEYS, everything=True)
        [proof] = prove(run.config, [run.table], run.ports.ledger)
        return proof

    def expected(self) -> dict[int, dict[str, str | None]]:
        """By the source's own rows: what current is to hold of each that it is to hold."""
        columns = self.columns
        texts = ", ".join(_text(quoted(one.name)) for one in columns)
        rows: dict[int, dict[str, str | None]] = {}
        for number, *told in self.world.source(f"SELECT {quoted(self.plan.identity)}, {texts} FROM {self.where}"):
            given = dict(zip((one.name for one in columns), told, strict=True))
            if (row := self._expected(given)) is not None:
                rows[number] = row
        return rows

    def _expected(self, given: Mapping[str, str | None]) -> dict[str, str | None] | None:
        plan, beside = self.plan, {}
        row: dict[str, str | None] = {}
        for one in self.columns:
            text, target = given[one.name], self.renamed.get(one.name, one.name)
            if one.name in (plan.identity, plan.cursor) or text is None:
                row[target] = text
                continue
            row[target], unheld = self.arrivals[one.row.type][text]
            if unheld:
                beside[target] = unheld
            rigid = (one in self.rigid and plan.sync != "append") or one is plan.soft
            if unheld and (rigid or plan.bad_values == "quarantine"):
                return None
        if plan.soft and _marked(plan.soft, given[plan.soft.name]):
            return None
        row["_floodmark_unheld"] = json.dumps(beside, sort_keys=True) if beside else None
        return row

    def current(self) -> dict[int, dict[str, str | None]]:
        """Current's rows, of the columns that the source has; a key twice is an error. It is made by the first rows."""
        table = f"{self.world.datasets.project}.{self.world.datasets.current}.{self.to}"
        wanted = {self.renamed.get(one.name, one.name) for one in self.columns}
        identity = self.renamed.get(self.plan.identity, self.plan.identity)
        rows: dict[int, dict[str, str | None]] = {}
        try:
            found = list(self.world.google.bigquery_client().query(f"SELECT * FROM `{table}`", location="EU").result())
        except NotFound:  # no read has brought a row yet
            return {}
        for one in found:
            row = {name: shown(value) for name, value in one.items() if name in wanted}
            beside = one.get("_floodmark_unheld")
            row["_floodmark_unheld"] = json.dumps(json.loads(beside), sort_keys=True) if beside else None
            assert one[identity] not in rows, "a key twice"
            rows[one[identity]] = row
        return rows

    def differences(self) -> Iterator[str]:
        """Where current isn't what the source's rows make it."""
        expected, current = self.expected(), self.current()
        for number in sorted(expected.keys() | current.keys()):
            one, other = expected.get(number), current.get(number)
            if one is None or other is None:
                yield f"row {number} is {'missing' if other is None else 'there, and should not be'}"
                continue
            for name in sorted(one.keys() | other.keys()):
                if one.get(name, "") != other.get(name, ""):
                    yield f"row {number}, {name!r}: {other.get(name, 'no column')!r}, not {one.get(name)!r}"


def _marked(soft: Field, text: str | None) -> bool:
    return text == "t" if soft.row is TRUTH else text is not None


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case list():
            return [_escaped(item) for item in value]
    return value


__all__ = ["Arrivals", "Played", "arrivals"]
