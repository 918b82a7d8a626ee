"""``floodmark demo``: everything on this machine, with nothing installed by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from floodmark.cli.options import refused
from floodmark.cli.screen import Json


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running for a look around, until Ctrl-C.")] = False,
    hours: Annotated[
        int | None, typer.Option(min=1, metavar="NUMBER", help="So many hours of history are backfilled.")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, metavar="NUMBER", help="So many minutes are lived through the scheduler.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="NUMBER", help="Of the workload's chance.")] = None,
    mysql: Annotated[bool, typer.Option("--mysql", help="The shop's database is MariaDB.")] = False,
    cloudsql: Annotated[
        bool,
        typer.Option("--cloudsql", help="The shop is read by exports of Cloud SQL, of a local double of it."),
    ] = False,
    loss: Annotated[
        bool, typer.Option("--loss", help="Only this: lost rows counted live, beside fixed slices; without Airflow.")
    ] = False,
    as_json: Json = False,
) -> None:
    """PostgreSQL or MariaDB, Cloud Storage, BigQuery and Airflow on this machine; a live workload, synced and compared.

    Exit 0 only if every table is equal, row by row.
    """
    given = {"--hours": hours, "--minutes": minutes, "--seed": seed, "--mysql": mysql, "--cloudsql": cloudsql}
    written = [name for name, value in given.items() if value]
    if mysql and cloudsql:
        raise refused("--mysql and --cloudsql", "can't be had together", "give one of them")
    if loss and written:
        raise refused(f"--loss and {', '.join(written)}", "can't be had together", "give --loss alone")
    if loss:
        from floodmark.demo.loss.show import show

        raise typer.Exit(show())
    from floodmark.demo.run import demo as play

    counts = {"hours": hours, "minutes": minutes, "seed": seed}
    chosen = {name: value for name, value in counts.items() if value is not None}
    raise typer.Exit(play(keep=keep, mysql=mysql, cloudsql=cloudsql, as_json=as_json, **chosen))
