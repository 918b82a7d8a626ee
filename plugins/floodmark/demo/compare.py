"""Row by row: does a current table hold exactly what its source holds, as the promise says it (``docs/guarantees.md``)?

Nothing of the pipeline is used: both sides are read by their own clients and made comparable here. The ledger's word
is taken for one thing only, up to when the table is sealed; that is what is put to the test.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg2
from psycopg2 import sql

from floodmark.demo import compare_mysql
from floodmark.demo.databases import is_mysql
from floodmark.demo.pair import Pair

Row = tuple[Hashable, ...]

NATIVE = frozenset(
    {"int2", "int4", "int8", "float4", "float8", "numeric", "bool", "text", "varchar", "name", "bytea", "date", "time",
     "timestamp", "timestamptz"}
)  # fmt: skip
"""Types whose values both clients give as the same Python type; all others are compared as PostgreSQL's text."""
EXAMPLES = 5

_COLUMNS = """
SELECT a.attname, t.typname
FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was found. ``left_out`` rows of current have changed in the source since; nothing else is left out.

    ``source_rows`` have to be in current; ``held_out`` more have a value that it can't hold, and must not be there.
    ``missing`` are in the source only, ``extra`` in current only, ``different`` in both but not alike, ``doubled``
    more than once under one key. ``examples`` are some of all these, for people.
    """

    name: str
    source_rows: int
    current_rows: int
    left_out: int = 0
    held_out: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    doubled: int = 0
    examples: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether not a single row is wrong."""
        return not (self.missing or self.extra or self.different or self.doubled)

    @property
    def balances(self) -> bool:
        """Whether the account comes out even: all rows of the source are those of current and those held out."""
        return self.source_rows == self.current_rows


def canonical(value: Any) -> Hashable:
    """One form for both clients' values, with its type: nothing that differs becomes alike."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return ("timestamp" if value.tzinfo else "datetime", moment.isoformat(timespec="microseconds"))
    if isinstance(value, memoryview | bytearray | bytes):
        return ("bytes", bytes(value))
    if isinstance(value, Decimal):
        return ("decimal", value if value.is_finite() else str(value))
    if isinstance(value, float):
        return ("float", repr(value))  # NaN equals NaN, -0.0 is not 0.0
    if value is None or isinstance(value, bool | int | str | date | time):
        return (type(value).__name__, value)
    raise TypeError(f"no way to compare a value of type {type(value).__name__}")


def compare(source: str, warehouse: Any, pair: Pair) -> Comparison:
    """Compare. ``source`` is a DSN, ``warehouse`` a ``google.cloud.bigquery.Client``.

    Current is read first: then a row of the source whose cursor still lies below ``up_to`` had that version before.
    Raises what the clients raise.
    """
    current, types = _current(warehouse, pair)
    everything = _source(source, pair, types)
    with_moment = [(moment, deleted, row) for moment, deleted, bad, row in everything if not bad]
    held_out = sum(bad and not deleted and _promised(pair, moment) for moment, deleted, bad, _ in everything)
    return replace(_held_against(pair, with_moment, current), held_out=held_out)


def _held_against(
    pair: Pair,
    with_moment: Sequence[tuple[datetime | None, bool, Row]],
    current: Sequence[tuple[datetime | None, Row]],
) -> Comparison:
    if not pair.key and pair.cursor:
        return _multisets(pair, _within(pair, with_moment), [row for _, row in current])
    return _by_key(pair, with_moment, current)


def _current(warehouse: Any, pair: Pair) -> tuple[list[tuple[datetime | None, Row]], dict[str, str]]:
    """Current's rows, each behind its cursor; of append tables, only those before ``up_to``. And its columns' types."""
    names = ", ".join(f"`{name}`" for name in (*pair.columns, "_floodmark_cursor"))
    result = warehouse.query(f"SELECT {names} FROM `{pair.current}`").result()
    rows_of = [(row[-1], tuple(canonical(value) for value in row[:-1])) for row in map(tuple, result)]
    promised = rows_of if pair.key or not pair.cursor else [one for one in rows_of if _promised(pair, one[0])]
    return promised, {field.name: field.field_type for field in result.schema}


def _source(dsn: str, pair: Pair, types: Mapping[str, str]) -> list[tuple[datetime | None, bool, bool, Row]]:
    """All rows of the source in one snapshot: cursor, whether deleted, whether held out, values."""
    found = compare_mysql.rows(dsn, pair, types) if is_mysql(dsn) else _postgres(dsn, pair)
    return [(*row[:3], () if row[2] else tuple(map(canonical, row[3:]))) for row in found]


def _postgres(dsn: str, pair: Pair) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(dsn, application_name="floodmark compare", options="-c timezone=UTC")
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(_COLUMNS, (f'"{pair.schema}"."{pair.table}"',))
            cursor.execute(_select(pair, dict(cursor.fetchall())))
            return list(cursor.fetchall())
    finally:
        connection.close()


def _select(pair: Pair, types: Mapping[str, str]) -> sql.Composable:
    cursor = sql.SQL(", ").join(map(sql.Identifier, pair.cursor))
    moment = sql.SQL("coalesce({})").format(cursor) if pair.cursor else sql.SQL("NULL")
    deleted = sql.SQL("{} IS NOT NULL").format(sql.Identifier(pair.deleted)) if pair.deleted else sql.SQL("false")
    columns = [sql.Identifier(name) + sql.SQL("" if types[name] in NATIVE else "::text") for name in pair.columns]
    where = sql.SQL(f"({pair.where})" if pair.where else "true")
    return sql.SQL("SELECT {}, {}, {}, {} FROM {} WHERE {}").format(
        moment, deleted, _bad(pair, types), sql.SQL(", ").join(columns), sql.Identifier(pair.schema, pair.table), where
    )


def _bad(pair: Pair, types: Mapping[str, str]) -> sql.Composable:
    """Whether BigQuery can't hold one of the row's dates or moments."""
    times = [name for name in pair.columns if pair.holds_out and types[name] in ("date", "timestamp", "timestamptz")]
    bad = [sql.SQL("{0} < '0001-01-01' OR {0} >= '10000-01-01'").format(sql.Identifier(name)) for name in times]
    return sql.SQL("coalesce({}, false)").format(sql.SQL(" OR ").join(bad)) if bad else sql.SQL("false")


def _promised(pair: Pair, moment: datetime | None) -> bool:
    """Whether a row with this cursor is among those that the ledger vouches for."""
    if not pair.cursor:
        return True
    if moment is None or pair.up_to is None:
        return False
    return (pair.start is None or pair.start <= moment) and moment < pair.up_to


def _within(pair: Pair, rows: Iterable[tuple[datetime | None, bool, Row]]) -> list[Row]:
    return [row for moment, deleted, row in rows if _promised(pair, moment) and not deleted]


def _multisets(pair: Pair, source: Sequence[Row], current: Sequence[Row]) -> Comparison:
    ours, theirs = Counter(source), Counter(current)
    missing, extra = ours - theirs, theirs - ours
    examples = [*(f"missing {row}" for row in missing), *(f"extra {row}" for row in extra)]
    return Comparison(
        name=pair.name,
        source_rows=len(source),
        current_rows=len(current),
        missing=missing.total(),
        extra=extra.total(),
        examples=tuple(examples[:EXAMPLES]),
    )


def _by_key(
    pair: Pair, source: Sequence[tuple[datetime | None, bool, Row]], current: Sequence[tuple[datetime | None, Row]]
) -> Comparison:
    if not pair.key:
        return _multisets(pair, _within(pair, source), [row for _, row in current])
    places = [pair.columns.index(name) for name in pair.key]

    def key(row: Row) -> Row:
        return tuple(row[place] for place in places)

    expected = {key(row): row for row in _within(pair, source)}
    # What has moved past the watermark since is left out, whatever version of it current has; and nothing else is.
    moved = {key(row) for moment, _, row in source if pair.cursor and not _settled(pair, moment)}
    found: dict[Row, list[Row]] = defaultdict(list)
    left_out = 0
    for _, row in current:
        if key(row) in moved:
            left_out += 1
        else:
            found[key(row)].append(row)
    missing = [k for k in expected if k not in found]
    extra = [k for k in found if k not in expected]
    different = [k for k, rows in found.items() if k in expected and expected[k] not in rows]
    doubled = [k for k, rows in found.items() if len(rows) > 1]
    examples = [
        *(f"missing {expected[k]}" for k in missing),
        *(f"extra {found[k][0]}" for k in extra),
        *(f"different {_difference(pair, expected[k], found[k][0])}" for k in different),
        *(f"doubled {k}" for k in doubled),
    ]
    return Comparison(
        name=pair.name,
        source_rows=len(expected),
        current_rows=sum(map(len, found.values())),
        left_out=left_out,
        missing=len(missing),
        extra=len(extra),
        different=len(different),
        doubled=len(doubled),
        examples=tuple(examples[:EXAMPLES]),
    )


def _settled(pair: Pair, moment: datetime | None) -> bool:
    """Whether the row has not changed since the watermark."""
    return moment is not None and pair.up_to is not None and moment < pair.up_to


def _difference(pair: Pair, source: Row, current: Row) -> str:
    names = (*pair.columns,)
    parts = [f"{n}: {a} is {b}" for n, a, b in zip(names, source, current, strict=True) if a != b]
    keys = [f"{name}={source[names.index(name)]}" for name in pair.key]
    return f"{', '.join(keys)}: {'; '.join(parts)}"
