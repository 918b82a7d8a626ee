"""``floodmark demo``: everything on this machine, with nothing installed by hand."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running for a look around, until Ctrl-C.")] = False,
) -> None:
    """PostgreSQL, Cloud Storage, BigQuery and Airflow on this machine; a live workload, synced and compared."""
    from floodmark.demo.run import demo as play

    raise typer.Exit(play(keep=keep))
