"""A source's tables as they are there, for the commands that ask its catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floodmark.cli.sources import SourceFile
    from floodmark.core.ports import Inspection
    from floodmark.pipeline.reports.check import TableCheck
    from floodmark.pipeline.table_run import Ports


def of_catalog(file: SourceFile, catalog: Inspection, ports: Ports, *, declared: bool = False) -> list[TableCheck]:
    """Each table held against the catalog, in the file's order; with its schema file, where ``declared``."""
    from floodmark.pipeline.reports.check import Known, online, undeclared

    known = Known(
        source=catalog,
        own_select=file.own_select,
        heads=lambda table: ports.ledger.head(file.config.bigquery.current_table(table)),
        secret=ports.secret,
        declared=file.declared if declared else undeclared,
        named=file.said,
    )
    return online(file.config, file.path.name, known)
