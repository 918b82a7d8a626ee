"""The ledger, the source's database, and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from floodmark.cli.findings.finding import Finding, examination, failed, ok, warning
from floodmark.core.config.source import SourceConfig
from floodmark.errors import FatalError

if TYPE_CHECKING:
    from floodmark.cli.sources import SourceFile
    from floodmark.core.ports import Inspection
    from floodmark.pipeline.wiring import Connections


@examination("ledger")
def of_ledger(file: SourceFile, dsn: str = "") -> Iterator[Finding]:
    """Whether it can be opened, and what it is."""
    with closing(file.ports(dsn, missing="empty")) as ports:
        ledger = ports.ledger
        counted = f", {len(ledger.targets())} targets, {ledger.uuid}" if ledger.uuid.int else ""
        yield ok("ledger", f"{ledger}{counted}")


@examination("source")
def of_source(config: SourceConfig, connections: Connections) -> Iterator[Finding]:
    """Whether the database answers, what the role may read, and whether seals can be proved (R5)."""
    from floodmark.pipeline import wiring

    with closing(wiring.inspection_of(config, connections)) as source:
        server = source.server()
        yield ok("source", f"{server.place}: {server.name}")
        for one in (*server.unproved, *server.advice):
            yield warning(one.about, one.said, one.remedy)
        yield from _tables(config, source)


def _tables(config: SourceConfig, source: Inspection) -> Iterator[Finding]:
    there = set(source.tables())
    for table in config.tables.values():
        relation = table.relation
        try:
            if (relation.schema, relation.name) not in there:
                source.describe(relation.schema, relation.name)  # it says which grant it takes
        except FatalError as error:
            yield failed("source", str(error), f"or mend tables.{table.name}.from")
        else:
            yield ok("source", f"{relation} can be read")
