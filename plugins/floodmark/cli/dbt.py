"""``floodmark dbt``: the tables as dbt's sources."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
import yaml

from floodmark.cli import sources
from floodmark.cli.catalog import of_catalog
from floodmark.cli.exits import Exit
from floodmark.cli.options import refused
from floodmark.cli.screen import Screen
from floodmark.cli.sources import Dsn, File
from floodmark.core.bigquery import schema_file

_WIDTH = 120


def dbt(
    *,
    file: File,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it there. Default: stdout.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    dsn: Dsn = "",
) -> None:
    """Write dbt's sources.yml of a source: tables and columns, described as in BigQuery, and how fresh they are.

    dbt 1.10 or later asks `_floodmark_tables` for that, and warns where a table is older than its `freshness`, fails
    where it is twice as old. The source's catalog is asked; BigQuery is not.
    """
    from floodmark.pipeline import declared, wiring
    from floodmark.pipeline.reports import dbt_sources

    screen = Screen()
    source = sources.read(file)
    config = source.config
    inspection = wiring.inspection_of(config, source.connections(dsn))
    with closing(inspection) as catalog, closing(source.ports(dsn, missing="empty")) as ports:
        found = of_catalog(source, catalog, ports)
    problems = [problem for one in found for problem in one.problems]
    for problem in problems:
        screen.say(str(problem))
    if problems:
        raise typer.Exit(Exit.USAGE)
    tables = [
        (
            one.table,
            declared.current(config, one.table, one.schema, one.resolved),
            schema_file.parse(source.declared(one.table), declared.file_of(config, one.table)).descriptions,
        )
        for one in found
        if one.schema is not None and one.resolved is not None
    ]
    document = dbt_sources.document(config, tables)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_WIDTH)
    if out is None:
        print(text, end="")
        return
    _write(out, text, force=force)
    screen.say(f"{out} written")


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise refused("--out", f"{path} is there already", "name another file, or add --force") from None
    except (OSError, ValueError) as error:  # a name may hold what none can
        said = getattr(error, "strerror", None) or error
        raise refused("--out", f"{path} can't be written: {said}", "name a file in a folder you may write to") from None
