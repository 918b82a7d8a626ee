"""The starter of Airflow's own metadata database: its tables as they stand there, each with what fits it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from floodmark.cli.starter import Entry, apart, as_glob, entry_of, flow
from floodmark.core.config import table as table_config
from floodmark.core.config.names import Relation
from floodmark.core.ports import Inspection
from floodmark.core.resolve.airflow_metadata import LANDMARKS, Proposal, proposal
from floodmark.core.resolve.table import resolve
from floodmark.errors import ConfigurationError, FatalError, Problem

SOURCE = "airflow"
MORE = (
    "cadence: 1d",
    "stagger: 30m  # each table begins at a moment of its own, within half an hour after midnight (UTC)",
    "batch: false  # each table has its own tasks",
    "retention: {stage: 0}  # files are deleted as soon as they are applied",
)
"""Keys of the source."""
AIRFLOWS_OWN = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
"""Where Airflow itself is told its database; SQLAlchemy's URL, which may name a driver."""


def own_dsn(environ: Mapping[str, str]) -> str:
    """Airflow's own setting as a libpq URI; empty where it isn't set, or names no PostgreSQL."""
    url = environ.get(AIRFLOWS_OWN, "")
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url) if url.startswith("postgres") else ""


def unreachable(connection: str) -> ConfigurationError:
    """Nobody said where the database is."""
    remedy = f"give --dsn, or set AIRFLOW_CONN_{connection.upper()} or {AIRFLOWS_OWN}, to its address in PostgreSQL"
    message = "reads the tables of Airflow's metadata database, and doesn't know where it is"
    return ConfigurationError([Problem(file="--airflow", path="", message=message, remedy=remedy)])


def metadata_entries(source: Inspection, wanted: Sequence[Relation] = ()) -> list[Entry]:
    """Every table of the schema that is Airflow's, or those that are ``wanted`` of it.

    Raises ``ConfigurationError`` where there is no such schema, more than one, or not such a table.
    """
    there = [Relation(schema=schema, name=name) for schema, name in source.tables()]
    schemas = {one.schema for one in there if {it.name for it in there if it.schema == one.schema} >= LANDMARKS}
    if len(schemas) != 1:
        which = f"several schemas ({', '.join(sorted(schemas))}) have" if schemas else "no schema has"
        remedy = "connect as a role that may read just the one that is meant"
        message = f"{which} Airflow's tables {', '.join(sorted(LANDMARKS))}"
        raise ConfigurationError([Problem(file="--airflow", path="", message=message, remedy=remedy)])
    relations = [one for one in there if one.schema in schemas]
    missing = [
        Problem(file="--table", path="", message=f"Airflow's schema has no {one} that the role may read",
                remedy=f"it has: {', '.join(it.name for it in relations)}")
        for one in wanted if one not in relations
    ]  # fmt: skip
    if missing:
        raise ConfigurationError(missing)
    return apart([_proposed(one, source) for one in wanted or relations])


def _proposed(relation: Relation, source: Inspection) -> Entry:
    entry = replace(entry_of(Relation(name=relation.name)), relation=relation)  # named without its schema
    try:
        schema = source.describe(relation.schema, relation.name)
        proposed = proposal(relation.name, schema)
        if proposed.out:
            return replace(entry, remark=proposed.remark, out=True)
        resolve(table_config.fill(entry.name, _written(relation, proposed), {}, {"start": "2026-01-01"}), schema, "")
    except ConfigurationError as error:
        said = "; ".join(f"{one.message}; {one.remedy}" for one in error.problems)
        return replace(entry, remark=said, out=True)
    except FatalError as error:
        return replace(entry, remark=str(error), out=True)
    return replace(entry, remark=proposed.remark, keys=tuple(_lines(proposed)))


def _written(relation: Relation, proposed: Proposal) -> dict[str, Any]:
    columns = {"columns": {"exclude": [as_glob(name) for name in proposed.excluded]}} if proposed.excluded else {}
    return {"from": str(relation), **proposed.keys, **columns}


def _lines(proposed: Proposal) -> Iterator[str]:
    """Its keys as YAML; what is left out with the reason."""
    for key, value in proposed.keys.items():
        yield f"{key}: {_value(value)}"
    if proposed.excluded:
        yield f"columns: {{exclude: [{', '.join(flow(as_glob(name)) for name in proposed.excluded)}]}}"
        yield from (f"# {name}: {why}" for name, why in proposed.excluded.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return str(value).lower() if isinstance(value, bool) else flow(str(value))
