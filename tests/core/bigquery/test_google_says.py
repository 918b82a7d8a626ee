"""Every statement that BigQuery is sent, for odd names of columns and all shapes of tables, is valid by Google's code.

No server is asked. And what BigQuery is asked to sum is what the worker computes, by Google's reference evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from floodmark.adapters.arrow.checksum import RunningChecksum
from floodmark.core.bigquery import (
    balance_sql,
    checksum_sql,
    drift,
    forget_sql,
    googlesql,
    handing_on,
    reconcile_sql,
    summary_sql,
    versions_sql,
)
from floodmark.core.bigquery import takeover as takeovers
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import (
    Merge,
    SoftDelete,
    SoftMode,
    keys_doubled,
    late,
    merges,
    partitions_standing,
    read_keys_doubled,
    rows_after,
)
from floodmark.core.bigquery.partitions import Partitioning
from floodmark.core.bigquery.tables import CURSOR, READ_AT, UNHELD, Targets, targets
from floodmark.core.bigquery.versions_sql import Shown
from floodmark.core.checksum import FULL, SAMPLE
from floodmark.core.config.summary import Summary
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.forgotten import digest, key_of
from floodmark.core.ledger.portion import Buckets
from floodmark.core.ledger.versions import Renewal
from floodmark.core.reconcile import Ranges
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval
from tests.core.bigquery.analyzer import GooglesAnalyzer, google_s_analyzer

TEMPLATES = Path(__file__).parents[3] / "include" / "sql" / "bigquery"
MACROS = {"parts.sql", "canonical.sql", "reconcile_parts.sql"}
NAMES = (
    "t", "s", "r", "n", "h", "d", "i", "v", "one", "rows", "late", "doubled", "identity", "sum", "xor", "bucket",
    "T", "select", "from", "where", "order", "group", "hash", "end", "null", "true", "merge", "target", "source",
    "qualify", "unnest", "array", "struct", "interval", "current_timestamp", "größe", "列", "a b", "a-b", "1st", "x'y",
    "100%", "a#b", "a=b", "a:b", "a|b", "a<b>", "a+b&c",
)  # fmt: skip
"""Names of columns that BigQuery allows and a statement might trip over."""
ODD = tuple({name.casefold(): name for name in NAMES}.values())
"""Those that can stand in one table."""
READ_AT_VALUE = datetime(2026, 11, 1, 11, 0, 5, 7, tzinfo=UTC)
HOURS = (
    Interval(low=datetime(2026, 11, 1, 10, tzinfo=UTC), high=datetime(2026, 11, 1, 11, tzinfo=UTC)),
    Interval(low=datetime(2026, 11, 1, 8, tzinfo=UTC), high=datetime(2026, 11, 1, 9, tzinfo=UTC)),
)
TYPES = (
    Carried(name="c_text", landing="STRING", target="STRING"),
    Carried(name="c_int", landing="INT64", target="INT64"),
    Carried(name="c_decimal", landing="NUMERIC(12, 2)", target="NUMERIC(12, 2)"),
    Carried(name="c_wide", landing="BIGNUMERIC(50, 20)", target="BIGNUMERIC(50, 20)"),
    Carried(name="c_float", landing="FLOAT64", target="FLOAT64"),
    Carried(name="c_bool", landing="BOOL", target="BOOL"),
    Carried(name="c_bytes", landing="BYTES", target="BYTES"),
    Carried(name="c_date", landing="DATE", target="DATE"),
    Carried(name="c_time", landing="TIME", target="TIME"),
    Carried(name="c_at", landing="TIMESTAMP", target="TIMESTAMP"),
    Carried(name="c_naive", landing="TIMESTAMP", target="DATETIME", convert="DATETIME({col}, 'UTC')"),
    Carried(name="c_json", landing="STRING", target="JSON", convert="PARSE_JSON({col}, wide_number_mode=>'round')"),
)
SHAPES: dict[str, dict[str, Any]] = {
    "keyed": {},
    "keyed, partitioned by day": {"cut": ("c_naive", "DATETIME", "day"), "partitions": ("2026-11-01", None)},
    "keyed, by hour": {"cut": ("c_at", "TIMESTAMP", "hour"), "partitions": ("2026-11-01T10", "2026-11-01T12")},
    "keyed, by month of a date": {"cut": ("c_date", "DATE", "month"), "partitions": ("2026-11", "2026-12")},
    "keyed, what is gone leaves": {"deleted": True, "anywhere": True, "null_keys": True, "unheld": True},
    "keyed, softly deleted": {"soft_delete": SoftDelete(column="c_bool")},
    "keyed, softly deleted and kept": {"soft_delete": SoftDelete(column="c_at", mode=SoftMode.FLAG)},
    "keyed, older rows leave": {"older_than": READ_AT_VALUE, "cut": ("c_date", "DATE", "day"), "partitions": ()},
    "whole": {"replace": True, "key": (), "cut": ("c_date", "DATE", "day"), "partitions": ("2026-11-01",)},
    "append": {"replace": True, "key": (), "scope": HOURS, "cut": ("c_at", "TIMESTAMP", "day"), "zone": "UTC"},
    "append, unpartitioned": {"replace": True, "key": (), "scope": HOURS},
}  # fmt: skip


def shaped(
    names: tuple[str, ...], keyed: tuple[str, ...], types: tuple[Carried, ...] = TYPES, **shape: Any
) -> tuple[Merge, Targets]:
    """A merge and its tables: columns of these names, those of ``types`` beside them, and a key unless it has none."""
    key = shape.pop("key", keyed)
    columns = (*(Carried(name=name, landing="INT64", target="INT64") for name in names), *types)
    cut = shape.pop("cut", None)
    partitioning = Partitioning(column=cut[0], type=cut[1], unit=cut[2]) if cut else None
    merge = Merge(
        raw="proj.shop_raw.orders",
        current="proj.shop.orders",
        columns=columns,
        read_at=READ_AT_VALUE,
        partitioning=partitioning,
        key=key,
        **shape,
    )
    soft = merge.soft_delete
    tables = targets(
        project="proj",
        dataset="shop",
        raw_dataset="shop_raw",
        table="orders",
        columns=columns,
        key=merge.key,
        ledger=UUID(int=1),
        target=UUID(int=2),
        partition_by=cut[0] if cut else "",
        partition_unit=cut[2] if cut else "day",
        flag_deleted=soft is not None and soft.mode is SoftMode.FLAG,
        leaving=True,
        unheld=merge.unheld,
    )
    return merge, tables


def statements(merge: Merge, tables: Targets) -> Iterator[str]:
    """All that BigQuery is sent for such a table."""
    yield from merges(merge)
    yield from merges(merge, most=1)
    if merge.partitioning:
        yield partitions_standing(merge)
        cuts = tuple(value for value in merge.partitions if value is not None)[-1:]
        yield from merges(replace(merge, cuts=cuts)) if merge.clears else ()
    yield late(merge, HOURS)
    if merge.removes and (merge.key or merge.replace):
        yield rows_after(merge)
    yield checksum_sql.of_raw(merge, SAMPLE)
    yield checksum_sql.of_wanted(merge, FULL)
    yield checksum_sql.of_current(merge, FULL)
    yield checksum_sql.content(merge, READ_AT_VALUE)
    yield checksum_sql.content(merge, READ_AT_VALUE, (READ_AT, merge.columns[0].name), brought=False)
    if merge.key:
        yield from (keys_doubled(merge), keys_doubled(merge, whole=True), read_keys_doubled(merge))
        compared = [*merge.key, *(one.name for one in merge.columns if one.name not in merge.key)]
        yield reconcile_sql.sums(merge, compared, 10)
        yield reconcile_sql.sums(merge, compared, 10, keys_only=True, stretch=Ranges(bits=8, low=0, high=9))
        yield reconcile_sql.rows(merge, compared, 10)
        keyed = tuple(one for name in merge.key for one in merge.columns if one.name == name)
        yield forget_sql.standing(merge.raw, keyed, "", (), READ_AT_VALUE)[0]
        yield from _histories(merge)
        yield forget_sql.delete(merge.raw, keyed, "", ())[0]
        yield forget_sql.delete(merge.current, forget_sql.converted(keyed), "", ())[0]
    yield from taken_over(merge, tables)
    yield reconcile_sql.extent(merge, READ_AT_VALUE)
    yield from (
        balance_sql.count(merge.current),
        balance_sql.extent(merge.current, READ_AT_VALUE, HOURS, last=READ_AT_VALUE),
    )
    yield drift.add_columns(tables.current, _NEW)
    yield drift.drop_columns(tables.current, [merge.columns[0].name])
    yield drift.rename_column(tables.current, merge.columns[0].name, "called otherwise")
    for kind in ("NUMERIC(14, 2)", "NUMERIC", "BIGNUMERIC"):
        yield drift.widen_column(tables.current, "c_decimal", kind)
    for hours in (0, 2160):
        values = {"table": tables.current.reference, "cut": bool(merge.partitioning), "hours": hours}
        yield statement("set_expiration.sql", values)
    yield statement("zone.sql", {})
    yield statement("drop_table.sql", {"table": tables.raw.reference})
    yield statement("raw_held.sql", {"raw": merge.raw, "read_at": READ_AT_VALUE})
    yield statement("rebuild_newest.sql", {"table": merge.raw})
    for after in (None, READ_AT_VALUE):
        yield statement("rebuild_unapplied.sql", {"table": merge.raw, "after": after})
    yield from of_summary(merge)


def of_summary(merge: Merge) -> Iterator[str]:
    """What a summary of the current table's shape would be asked, and changed by."""
    cut = merge.partitioning
    summary = Summary(name="orders", file="o.sql", query="", keys=merge.key, partition_by=cut.column if cut else "")
    built = Built(summary=summary, aside=merge.current, window=HOURS[0] if cut else None)
    kind, names = cut.type if cut else "", [one.name for one in merge.columns]
    yield summary_sql.counts(built, kind)
    yield summary_sql.broken(built, "WITH a AS (SELECT 1 AS x FROM summary) SELECT * FROM a -- none")
    yield statement("summary_whole.sql", {"aside": built.aside})
    if cut:
        yield summary_sql.replace_window(built, merge.current, names, kind)
        if merge.key:
            yield summary_sql.elsewhere(built, merge.current, kind)


def taken_over(merge: Merge, tables: Targets) -> Iterator[str]:
    """All that BigQuery is sent to adopt a table: here of current's own types."""
    cursor = [one.name for one in merge.columns if one.target == "TIMESTAMP"][:1]
    if not (merge.key and cursor):
        return
    fields = [(one.name, one.target) for one in merge.columns]
    taking = takeovers.taking(fields, merge.columns, cursor, "Europe/Berlin")
    assert not taking.problems
    rows = takeovers.landed(tables.current.reference, taking, READ_AT_VALUE)
    kept = takeovers.kept(rows, merge, (Buckets(bits=10, numbers=(1, 2)), Buckets(bits=60, numbers=(3,))))
    yield from (takeovers.newest(rows), takeovers.count(kept))
    yield takeovers.insert(kept, merge.raw, [one.name for one in merge.columns])
    instead = replace(merge, instead=takeovers.as_current(rows, merge), unheld=False)
    yield reconcile_sql.extent(instead, READ_AT_VALUE)
    yield reconcile_sql.sums(instead, [*merge.key], 10)
    if merge.partitioning:
        yield partitions_standing(instead)


def _histories(merge: Merge) -> Iterator[str]:
    """The view of every version, without a past and with one of every kind."""
    its = Shown(raw=merge.raw, current=merge.current, columns=merge.columns, key=merge.key, unheld=merge.unheld)
    yield versions_sql.create(its, f"{merge.current}__history")
    renewals = tuple(Renewal(since=READ_AT_VALUE, at=READ_AT_VALUE, each=each) for each in (False, True))
    yield versions_sql.select(replace(its, since=READ_AT_VALUE, renewals=renewals, soft_delete=merge.soft_delete))
    yield versions_sql.drop(f"{merge.current}__history")


_NEW: tuple[tuple[str, str], ...] = (("new one", "STRING"), ("newer", "NUMERIC(12, 2)"))
PARAMETERS = {"loose": "STRING", "buckets": "STRING", "salt": "STRING", "digests": "STRING"}


@pytest.fixture(scope="module")
def google_says() -> Iterator[GooglesAnalyzer]:
    """Google's analyzer and evaluator."""
    with google_s_analyzer() as analyzer:
        yield analyzer


def refused(google_says: GooglesAnalyzer, merge: Merge, tables: Targets) -> dict[str, str]:
    """The statements that are not valid, each with the reason."""
    told = {
        sql: google_says.refusal(sql, (tables.raw, tables.current), PARAMETERS) for sql in statements(merge, tables)
    }
    return {sql: refusal for sql, refusal in told.items() if refusal}


def test_the_analyzer_knows_the_fault_that_it_is_asked_for(google_says: GooglesAnalyzer) -> None:
    merge, tables = shaped(("t",), ("c_int",))
    faulty = merges(merge)[0].replace("_floodmark_t", "t").replace("_floodmark_s", "s")
    assert "does not support updating the entire row" in google_says.refusal(faulty, (tables.raw, tables.current))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_statement_is_valid_in_every_shape(google_says: GooglesAnalyzer, shape: str) -> None:
    few = tuple(one for one in TYPES if one.name in ("c_bool", "c_date", "c_at", "c_naive", "c_decimal", "c_json"))
    assert not refused(google_says, *shaped(("t", "select", "größe"), ("t", "größe"), types=few, **SHAPES[shape]))


def test_what_names_the_most_columns_is_valid_for_all_names_at_once(google_says: GooglesAnalyzer) -> None:
    merge, tables = shaped(ODD, ("order", "T"), soft_delete=SoftDelete(column="c_bool"), types=TYPES[:6])
    for sql in (*merges(merge), late(merge, HOURS), checksum_sql.of_wanted(merge, FULL)):
        assert not google_says.refusal(sql, (tables.raw, tables.current)), sql
    merge, tables = shaped(ODD, ODD, deleted=True, anywhere=True, types=())
    for sql in (*merges(merge), keys_doubled(merge)):
        assert not google_says.refusal(sql, (tables.raw, tables.current)), sql


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_every_statement_is_valid_for_all_names_at_once_in_any_shape(google_says: GooglesAnalyzer, shape: str) -> None:
    assert not refused(google_says, *shaped(ODD, ("c_int", "order"), **SHAPES[shape]))


@pytest.mark.long
def test_every_statement_is_valid_with_any_name_alone_in_the_key(google_says: GooglesAnalyzer) -> None:
    for name in NAMES:
        assert not refused(google_says, *shaped((name,), (name,), deleted=True, anywhere=True)), name


def test_no_template_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    render = googlesql.render

    def noted(template: str, *values: Any, **more: Any) -> str:
        used.add(template.removeprefix("bigquery/"))
        return render(template, *values, **more)

    monkeypatch.setattr(googlesql, "render", noted)
    for shape in SHAPES.values():
        list(statements(*shaped(("id",), ("id",), **shape)))
    handing_on.create("proj.shop", ["shop"])  # tests/core/bigquery/test_handing_on.py has Google judge it
    assert used == {path.name for path in TEMPLATES.glob("*.sql")} - MACROS


ROWS = 24
VALUES: dict[str, tuple[Any, list[Any]]] = {
    "c_text": (pa.string(), ["", "a", "ß\n'\"\\", None, "=", "列", "\x1f"]),
    "c_int": (pa.int64(), [0, -1, 2**63 - 1, -(2**63), None]),
    "c_decimal": (pa.decimal128(12, 2), [Decimal("0.10"), Decimal("-100.00"), None, Decimal("9999999999.99")]),
    "c_float": (pa.float64(), [0.5, -0.0, 1e300, float("inf"), float("nan"), None, 0.1, 5e-324]),
    "c_bool": (pa.bool_(), [True, False, None]),
    "c_bytes": (pa.binary(), [b"", b"\x00\xff", None]),
    "c_date": (pa.date32(), [date(1, 1, 1), date(1969, 12, 31), None, date(9999, 12, 31)]),
    "c_time": (pa.time64("us"), [time(0), time(23, 59, 59, 999999), None]),
    "c_at": (pa.timestamp("us", "UTC"), [datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), READ_AT_VALUE, None]),
}
SQL_VALUES = {
    "c_text": lambda value: "SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX('" + value.encode().hex() + "'))",
    "c_int": str,
    "c_decimal": lambda value: f"NUMERIC '{value}'",
    "c_float": lambda value: f"CAST('{value}' AS FLOAT64)",
    "c_bool": str,
    "c_bytes": lambda value: f"FROM_HEX('{value.hex()}')",
    "c_date": lambda value: f"DATE '{value.isoformat()}'",
    "c_time": lambda value: f"TIME '{value.isoformat()}'",
    "c_at": lambda value: f"TIMESTAMP '{value.isoformat(sep=' ')}'",
}


@pytest.mark.parametrize("key", [("c_int",), ("c_text", "c_date"), ()])
def test_what_bigquery_sums_is_what_the_worker_computes(google_says: GooglesAnalyzer, key: tuple[str, ...]) -> None:
    columns = tuple(one for one in TYPES if one.name in VALUES)
    merge = Merge(
        raw="proj.shop_raw.orders",
        current="proj.shop.orders",
        columns=columns,
        read_at=READ_AT_VALUE,
        key=key,
        replace=not key,
    )
    rows = [_row(number) for number in range(ROWS)]
    schema = pa.schema([(name, kind) for name, (kind, _) in VALUES.items()] + _OURS)
    running = RunningChecksum(list(schema.names), list(key), FULL)
    running.add(pa.RecordBatch.from_pylist(rows, schema))
    lines = " UNION ALL ".join(_selected(row, schema) for row in rows)
    sql = checksum_sql.of_raw(merge, FULL).replace("FROM `proj.shop_raw.orders`", f"FROM ({lines})")
    [values] = google_says.rows(sql)
    names = (f"{letter}{place}" for place in range(len(running.value.columns)) for letter in "sx")
    assert checksum_sql.checksum(merge, FULL, dict(zip([*names, "rows"], values, strict=True))) == running.value


WRITTEN = {
    "c_text": {"a": ["a"], "ß\n'\"\\": ["ß\n'\"\\"], "": [""], " a": [" a"]},
    "c_int": {-(2**63): ["-9223372036854775808"], 7: ["7", " 7", "+7", "007"]},
    "c_decimal": {Decimal("-100.00"): ["-100", "-100.00", "-1e2"], Decimal("0.10"): ["0.1", ".10"]},
    "c_float": {0.1: ["0.1", "1e-1"], -0.0: ["0", "-0.0"], 1e300: ["1e300"]},
    "c_bool": {True: ["true", "True"], False: ["false"]},
    "c_bytes": {b"\x00\xff": ["00ff", "00FF", "\\x00ff"]},
    "c_date": {date(1969, 12, 31): ["1969-12-31"]},
    "c_time": {time(23, 59, 59, 999999): ["23:59:59.999999"]},
    "c_at": {datetime(1969, 12, 31, 23, 30, tzinfo=UTC): ["1969-12-31T23:30:00Z", "1970-01-01 00:30:00+01:00"]},
}
"""Keys' values, and how a person may write each."""


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_to_be_forgotten_is_found_by_the_digest_of_what_a_person_writes(
    google_says: GooglesAnalyzer, name: str
) -> None:
    [column] = [one for one in TYPES if one.name == name]
    for value, texts in WRITTEN[name].items():
        digests = {digest("salt", key_of(text, [column.target])) for text in texts}
        assert len(digests) == 1
        row = f"SELECT {SQL_VALUES[name](value)} AS `{name}`"
        sql, _ = forget_sql.standing("proj.shop.orders", [column], "", (), None)
        asked = sql.replace("`proj.shop.orders`", f"({row})").replace("@salt", "'salt'")
        assert google_says.rows(asked.replace("@digests", f"'{digests.pop()},another'"))[0][1] == 1, (value, texts)


def test_a_key_of_several_columns_has_one_digest(google_says: GooglesAnalyzer) -> None:
    columns = [one for one in TYPES if one.name in ("c_text", "c_int")]
    sql, _ = forget_sql.standing("proj.shop.orders", columns, "", (), None)
    named = digest("salt", key_of('["a", 7]', ["STRING", "INT64"]))
    for text, number, there in (("a", 7, 1), ("a7", 7, 0), ("a", 77, 0)):
        asked = sql.replace("`proj.shop.orders`", f"(SELECT '{text}' AS c_text, {number} AS c_int)")
        rows = google_says.rows(asked.replace("@salt", "'salt'").replace("@digests", f"'{named}'"))
        assert len(rows) == there


_OURS = [(CURSOR, pa.timestamp("us", "UTC")), (UNHELD, pa.string())]


def _row(number: int) -> dict[str, Any]:
    row = {name: values[number * 7 % len(values)] for name, (_, values) in VALUES.items()}
    return {**row, CURSOR: READ_AT_VALUE + timedelta(microseconds=number), UNHELD: None}


def _selected(row: dict[str, Any], schema: Any) -> str:
    kinds = {**{one.name: one.landing.partition("(")[0] for one in TYPES}, CURSOR: "TIMESTAMP", UNHELD: "STRING"}
    parts = [f"{_literal(name, row[name])} AS `{name}`" for name in schema.names]
    casts = [part if row[name] is not None else f"CAST(NULL AS {kinds[name]}) AS `{name}`"
             for name, part in zip(schema.names, parts, strict=True)]  # fmt: skip
    return f"SELECT {', '.join(casts)}, TIMESTAMP '{READ_AT_VALUE.isoformat(sep=' ')}' AS `{READ_AT}`"


def _literal(name: str, value: Any) -> str:
    return SQL_VALUES[{CURSOR: "c_at", UNHELD: "c_text"}.get(name, name)](value) if value is not None else "NULL"
