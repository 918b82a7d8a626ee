"""``floodmark schema``: the tables' BigQuery schemas as JSON files, for review and to be kept."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from floodmark.adapters import beside, yaml_file
from floodmark.cli import sources
from floodmark.cli.catalog import of_catalog
from floodmark.cli.exits import Exit
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import Dsn, File, Tables
from floodmark.core.bigquery import schema_file


def schema(
    *,
    file: File,
    table: Tables = None,
    to: Annotated[
        str, typer.Option("--to", metavar="FOLDER", help="Write them there. Default: schemas beside the source's file.")
    ] = "",
    compare: Annotated[
        bool, typer.Option("--compare", help="Write nothing: exit 1 where a file is missing or another.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Write each table's BigQuery schema as a JSON file, as `bq` takes it: schemas/SOURCE/TABLE.json.

    Where such files lie beside the source's, each run deploys their descriptions and policy tags, and `check --online`
    tells what differs. What a file says of them is kept when it is written anew. BigQuery is not asked.
    """
    from floodmark.pipeline import declared, wiring

    screen = Screen(json=as_json)
    source = sources.read(file)
    config, folder = source.config, Path(to) if to else source.path.parent / yaml_file.SCHEMAS
    wanted = {one.name for one in source.tables(table)}
    inspection = wiring.inspection_of(config, source.connections(dsn))
    with closing(inspection) as catalog, closing(source.ports(dsn, missing="empty")) as ports:
        found = [one for one in of_catalog(source, catalog, ports) if one.table.name in wanted]
    written, problems = [], [str(problem) for one in found for problem in one.problems]
    for one in found:
        if one.schema is None or one.resolved is None:
            continue
        path = folder / config.source / f"{one.table.name}.json"
        before = path.read_text(encoding="utf-8") if beside.is_there(path) else ""
        made = declared.current(config, one.table, one.schema, one.resolved)
        text = schema_file.kept(before, schema_file.text(made), path.name)
        state = "as it is" if text == before else ("differs" if compare else "written")
        written.append({"table": one.table.name, "file": str(path), "state": state})
        if state == "written":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    differs = any(one["state"] == "differs" for one in written)
    if as_json:
        document = {"ok": not (problems or differs), "source": config.source, "tables": written, "problems": problems}
        screen.document(document)
    else:
        screen.table(("table", "file", "state"), [tuple(one.values()) for one in written], title=config.source)
        for problem in problems:
            screen.say(problem)
    if problems or differs:
        raise typer.Exit(Exit.USAGE if problems else Exit.FINDINGS)
