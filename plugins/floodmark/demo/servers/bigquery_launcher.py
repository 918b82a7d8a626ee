"""Run in the servers' own environment: local-bigquery, with some of its faults mended.

BigQuery takes ``dt=.../hr=...`` in an object's name for columns only where a load job asks for it
(``hivePartitioningOptions``); DuckDB, which local-bigquery reads with, guesses so unless it is told not to. Two first
loads at once both make DuckDB's secret for the emulated Cloud Storage, of which one fails; and of two that make or
describe the same table or view at once, one fails with a conflict of DuckDB's, or sees it half made.

And it finds a table by listing every table and column that there is, the results of all earlier jobs too, several times
a job: 50 tables make a job six times as slow, and so do some thousand jobs. Here it asks for the one table. What it
keeps beside the tables (jobs, descriptions of tables and datasets), it asks DuckDB for some thirty times a job, at a
millisecond each, and writes a job three times; here it is asked for once, and a job is written when it is done.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import duckdb
from local_bigquery.catalog import metadata, row_access, tables
from local_bigquery.cli import main
from local_bigquery.engine import database
from local_bigquery.engine.database import quote
from local_bigquery.jobs import load, merge, query, store
from local_bigquery.sql import native
from sqlglot import exp

_asked, _paths, _one = load._hive, load.paths, threading.Lock()
_fetch, _objects, _create = database.fetch, database.objects, tables.create
_get, _update, _run = tables.get, tables.update, query._run
_register = native.register
_save_job, _load_job, _list_jobs, _delete_job = store.save, store.load, store.list_, store.delete

_TABLES = """
SELECT table_name, 'TABLE', coalesce(record_count, 0)
FROM {lake}.ducklake_schema AS its JOIN {lake}.ducklake_table AS one USING (schema_id)
LEFT JOIN {lake}.ducklake_table_stats AS stats ON stats.table_id = one.table_id
WHERE schema_name = $1 AND its.end_snapshot IS NULL AND one.end_snapshot IS NULL
"""
_VIEWS = """
SELECT view_name, 'VIEW', 0
FROM {lake}.ducklake_schema AS its JOIN {lake}.ducklake_view AS one USING (schema_id)
WHERE schema_name = $1 AND its.end_snapshot IS NULL AND one.end_snapshot IS NULL
"""
"""A dataset's tables and views, from DuckLake's own tables: name, kind, rows."""

_seen: ContextVar[dict[Any, Any] | None] = ContextVar("seen", default=None)
"""What was asked about tables while one statement is translated, or one MERGE is done: no table changes meanwhile."""


def _hive(config: Any) -> dict[str, Any]:
    return _asked(config) or {"hive_partitioning": "false"}


def _one_at_a_time(cursor: Any, uri: str) -> list[str]:
    with _one:
        found: list[str] = _paths(cursor, uri)
        return found


def _asked_once(ask: Any) -> Any:
    def answer(*words: Any) -> Any:
        seen, question = _seen.get(), (ask, *map(str, words))
        if seen is None:
            return ask(*words)
        if question not in seen:
            seen[question] = ask(*words)
        return seen[question]

    return answer


def _at_one_moment(work: Any) -> Any:
    def done(*words: Any) -> Any:
        if _seen.get() is not None:
            return work(*words)
        token = _seen.set({})
        try:
            return work(*words)
        finally:
            _seen.reset(token)

    return done


@_asked_once
def _objects_of(project: str, dataset: str, table: str | None = None) -> Any:
    try:
        if project != "emulator":
            return _objects_in(quote(f"__ducklake_metadata_{project}"), dataset, table)
        if table:
            return [(table, "TABLE", *_fetch(f"SELECT count(*) FROM {quote(project, dataset, table)}")[0])]
    except duckdb.CatalogException:
        return []
    return _objects(project, dataset, table)


def _objects_in(lake: str, dataset: str, table: str | None) -> Any:
    tables, views = _TABLES.format(lake=lake), _VIEWS.format(lake=lake)
    if not table:
        return _fetch(f"{tables} UNION ALL {views} ORDER BY 1", [dataset])
    its = [dataset, table]
    return _fetch(f"{tables} AND table_name = $2", its) or _fetch(f"{views} AND view_name = $2", its)


def _answer(sql: str, parameters: Any = None) -> Any:
    """``fetch``, but for the questions about one table's columns, and whether there is a dataset."""
    if "FROM duckdb_columns()" in sql:
        return _columns_of(sql, parameters)
    if sql.startswith("SELECT 1 FROM duckdb_schemas()") and parameters[0] != "emulator":
        return _schema_of(*parameters)
    return _fetch(sql, parameters)


def _schema_of(project: str, dataset: str) -> Any:
    schemas = f"{quote(f'__ducklake_metadata_{project}')}.ducklake_schema"
    try:
        return _fetch(f"SELECT 1 FROM {schemas} WHERE schema_name = ? AND end_snapshot IS NULL", [dataset])
    except duckdb.CatalogException:
        return []


@_asked_once
def _columns_of(sql: str, parameters: Any) -> Any:
    """Of one table: the columns that are required, or one by its name. A job's result requires and hides none."""
    if parameters[0] == "emulator":
        return []
    table = quote(*parameters[:3]).replace("'", "''")
    try:
        columns = _fetch(f"SELECT name, \"notnull\" FROM pragma_table_info('{table}')")
    except duckdb.CatalogException:
        return []
    if "NOT is_nullable" in sql:
        return [(name,) for name, required in columns if required]
    return [(1,) for name, _ in columns if name == parameters[3]]


def _created(project: str, dataset: str, body: Any, translate: Any) -> Any:
    """``tables.create``, which looks for such a table and then makes it: of two at once, one is refused."""
    reference = body.tableReference
    with database.writing(project, dataset, str(reference and reference.tableId)):
        return _create(project, dataset, body, translate)


def _updated(project: str, dataset: str, table: str, *words: Any, **named: Any) -> Any:
    """``tables.update``, which fails where another writes the resource at the same time."""
    with database.writing(project, dataset, table):
        return _update(project, dataset, table, *words, **named)


def _whole(project: str, dataset: str, table: str, *words: Any, **named: Any) -> Any:
    """``tables.get``: a view is there a moment before its labels are; who asks then waits for the statement's end."""
    found = _get(project, dataset, table, *words, **named)
    if found.type == "VIEW" and not found.labels:
        with database.writing(project, dataset, table):
            return _get(project, dataset, table, *words, **named)
    return found


def _ran(cursor: Any, tree: Any, context: Any, *words: Any) -> Any:
    """``query._run``: a view is made, and its resource written, in two steps, and two may make it at once."""
    if isinstance(tree, exp.Create) and tree.args.get("kind") == "VIEW":
        with database.writing(*query._target(tree, context)):
            return _run(cursor, tree, context, *words)
    return _run(cursor, tree, context, *words)


def _one_thread(connection: Any) -> None:
    """A job's rows are few: what more threads would do is hand them to each other. Jobs still run side by side."""
    connection.execute("SET threads = 1")
    _register(connection)


class Kept:
    """Answers of the server's own tables, until one of them is written. Only this process writes them."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Any, ...], Any] = {}
        self._writes = 0
        self._lock = threading.Lock()

    def fetch(self, sql: str, parameters: Any = None) -> Any:
        """``database.fetch``, or what it answered before."""
        question = (sql, *(parameters or ()))
        with self._lock:
            if question in self._answers:
                return self._answers[question]
            writes = self._writes
        answer = _fetch(sql, parameters)
        with self._lock:
            if writes == self._writes:  # else it may be from before the write
                self._answers[question] = answer
        return answer

    def execute(self, sql: str, parameters: Any = None) -> None:
        """``database.execute``; whatever was answered is asked again."""
        try:
            database.execute(sql, parameters)
        finally:
            with self._lock:
                self._writes += 1
                self._answers.clear()


class Jobs:
    """Jobs in memory; each is in the server's table too from its end on, as are those of the server's earlier lives.

    A job that the server didn't end is not known to its next life, rather than running for ever.
    """

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Any] = {}

    def save(self, job: Any) -> Any:
        self._all[job.jobReference.projectId, job.jobReference.jobId] = job
        return _save_job(job) if job.status.state == "DONE" else job

    def load(self, project: str, job: str) -> Any:
        return self._all.get((project, job)) or _load_job(project, job)

    def list_(self, *asked: Any) -> Any:
        for job in [job for job in list(self._all.values()) if job.status.state != "DONE"]:
            _save_job(job)
        return _list_jobs(*asked)

    def delete(self, project: str, job: str) -> None:
        self._all.pop((project, job), None)
        _delete_job(project, job)


_kept, _jobs = Kept(), Jobs()
load._hive, load.paths, native.register = _hive, _one_at_a_time, _one_thread
database.objects, database.fetch, tables.columns = _objects_of, _answer, _asked_once(tables.columns)
tables.create, tables.update, tables.get, query._run = _created, _updated, _whole, _ran
query.translate, merge.run = _at_one_moment(query.translate), _at_one_moment(merge.run)
metadata.fetch, metadata.execute, row_access.fetch = _kept.fetch, _kept.execute, _kept.fetch
store.save, store.load, store.list_, store.delete = _jobs.save, _jobs.load, _jobs.list_, _jobs.delete


def _gate() -> None:
    """The gate before it (``gate/``), which lies in a package that this environment doesn't have."""
    folder = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location(
        "floodmark", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    sys.modules["floodmark"] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    from floodmark.demo.servers.gate.server import install

    install(time_zone=os.environ.get("FLOODMARK_BIGQUERY_TIME_ZONE") or "UTC")


if __name__ == "__main__":
    _gate()
    sys.exit(main())
