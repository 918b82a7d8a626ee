"""What a statement reads, from how Google's analyzer understood it: tables, columns, and constant conditions on them.

The conditions are those that BigQuery prunes partitions by (its page "Query partitioned tables"): comparisons of a
column with a constant, joined by AND and OR, in WHERE, in a join's ON, in a MERGE's ON and WHEN clauses. Anything else
may hold for any row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zetasql.wasi._pb2.zetasql.resolved_ast.resolved_ast_enums_pb2 import ResolvedJoinScanEnums, ResolvedMergeWhenEnums

_SIGNS = {"$equal": "=", "$less": "<", "$less_or_equal": "<=", "$greater": ">", "$greater_or_equal": ">="}
_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Condition = tuple[Any, ...]
"""``("true",)``, ``("false",)``, ``("and" | "or", Condition, ...)``, ``("null" | "not null", column)``,
``("=" | "<" | "<=" | ">" | ">=", column, constant)``; a constant is a moment (UTC), or ``("parameter", name)``.
"""
TRUE, FALSE = ("true",), ("false",)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One table where a statement reads it: ``table`` is (dataset, name) in the statement's shape.

    ``changed``: ``"rows"`` where rows of it are updated or deleted (BigQuery then bills the partitions whole),
    ``"inserted"`` where rows only come, else empty.
    """

    table: tuple[str, str]
    columns: frozenset[str]
    condition: Condition
    changed: str = ""


@dataclass
class _Walk:
    scans: list[tuple[Any, tuple[Condition, ...]]] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)


def scans(statement: Any) -> tuple[Scan, ...]:
    """All that the statement (``AnyResolvedStatementProto``) reads."""
    node, walk = _inside(statement), _Walk()
    kind = node.DESCRIPTOR.name
    if kind not in _TARGETS and kind not in ("ResolvedQueryStmtProto", "ResolvedCreateTableAsSelectStmtProto"):
        return ()
    _walk(node, (), walk)
    read = tuple(_scan(scan, conditions, walk) for scan, conditions in walk.scans)
    if kind not in _TARGETS:
        return read
    _learn(node.table_scan, walk)
    return (*read, _scan(node.table_scan, (_TARGETS[kind](node),), walk, changed=_changed(kind, node)))


def _scan(scan: Any, conditions: tuple[Condition, ...], walk: _Walk, changed: str = "") -> Scan:
    own = {column.column_id for column in scan.parent.column_list}
    dataset, _, name = scan.table.full_name.partition(".")
    return Scan(
        table=(dataset, name),
        columns=frozenset(column.name for column in scan.parent.column_list),
        condition=_all([_about(each, own, walk) for each in conditions]),
        changed=changed,
    )


def _walk(message: Any, conditions: tuple[Condition, ...], walk: _Walk) -> None:
    """Collect table scans, but for a statement's target, with the conditions that stand over them."""
    kind = message.DESCRIPTOR.name
    if kind == "ResolvedTableScanProto":
        _learn(message, walk)
        walk.scans.append((message, conditions))
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None or (kind in _TARGETS and descriptor.name == "table_scan"):
            continue
        for inner in value if descriptor.is_repeated else (value,):
            _walk(inner, _over(kind, message, descriptor.name, conditions), walk)


def _over(kind: str, message: Any, part: str, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions that every row of this part of a scan must meet to be of use.

    Over the side of an outer join that may be missing, ``IS NULL`` may be met by what isn't there.
    """
    if kind == "ResolvedFilterScanProto" and part == "input_scan":
        return (*conditions, _condition(message.filter_expr))
    if kind != "ResolvedJoinScanProto" or part not in ("left_scan", "right_scan"):
        return conditions
    met = _condition(message.join_expr) if message.HasField("join_expr") else TRUE
    if message.join_type == ResolvedJoinScanEnums.INNER:
        return (*conditions, met)
    kept = ResolvedJoinScanEnums.LEFT if part == "left_scan" else ResolvedJoinScanEnums.RIGHT
    if message.join_type == kept:
        return conditions
    present = tuple(map(_but_null, conditions))
    return present if message.join_type == ResolvedJoinScanEnums.FULL else (*present, met)


def _but_null(condition: Condition) -> Condition:
    if condition[0] in ("and", "or"):
        inner = [_but_null(each) for each in condition[1:]]
        return _all(inner) if condition[0] == "and" else _any(inner)
    return TRUE if condition[0] == "null" else condition


def _learn(scan: Any, walk: _Walk) -> None:
    walk.columns.update({column.column_id: column.name for column in scan.parent.column_list})


def _merge(node: Any) -> Condition:
    """What of its target a MERGE looks at: what ON says, and what each clause NOT MATCHED BY SOURCE says itself."""
    met, wanted = _condition(node.merge_expr), []
    for clause in node.when_clause_list:
        own = _condition(clause.match_expr) if clause.HasField("match_expr") else TRUE
        wanted.append(own if clause.match_type == ResolvedMergeWhenEnums.NOT_MATCHED_BY_SOURCE else met)
    return _any(wanted)


def _where(node: Any) -> Condition:
    return _condition(node.where_expr) if node.HasField("where_expr") else TRUE


_TARGETS: Mapping[str, Callable[[Any], Condition]] = {
    "ResolvedMergeStmtProto": _merge,
    "ResolvedUpdateStmtProto": _where,
    "ResolvedDeleteStmtProto": _where,
    "ResolvedInsertStmtProto": lambda _: FALSE,
}
"""Statements that change a table, and what of it they look at."""


def _changed(kind: str, node: Any) -> str:
    if kind == "ResolvedInsertStmtProto":
        return "inserted"
    if kind == "ResolvedMergeStmtProto" and all(
        clause.action_type == ResolvedMergeWhenEnums.INSERT for clause in node.when_clause_list
    ):
        return "inserted"
    return "rows"


def _condition(any_expression: Any) -> Condition:
    """An expression (``AnyResolvedExprProto``) as a condition on columns by their numbers."""
    node = _inside(any_expression)
    kind = node.DESCRIPTOR.name
    if kind == "ResolvedLiteralProto" and node.value.value.HasField("bool_value"):
        return TRUE if node.value.value.bool_value else FALSE
    if kind != "ResolvedFunctionCallProto":
        return TRUE
    function = node.parent.function.name.removeprefix("ZetaSQL:")
    arguments = node.parent.argument_list
    if function in _SIGNS:
        return _comparison(_SIGNS[function], *arguments)
    return _CALLS[function](arguments) if function in _CALLS else TRUE


def _null(arguments: Any) -> Condition:
    number = _column(arguments[0])
    return TRUE if number is None else ("null", number)


def _not(arguments: Any) -> Condition:
    inner = _condition(arguments[0])
    return ("not null", inner[1]) if inner[0] == "null" else TRUE


_CALLS: Mapping[str, Callable[[Any], Condition]] = {
    "$and": lambda each: _all([_condition(one) for one in each]),
    "$or": lambda each: _any([_condition(one) for one in each]),
    "$between": lambda each: _all([_comparison(">=", each[0], each[1]), _comparison("<=", each[0], each[2])]),
    "$in": lambda each: _any([_comparison("=", each[0], one) for one in each[1:]]),
    "$is_null": _null,
    "$not": _not,
}


def _comparison(sign: str, left: Any, right: Any) -> Condition:
    for one, other, way in ((left, right, sign), (right, left, _TURNED[sign])):
        number, constant = _column(one), _constant(other)
        if number is not None and constant is not None:
            return (way, number, constant)
    return TRUE


def _inside(any_node: Any) -> Any:
    """The node inside of ``Any…Proto`` messages, which only choose one of many."""
    while (chosen := any_node.DESCRIPTOR.oneofs) and any_node.DESCRIPTOR.name.startswith("Any"):
        any_node = getattr(any_node, any_node.WhichOneof(chosen[0].name))
        if any_node.DESCRIPTOR.name.endswith("BaseProto"):
            continue
    return any_node


def _column(any_expression: Any) -> int | None:
    node = _inside(any_expression)
    return int(node.column.column_id) if node.DESCRIPTOR.name == "ResolvedColumnRefProto" else None


def _constant(any_expression: Any) -> Any:
    node = _inside(any_expression)
    if node.DESCRIPTOR.name == "ResolvedParameterProto":
        return ("parameter", node.name)
    if node.DESCRIPTOR.name != "ResolvedLiteralProto":
        return None
    value = node.value.value
    kind = value.WhichOneof("value")
    return _VALUES[kind](getattr(value, kind)) if kind in _VALUES else None


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "timestamp_value": lambda value: _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000),
    "date_value": lambda value: _EPOCH + timedelta(days=value),
    "datetime_value": lambda value: _civil(value.bit_field_datetime_seconds, value.nanos),
    "int64_value": int,
}


def _civil(bits: int, nanos: int) -> datetime:
    """A DATETIME as Google packs it: from the right 6 bits of seconds, 6 of minutes, 5 hours, 5 day, 4 month, year."""
    second, minute, hour = bits & 63, bits >> 6 & 63, bits >> 12 & 31
    day, month, year = bits >> 17 & 31, bits >> 22 & 15, bits >> 26
    return datetime(year, month, day, hour, minute, second, nanos // 1000, tzinfo=UTC)


def _about(condition: Condition, own: set[int], walk: _Walk) -> Condition:
    """The condition where it speaks of these columns, by their names; what speaks of others may hold."""
    if condition[0] in ("and", "or"):
        inner = [_about(each, own, walk) for each in condition[1:]]
        return _all(inner) if condition[0] == "and" else _any(inner)
    if condition in (TRUE, FALSE):
        return condition
    return (condition[0], walk.columns[condition[1]], *condition[2:]) if condition[1] in own else TRUE


def _all(conditions: list[Condition]) -> Condition:
    left = [each for each in conditions if each != TRUE]
    if FALSE in left:
        return FALSE
    return ("and", *left) if len(left) > 1 else left[0] if left else TRUE


def _any(conditions: list[Condition]) -> Condition:
    left = [each for each in conditions if each != FALSE]
    if TRUE in left:
        return TRUE
    return ("or", *left) if len(left) > 1 else left[0] if left else FALSE


def markers(condition: Condition, moments: Mapping[date, datetime]) -> Condition:
    """The condition with the moments of one statement in the places of its shape's markers (``shapes.py``)."""
    if condition[0] in ("and", "or"):
        return (condition[0], *(markers(each, moments) for each in condition[1:]))
    if len(condition) == 3 and isinstance(condition[2], datetime):
        return (*condition[:2], moments.get(condition[2].date(), condition[2]))
    return condition


def names(condition: Condition) -> Iterator[str]:
    """The columns that it speaks of."""
    if condition[0] in ("and", "or"):
        for each in condition[1:]:
            yield from names(each)
    elif len(condition) > 1:
        yield condition[1]
