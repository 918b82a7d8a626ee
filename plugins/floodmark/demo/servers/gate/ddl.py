"""The gate before DDL: what a CREATE TABLE declares, and a table's expirations as SQL sets them.

From BigQuery's pages "Data definition language (DDL) statements in GoogleSQL" (``partition_expression``, clustering,
``table_set_options_list``), "Introduction to partitioned tables" and "Quotas and limits" (partitioned tables).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local_bigquery.catalog import ddl, names, options, tables
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import query
from local_bigquery.sql.translate import translate
from sqlglot import exp

from floodmark.demo.servers.gate import rules
from floodmark.demo.servers.gate.partitions import MOST_PER_TABLE, count, too_many
from floodmark.demo.servers.gate.stored import counted, dataset, start_of

_DAYS = "partition_expiration_days"


def install() -> None:
    """Put it into the server."""
    query._run = _creates(query._run)
    expires = options.TABLE_OPTIONS["expiration_timestamp"]
    ddl.TABLE_OPTIONS = {
        **options.TABLE_OPTIONS,
        "expiration_timestamp": replace(expires, parse=_or_none(expires.parse)),
        _DAYS: options.Option("timePartitioning", "FLOAT64", _or_none(_length)),
    }
    ddl._partitioning = _by_range(ddl._partitioning)
    ddl._table = _with_expiration(ddl._table)
    ddl._alteration = _partitioned_only(ddl._alteration)


def _creates(run_statement: Callable[..., Any]) -> Callable[..., Any]:
    def run(cur: Any, tree: Any, context: Any, *rest: Any) -> Any:
        if isinstance(tree, exp.Create) and tree.args.get("kind") == "TABLE" and not tree.args.get("clone"):
            _check(cur, tree, context)
        if isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
            _refuse(_kept(tree, context))
        return run_statement(cur, tree, context, *rest)

    return run


def _check(cur: Any, tree: Any, context: Any) -> None:
    """Raise BigQueryError for what no table may be, or would be by its own query."""
    properties = tree.args["properties"].expressions if tree.args.get("properties") else []
    cuts = [one for one in properties if isinstance(one, exp.PartitionedByProperty)]
    clusters = [one for one in properties if isinstance(one, exp.ClusterProperty)]
    if not cuts and not clusters:
        return
    fields = [field.dump() for field in query._declared_schema(cur, tree, context) or ()]
    if not fields:
        return
    resource: dict[str, Any] = {"schema": {"fields": fields}}
    for cluster in clusters:
        resource["clustering"] = {"fields": [one.name for one in cluster.expressions]}
    for cut in cuts:
        resource |= ddl._partitioning(cut)
        _refuse(_bare(cut.this, fields))
    _refuse(_ranges(resource.get("rangePartitioning") or {}))
    _refuse(rules.table(resource))
    time = resource.get("timePartitioning") or {}
    if isinstance(tree.expression, exp.Query) and time.get("field"):
        kind = next(rules.kind(one) for one in fields if one["name"].casefold() == time["field"].casefold())
        sql, bound = translate(tree.expression.copy(), context)
        start = start_of(time["field"], kind, time["type"])
        starts = counted(cur.execute(f"SELECT {start}, count(*) FROM ({sql}) GROUP BY 1", bound).fetchall())
        _refuse(too_many(tree.find(exp.Table).name, starts, count(starts), what="query"))


def _kept(tree: Any, context: Any) -> str:
    """Columns by which a table is cut or clustered stay, under their names (ALTER TABLE RENAME COLUMN, DROP COLUMN)."""
    table = tree.find(exp.Table)
    stored = tables.load(*names.reference(table, context.project_id, context.dataset_id)).dump()
    held = [(stored.get("timePartitioning") or {}).get("field"), *(stored.get("clustering") or {}).get("fields", ())]
    kept = {str(one).casefold() for one in held if one}
    for action in tree.args.get("actions") or ():
        verb = {exp.RenameColumn: "RENAME", exp.Drop: "DROP"}.get(type(action))
        name = next(action.find_all(exp.Identifier)).name if verb else ""
        if name.casefold() in kept:
            return f"ALTER TABLE {verb} COLUMN is not supported on a partitioning or clustering column: {name}"
    return ""


def _bare(expression: Any, fields: list[dict[str, Any]]) -> str:
    """A column alone must be a DATE: of a moment the unit is to be said."""
    if not isinstance(expression, exp.Column | exp.Identifier | exp.Schema):
        return ""
    name = next(expression.find_all(exp.Identifier)).name.casefold()
    kinds = {field["name"].casefold(): rules.kind(field) for field in fields}
    if kinds.get(name) in ("TIMESTAMP", "DATETIME"):
        return (
            "PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), "
            "DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, "
            "TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or "
            "RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))"
        )
    return ""


def _by_range(partitioning: Callable[..., Any]) -> Callable[..., Any]:
    """The server knows RANGE_BUCKET as one of its functions, and takes it for a partitioning in time."""

    def run(node: Any) -> Any:
        bucket = node.this
        if not isinstance(bucket, exp.Anonymous) or not bucket.name.lower().endswith("range_bucket"):
            return partitioning(node)
        column, array = bucket.expressions
        bounds = [one.sql() for one in array.expressions]
        return {
            "rangePartitioning": {
                "field": column.name, "range": dict(zip(("start", "end", "interval"), [*bounds, "1"], strict=False)),
            }
        }  # fmt: skip

    return run


def _ranges(cut: rules.Resource) -> str:
    bounds = {key: int(value) for key, value in (cut.get("range") or {}).items() if str(value).lstrip("-").isdigit()}
    if len(bounds) < 3 or bounds["interval"] <= 0:
        return ""
    number = -(-(bounds["end"] - bounds["start"]) // bounds["interval"])
    return f"Too many partitions: {number}, at most {MOST_PER_TABLE}" if number > MOST_PER_TABLE else ""


def _or_none(parse: Callable[..., Any]) -> Callable[..., Any]:
    """An option that is set to NULL is taken off."""

    def parsed(node: Any, evaluate: Any) -> Any:
        if not isinstance(node, exp.Null):
            return parse(node, evaluate)
        return {"expirationMs": None} if parse is _length else None

    return parsed


def _length(node: Any, evaluate: Any) -> dict[str, str]:
    return {"expirationMs": str(round(float(evaluate(node)) * options.DAY_MS))}


def _with_expiration(table: Callable[..., Any]) -> Callable[..., Any]:
    """A CREATE TABLE with its partitions' expiration: as it says, else as its dataset has it."""

    def run(tree: Any, reference: tuple[str, str, str], evaluate: Any) -> Any:
        resource = table(tree, reference, evaluate)
        if "timePartitioning" in resource:
            given = options.options(tree.args.get("properties"), {_DAYS: ddl.TABLE_OPTIONS[_DAYS]}, evaluate)
            default = dataset(*reference[:2]).get("defaultPartitionExpirationMs")
            said = given.get("timePartitioning") or {"expirationMs": default}
            resource["timePartitioning"] |= {key: value for key, value in said.items() if value}
        return resource

    return run


def _partitioned_only(alteration: Callable[..., Any]) -> Callable[..., Any]:
    def run(stored: Any, action: Any, reference: tuple[str, ...], evaluate: Any) -> Any:
        changes = alteration(stored, action, reference, evaluate)
        if "timePartitioning" in changes and not stored.timePartitioning:
            label = names.label(*reference)
            raise BigQueryError("invalidQuery", f"Option {_DAYS} is for partitioned tables only; {label} is not one")
        return changes

    return run


def _refuse(refusal: str) -> None:
    if refusal:
        raise BigQueryError("invalidQuery", refusal)
