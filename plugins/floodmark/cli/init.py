"""``floodmark init``: a source's file and the DAG file beside it, to begin with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from floodmark.cli.airflow_starter import MORE, SOURCE, metadata_entries, own_dsn, unreachable
from floodmark.cli.brief import few
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import Dsn
from floodmark.cli.starter import DAG_FILE, SCHEMA_FILE, Entry, Starter, dag_text, drafted, named, text
from floodmark.core.command_line import command_line
from floodmark.core.config import json_schema, source_file
from floodmark.core.config.names import Relation
from floodmark.core.config.readable import shortened
from floodmark.core.time.units import DAY
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline.clock import now

UNSET = {"FLOODMARK_BUCKET": "bucket", "FLOODMARK_PROJECT": "project"}
"""A starter may be written before its variables are set."""


def init(
    *,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            help="Name of the source; its DAGs begin with it. Default: shop, or airflow.",
            show_default=False,
        ),
    ] = "",
    connection: Annotated[
        str, typer.Option("--connection", help="Airflow connection to it. Default: <source>_db.", show_default=False)
    ] = "",
    tables: Annotated[
        list[str] | None,
        typer.Option("--table", "-t", metavar="[SCHEMA.]TABLE", help="This table; may be repeated. Default: all."),
    ] = None,
    bucket: Annotated[str, typer.Option(help="Bucket for what is read.")] = "${FLOODMARK_BUCKET}",
    project: Annotated[str, typer.Option(help="Google Cloud project.")] = "${FLOODMARK_PROJECT}",
    location: Annotated[str, typer.Option(help="Location of the datasets.")] = "EU",
    dataset: Annotated[
        str, typer.Option(help="Dataset of the current tables. Default: the source.", show_default=False)
    ] = "",
    start: Annotated[
        str, typer.Option(metavar="TIME", help="From when rows are synced. Default: yesterday.", show_default=False)
    ] = "",
    folder: Annotated[Path, typer.Option(help="Airflow's folder of DAGs.")] = Path("dags"),
    airflow: Annotated[
        bool, typer.Option("--airflow", help="The source is Airflow's own metadata database: docs/airflow-metadata.md.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Write a starter: <folder>/sources/<source>.yml, the DAG file, and a schema by which editors complete keys.
    Nothing is ever overwritten.

    Where the source's connection is known (--dsn or AIRFLOW_CONN_<ID>), its tables are listed with their size and their
    derived key, cursor and sync. What only a person knows (deletes, append) is proposed in comments; columns that look
    secret are left out, and so are tables that frameworks keep for themselves. With --airflow, which needs a
    connection, each table of Airflow's schema comes with what fits it.
    """
    screen = Screen(json=as_json)
    source = source or (SOURCE if airflow else "shop")
    starter = Starter(
        source=source,
        connection=connection or f"{source.replace('-', '_')}_db",
        bucket=bucket,
        project=project,
        location=location,
        dataset=dataset or source.replace("-", "_"),
        start=start or f"{now() - DAY:%Y-%m-%d}",
        more=MORE if airflow else (),
    )
    path, dag_file = folder / "sources" / f"{source}.yml", folder / DAG_FILE
    if os.path.exists(path):  # false, too, of what can be no path
        raise _in_the_way(path)
    entries, derived, unseen = _entries(starter, tables or [], dsn, airflow=airflow)
    content = text(starter, entries)
    if not all(entry.out for entry in entries):
        file = shortened(path.name, 80)  # each problem begins with it
        source_file.parse(content, file, {**UNSET, **os.environ})  # nothing is written that check refuses
    written = [_write(path, content)]
    schema_file = path.with_name(SCHEMA_FILE)
    beside = {dag_file: dag_text(), schema_file: json_schema.text()}
    existing = [one for one in beside if os.path.exists(one)]
    written += [_write(one, told) for one, told in beside.items() if one not in existing]
    if as_json:
        named = None if unseen is None else [str(one) for one in unseen]
        kept = [str(one) for one in existing]
        screen.document({"written": [str(one) for one in written], "kept": kept, "unreadable": named})
        return
    for one in written:
        screen.line(f"wrote {one}")
    for one in existing:
        screen.line(f"kept {one}, which is there already")
    for line in (*_to_do(starter, entries, derived=derived), *_of_unseen(unseen)):
        screen.line(line)
    screen.line(f"next: {command_line('check --online', str(path))}")


def _to_do(starter: Starter, entries: list[Entry], *, derived: bool) -> Iterator[str]:
    """What is not from the source, and what a person has to do about it."""
    if not derived:
        names = ", ".join(few([entry.name for entry in entries]))
        known = f"give --dsn, or set AIRFLOW_CONN_{starter.connection.upper()}"
        yield f"not asked of the source: its tables ({names} is what this file begins with); {known}, for all of them"
    elif out := sum(entry.out for entry in entries):
        yield f"{out} of {len(entries)} tables stand there as comments, each with its reason"
    for variable in UNSET:
        if f"${{{variable}}}" in (starter.bucket, starter.project) and variable not in os.environ:
            yield f"to be set, or written into the file: {variable}"


def _of_unseen(unseen: Sequence[Relation] | None) -> Iterator[str]:
    """Tables that are not in the file, since the role may not read them."""
    if unseen is None:
        yield "tables that its account has no privilege on aren't in the file: MySQL shows it none of them"
    elif unseen:
        named = ", ".join(few([str(one) for one in unseen]))
        yield f"{len(unseen)} tables aren't in the file, as its role may not read them ({named}): GRANT SELECT ON ..."


def _entries(
    starter: Starter, wanted: list[str], dsn: str, *, airflow: bool
) -> tuple[list[Entry], bool, Sequence[Relation] | None]:
    """The tables of the source where it can be asked, else those that were named; whether it was asked.

    And those that it has and that its role may not read, where all are wanted; None where it doesn't tell.
    """
    from floodmark.adapters.connections.environment import LocalConnections, nowhere
    from floodmark.adapters.local_airflow.connections import AirflowsConnections

    given = {starter.connection: dsn} if dsn else {}
    airflows = AirflowsConnections([starter.connection])
    elsewhere = nowhere if airflow else airflows.of  # its own database it knows without a connection
    connections = LocalConnections(os.environ, dsns=given, elsewhere=elsewhere)
    if airflow and not connections.knows(starter.connection):
        if not (own := own_dsn(os.environ)):
            raise unreachable(starter.connection)
        connections = LocalConnections(os.environ, dsns={starter.connection: own})
    if not connections.knows(starter.connection):
        return drafted(wanted), False, ()
    from floodmark.pipeline import wiring

    with closing(wiring.inspection(connections, starter.connection)) as source:
        if airflow:
            return metadata_entries(source, named(wanted)), True, ()
        entries = drafted(wanted, source)
        hidden = () if wanted else source.unreadable()
        return entries, True, None if hidden is None else [Relation(schema=one, name=table) for one, table in hidden]


def _write(path: Path, content: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:  # x: another process may have been first
            file.write(content)
    except FileExistsError:
        raise _in_the_way(path) from None
    except OSError as error:
        raise ConfigurationError(
            [Problem(file=str(path), path="", message=f"can't be written: {error.strerror}", remedy="give --folder")]
        ) from None
    return path


def _in_the_way(path: Path) -> ConfigurationError:
    remedy = "take another --source, or move it away"
    return ConfigurationError([Problem(file=str(path), path="", message="is there already", remedy=remedy)])
