"""``floodmark pool``: the one-slot Airflow pool of a Cloud SQL instance."""

from __future__ import annotations

from floodmark.cli import sources
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import File
from floodmark.errors import ConfigurationError, Problem


def pool(
    source: File,
    *,
    as_json: Json = False,
) -> None:
    """Make the Airflow pool of a source that is read by Cloud SQL's exports, with one slot: an instance does one
    operation at a time, so its tasks wait in the scheduler and hold no worker.

    Run it where Airflow's own command line works.
    """
    from floodmark.adapters.local_airflow import pool as pools

    config = sources.read(source).config
    if config.cloudsql is None or config.pool is None:
        missing = "cloudsql" if config.cloudsql is None else "pool"
        remedy = "only adapter: cloudsql needs it" if config.cloudsql is None else "write pool: with the name it has"
        raise ConfigurationError([Problem(file=source, path=missing, message="is not there", remedy=remedy)])
    pools.make(config.pool, f"Cloud SQL {config.cloudsql.instance}: one operation at a time")
    screen = Screen(json=as_json)
    if as_json:
        screen.document({"pool": config.pool, "slots": 1})
    else:
        screen.line(f"pool {config.pool} has 1 slot")
