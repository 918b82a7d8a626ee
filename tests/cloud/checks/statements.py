"""Statements: the target's alias, zones, NaN, hundreds of hashes, and that a MERGE is all or nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from floodmark.core.bigquery import checksum_sql
from floodmark.core.bigquery.merge import Merge
from floodmark.core.bigquery.tables import CURSOR, READ_AT, UNHELD
from floodmark.core.checksum import FULL
from floodmark.core.schema import Carried
from tests.cloud.checks.tables import create
from tests.cloud.finding import Check, Finding, held
from tests.cloud.place import Place

WIDTHS = (100, 300, 900)
"""Columns of tables whose checksums are asked for."""
LONGEST = 1 << 20
_ELSEWHERE = "America/Los_Angeles"
_MIDNIGHT = "TIMESTAMP '2026-01-01 00:00:00+00'"


def alias(place: Place) -> Iterator[Finding]:
    """A column that is called as the target's alias."""
    name = create(place, "aliases", [("id", "INT64"), ("t", "STRING")])
    merge = f"MERGE `{name}` AS {{}} USING (SELECT 1 AS id, 'x' AS t) AS s ON {{}}.id = s.id " + (
        "WHEN MATCHED THEN UPDATE SET t = s.t WHEN NOT MATCHED THEN INSERT (id, t) VALUES (s.id, s.t)"
    )
    for target, taken in (("t", False), ("_floodmark_t", True)):
        said = place.refusal(place.would_process, merge.format(target, target))
        yield held(
            "a column that is called as the target",
            asked=f"a MERGE that sets the column t of a target called {target}",
            expected="taken" if taken else "refused", came=said or "taken", well=bool(said) is not taken,
        )  # fmt: skip


def zone(place: Place) -> Iterator[Finding]:
    """Conversions that name their zone, where the project may have another one (R34)."""
    named = f"SELECT DATETIME({_MIDNIGHT}, 'UTC'), TIMESTAMP(DATETIME '2026-01-01', 'UTC')"
    midnight = (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC))  # noqa: DTZ001
    [came] = place.rows(named)
    [(bare,)] = place.rows(f"SELECT CAST(DATETIME({_MIDNIGHT}) AS STRING)")
    yield held(
        "default_time_zone", asked="midnight in UTC as DATETIME and back, with the zone named",
        expected="midnight", came=f"{came[0]}, {came[1]}; without a zone it is {bare} in this project",
        well=came == midnight,
    )  # fmt: skip


def session(place: Place) -> Iterator[Finding]:
    """The same in a session of another zone."""
    from google.cloud.bigquery import ConnectionProperty, QueryJobConfig

    elsewhere = QueryJobConfig(connection_properties=[ConnectionProperty("time_zone", _ELSEWHERE)])
    asking = f"SELECT DATETIME({_MIDNIGHT}), DATETIME({_MIDNIGHT}, 'UTC')"
    [row] = place.bigquery.query(asking, job_config=elsewhere).result()
    moved, kept = row.values()
    yield held(
        "default_time_zone",
        asked=f"midnight in UTC as DATETIME, in a session of {_ELSEWHERE}: without a zone, with UTC named",
        expected="2025-12-31 16:00:00, 2026-01-01 00:00:00", came=f"{moved}, {kept}",
        well=(moved, kept) == (datetime(2025, 12, 31, 16), datetime(2026, 1, 1)),  # noqa: DTZ001
    )  # fmt: skip


def nan(place: Place) -> Iterator[Finding]:
    """NaN is no key."""
    [(same,)] = place.rows("SELECT CAST('NaN' AS FLOAT64) = CAST('NaN' AS FLOAT64)")
    yield held("NaN", asked="whether NaN = NaN", expected="false", came=str(same).lower(), well=same is False)


def hashes(place: Place) -> Iterator[Finding]:
    """How many columns one query may hash, as ``verify: full`` does."""
    for width in WIDTHS:
        place.bill.allow()
        columns = tuple(Carried(name=f"c{n}", landing="STRING", target="STRING") for n in range(width))
        fields = [(each.name, "STRING") for each in columns]
        name = create(
            place, f"wide_{width}", [*fields, (READ_AT, "TIMESTAMP"), (CURSOR, "TIMESTAMP"), (UNHELD, "STRING")]
        )
        read_at = datetime(2026, 1, 1, tzinfo=UTC)
        merge = Merge(raw=name, current=name, columns=columns, key=("c0",), read_at=read_at)
        place.query(f"INSERT INTO `{name}` (c0, {READ_AT}) VALUES ('a', {_MIDNIGHT})")
        sql = checksum_sql.of_raw(merge, FULL)
        said = place.refusal(place.query, sql)
        yield held("hashes of many columns", asked=f"the checksums of {width} columns, {len(sql):,} characters of SQL",
                   expected="it runs", came=said or "it runs", well=not said)  # fmt: skip


def length(place: Place) -> Iterator[Finding]:
    """How long a statement may be."""
    for size, taken in ((LONGEST - 1_000, True), (LONGEST + 1, False)):
        text = "SELECT 1 --".ljust(size, "x")
        said = place.refusal(place.would_process, text)
        yield held(
            "a statement's length", asked=f"{size:,} characters", expected="taken" if taken else "refused",
            came=said or "taken", well=bool(said) is not taken,
        )  # fmt: skip


def merge(place: Place) -> Iterator[Finding]:
    """A MERGE that replaces all rows is one change: whoever counts sees all of them, always (R18)."""
    name, rows, times = place.table("atomic"), 2_000, 3
    numbers = f"UNNEST(GENERATE_ARRAY(1, {rows})) AS id"
    place.query(f"CREATE TABLE `{name}` AS SELECT id, 0 AS version FROM {numbers}")
    replace = f"""
        MERGE `{name}` AS _t USING (SELECT id, {{}} AS version FROM {numbers}) AS _s ON FALSE
        WHEN NOT MATCHED BY SOURCE THEN DELETE
        WHEN NOT MATCHED THEN INSERT (id, version) VALUES (_s.id, _s.version)"""
    seen: set[tuple[int, int]] = set()
    over, looks = threading.Event(), 0

    def look() -> None:
        nonlocal looks
        while not over.is_set():
            seen.add(tuple(place.rows(f"SELECT COUNT(*), COUNT(DISTINCT version) FROM `{name}`")[0]))
            looks += 1

    looking = threading.Thread(target=look)
    looking.start()
    try:
        counts = [place.query(replace.format(number)).dml_stats for number in range(1, times + 1)]
    finally:
        over.set()
        looking.join()
    yield held(
        "a MERGE is one change", asked=f"{rows:,} rows replaced {times} times, and counted {looks} times meanwhile",
        expected=f"always {rows:,} rows of one version", well=looks > 0 and seen == {(rows, 1)},
        came="; ".join(f"{count:,} rows of {versions} versions" for count, versions in sorted(seen)),
    )  # fmt: skip
    told = {(each.inserted_row_count, each.deleted_row_count, each.updated_row_count) for each in counts if each}
    yield held(
        "a MERGE is one change", asked="what such a MERGE counts: inserted, deleted, updated",
        expected=f"({rows}, {rows}, 0)", came="; ".join(map(str, sorted(told))), well=told == {(rows, rows, 0)},
    )  # fmt: skip
    failing = f"MERGE `{name}` AS _t USING (SELECT id, DIV(1, id - {rows}) AS version FROM {numbers}) AS _s " + (
        "ON _t.id = _s.id WHEN MATCHED THEN UPDATE SET version = _s.version"
    )
    said = place.refusal(place.query, failing)
    [(left,)] = place.rows(f"SELECT COUNTIF(version = {times}) FROM `{name}`")
    yield held(
        "a MERGE is one change", asked="one that fails at its last row", expected=f"an error, {rows:,} rows as before",
        came=f"{said or 'no error'}, {left:,} rows as before", well=bool(said) and left == rows,
    )  # fmt: skip


CHECKS = (
    Check(name="a column that is called as the target", ask=alias),
    Check(name="default_time_zone", ask=zone),
    Check(name="default_time_zone of a session", ask=session, here="it knows no time_zone of a session"),
    Check(name="NaN", ask=nan, here="to DuckDB NaN is NaN"),
    Check(name="a statement's length", ask=length),
    Check(name="a MERGE is one change", ask=merge),
    Check(name="hashes of many columns", ask=hashes),
)
