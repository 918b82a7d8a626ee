"""The gate around jobs that change rows: files against tables, numbers of partitions; and labels of all jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
from local_bigquery.catalog import names, tables
from local_bigquery.engine import database
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import load, merge, query, runner
from local_bigquery.jobs.storage import literal

from floodmark.demo.servers.gate import loads, rules, text_loads
from floodmark.demo.servers.gate.partitions import MOST_PER_JOB, MOST_PER_TABLE, count, too_many
from floodmark.demo.servers.gate.statements import Reference
from floodmark.demo.servers.gate.stored import Stored, counted

_SCHEMA = """
SELECT file_name, name, type, repetition_type, coalesce(num_children, 0), converted_type, logical_type, precision, scale
FROM parquet_schema([{files}])
"""


def install(stored: Stored) -> None:
    """Put it into the server."""
    runner.submit = _submits(runner.submit)
    runner.HANDLERS["load"] = _loads(stored, runner.HANDLERS["load"])
    merge.run = _merges(stored, merge.run)
    query._run = _statements(stored, query._run)


def _submits(submit: Callable[..., Any]) -> Callable[..., Any]:
    def run(project: str, job: str, configuration: Any, *rest: Any, **named: Any) -> Any:
        if refusal := rules.labels(configuration.dump()):
            raise BigQueryError("invalid", refusal)
        return submit(project, job, configuration, *rest, **named)

    return run


def _loads(stored: Stored, run_load: Callable[..., Any]) -> Callable[..., Any]:
    def run(cur: Any, config: Any, upload: str | None) -> Any:
        given = config.dump()
        reference = tables.reference(config.destinationTable)
        if not upload and stored.resource(reference) is not None:
            if given.get("sourceFormat") == "PARQUET":
                check_files(stored, cur, reference, given)
            elif given.get("sourceFormat") in text_loads.TEXTS:
                fields = (stored.resource(reference) or {}).get("schema", {}).get("fields", ())
                uris = [path for uri in given.get("sourceUris") or () for path in load.paths(cur, uri)]
                blobs = cur.sql(f"SELECT content FROM read_blob([{', '.join(map(literal, uris))}])").fetchall()
                files = [content for (content,) in blobs]
                _refuse(text_loads.refusal(names.label(*reference), fields, given, files))
        return run_load(cur, config, upload)

    return run


def check_files(stored: Stored, cur: Any, reference: Reference, config: rules.Resource) -> None:
    """Raise BigQueryError where the files of a load job don't fit the table, or have too many partitions.

    What can't be read, the server says itself.
    """
    uris = [path for uri in config.get("sourceUris") or () for path in load.paths(cur, uri)]
    files = ", ".join(map(literal, uris))
    try:
        lines = cur.sql(_SCHEMA.format(files=files)).fetchall()
    except duckdb.Error:
        return
    schemas: dict[str, list[loads.Node]] = {}
    for file, *line in lines:
        schemas.setdefault(file, []).append(loads.Node(**dict(zip(_NODE, line, strict=True))))
    table = names.label(*reference)
    if not config.get("schema"):
        for nodes in schemas.values():
            _refuse(loads.refusal(table, stored.fields(reference), loads.columns(nodes, config), config))
    if config.get("writeDisposition", "WRITE_APPEND") == "WRITE_APPEND" and (start := stored.start(reference)):
        rows = cur.sql(f"SELECT {start}, count(*) FROM read_parquet([{files}]) GROUP BY 1").fetchall()
        new = counted(rows)
        _refuse(too_many(table, {*stored.rows(reference), *new}, count(new), what="load"))


_NODE = ("name", "type", "repetition", "children", "converted", "logical", "precision", "scale")


class _Begun:
    """A cursor in a transaction: the server's own BEGIN is told so, without the word to DuckDB that would end it."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, *rest: Any) -> Any:
        """As the cursor's."""
        if sql == "BEGIN":
            raise duckdb.TransactionException("within a transaction")
        return self._cursor.execute(sql, *rest)


def _merges(stored: Stored, run_merge: Callable[..., Any]) -> Callable[..., Any]:
    """A MERGE into a partitioned table, in one transaction with the look at how many partitions it changed."""

    def run(cur: Any, tree: Any, context: Any) -> Any:
        project, dataset, table = query._target(tree, context)
        reference = (project, dataset, table)
        if not stored.start(reference):
            return run_merge(cur, tree, context)
        return _counting(
            stored,
            cur,
            reference,
            lambda its: run_merge(its, tree, context),
            lambda result: int(result.numDmlAffectedRows or 0),
        )

    return run


def _counting(
    stored: Stored,
    cur: Any,
    reference: Reference,
    change: Callable[[Any], Any],
    rows_of: Callable[[Any], int],
) -> Any:
    """Change a partitioned table, unless that changes too many partitions. Raises BigQueryError then."""
    before = stored.rows(reference)
    try:
        cur.execute("BEGIN")
    except duckdb.TransactionException:
        return change(cur)
    try:
        result = change(_Begun(cur))
        rows = rows_of(result)
        if rows > MOST_PER_JOB or len(before) + rows > MOST_PER_TABLE:
            _check_changed(stored, cur, reference)
        cur.execute("COMMIT")
    except BaseException:
        cur.execute("ROLLBACK")
        raise
    return result


def _statements(stored: Stored, run_statement: Callable[..., Any]) -> Callable[..., Any]:
    """An INSERT, an UPDATE or a DELETE in a partitioned table, as a MERGE there."""

    def run(cur: Any, tree: Any, context: Any, *rest: Any) -> Any:
        _, _, dry_run, _ = rest
        if type(tree) in query.DML_COUNTS and not dry_run:
            target = query._target(tree, context)
            if len(target) == 3 and stored.start(target):
                cur = _Changing(stored, cur, target)
        return run_statement(cur, tree, context, *rest)

    return run


class _Changing:
    """A cursor whose next statement changes a partitioned table: the server asks it for nothing but its one line."""

    def __init__(self, stored: Stored, cursor: Any, reference: Reference) -> None:
        self._stored, self._cursor, self._reference = stored, cursor, reference
        self._line: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, *rest: Any) -> Any:
        """As the cursor's, in a transaction of its own."""

        def change(cursor: Any) -> Any:
            return cursor.execute(sql, *rest).fetchone()

        self._line = _counting(self._stored, self._cursor, self._reference, change, lambda line: int(line[0]))
        return self

    def fetchone(self) -> Any:
        """How many rows it changed."""
        return self._line


def _check_changed(stored: Stored, cur: Any, reference: Reference) -> None:
    """Which partitions differ within the transaction from what is committed."""
    name = tables.name(*reference)
    sql = f"SELECT {stored.start(reference)}, count(*), bit_xor(hash(its)) FROM {name} AS its GROUP BY 1"
    before, after = _by_start(database.fetch(sql)), _by_start(cur.execute(sql).fetchall())
    changed = count(start for start in {*before, *after} if before.get(start) != after.get(start))
    refusal = too_many(names.label(*reference), after, changed, what="query")
    if refusal:
        raise BigQueryError("invalidQuery", refusal)


def _by_start(lines: Iterable[tuple[Any, ...]]) -> dict[Any, tuple[Any, ...]]:
    rows = list(lines)
    places = counted((row[0], place) for place, row in enumerate(rows))
    return {start: rows[place][1:] for start, place in places.items()}


def _refuse(refusal: str) -> None:
    if refusal:
        raise BigQueryError("invalid", refusal)
