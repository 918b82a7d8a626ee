"""A shop whose tables begin one after the other, and when they did, by Airflow's own database."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import psycopg2
import yaml

from floodmark.core.time.stagger import delay
from tests.schedulers.runs import Runs
from tests.schedulers.shop import Shop

STAGGER = timedelta(seconds=50)
QUERY = """
SELECT r.data_interval_end, i.end_date FROM task_instance i JOIN dag_run r USING (dag_id, run_id)
WHERE dag_id = %s AND r.run_type = 'scheduled' AND i.task_id = 'orders.stagger' AND i.state = 'success'
"""


def create(shop: Shop) -> None:
    """Its tables are read every minute; ``orders`` comes after half of it, ``items`` at once."""
    shop.create(cadence="1m")
    document = yaml.safe_load(shop.yaml.read_text(encoding="utf-8")) | {"stagger": f"{STAGGER.seconds}s"}
    shop.yaml.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    assert delay("items", STAGGER) < timedelta(seconds=5) < timedelta(seconds=30) < delay("orders", STAGGER)


def waited(runs: Runs, dag: str) -> list[tuple[datetime, datetime]]:
    """When slices ended for which ``orders`` has waited, each with when it had; those that had to."""
    return [(end, done) for end, done in _asked(runs, QUERY, dag) if done < end + timedelta(seconds=59)]


def rescheduled(runs: Runs) -> int:
    """How often a task of any DAG gave its worker back."""
    [(count,)] = _asked(runs, "SELECT count(*) FROM task_reschedule")
    return int(count)


def _asked(runs: Runs, query: str, *values: str) -> list[tuple]:
    with contextlib.closing(psycopg2.connect(runs.metadata.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def verify(runs: Runs, dag: str, before: int) -> None:
    """Each began at its own moment, and held no worker until then."""
    for end, done in waited(runs, dag):
        assert done >= end + delay("orders", STAGGER)
    assert rescheduled(runs) > before
