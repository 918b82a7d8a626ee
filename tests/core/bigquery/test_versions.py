"""A table's history is what a plain model says of any order of reads, by Google's reference evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from floodmark.core.bigquery.merge import SoftDelete, SoftMode
from floodmark.core.bigquery.versions_sql import Shown, create, digest, drop, select
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import FirstPart, Kind, Part, Portion, Reconcile, Slices, Span, Whole
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.versions import KEPT, NO_VERSIONS, Renewal, Versions, versions_after
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval
from tests.core.bigquery.analyzer import GooglesAnalyzer, google_s_analyzer

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
COLUMNS = (
    Carried(name="id", landing="INT64", target="INT64"),
    Carried(name="note", landing="STRING", target="STRING"),
    Carried(name="off", landing="BOOL", target="BOOL"),
)
SPANS = (Span(interval=Interval(low=ZERO, high=ZERO + HOUR)),)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One row of a read: ``cursor`` in minutes after ZERO; ``gone``: that its key leaves."""

    key: int
    note: str | None = None
    cursor: int | None = None
    off: bool = False
    gone: bool = False


@dataclass
class Table:
    """A table that reads were applied to, and what the ledger remembers of them. Moments are minutes after ZERO."""

    flag: bool = False
    raw: list[tuple[int, Seen]] = field(default_factory=list)
    current: dict[int, tuple[int, Seen]] = field(default_factory=dict)
    versions: Versions = NO_VERSIONS
    last: Read | None = None
    log: list[tuple[int, int]] = field(default_factory=list)
    """``(moment, key)`` for every row of every read."""
    renewed: list[tuple[int, int]] = field(default_factory=list)
    """Since when a key must have been seen at which moment, or it left."""

    def read(self, at: int, portion: Portion, rows: Sequence[Seen]) -> None:
        """Apply a read, as the merge does."""
        self.raw += [(at, row) for row in rows]
        for row in rows:
            if row.gone or (row.off and not self.flag):
                self.current.pop(row.key, None)
            else:
                self.current[row.key] = (at, row)
            self.log.append((at, row.key))
        if portion.renewed:
            since = minute(portion.sweeps) if portion.sweeps else at
            self.renewed.append((since, at))
            self.current = {key: one for key, one in self.current.items() if one[0] >= since}
        read = Read(
            target="t", read_at=moment(at), token=1, run_id="r", portion=portion, state=State.APPLIED, watermark=None,
            key=("id",), columns=COLUMNS, manifest=Manifest(rows=len(rows)), effects=(object(),),  # type: ignore[arg-type]
        )  # fmt: skip
        self.versions = versions_after(self.versions, self.last, read)
        self.last = read

    def expire(self, at: int) -> None:
        """Raw loses the partitions before ``at``."""
        self.raw = [one for one in self.raw if one[0] >= at]


Version = tuple[int, str | None, int | None, int | None, bool]
"""``(key, note, valid_from, valid_to, is_current)``."""


def modelled(table: Table) -> list[Version]:
    """Every version, told row by row as time goes on."""
    return sorted((one for key in keys(table) for one in of_key(table, key)), key=str)


def keys(table: Table) -> set[int]:
    return {row.key for _, row in table.raw} | set(table.current)


def of_key(table: Table, key: int) -> Iterator[Version]:
    seen = {at: row for at, row in table.raw if row.key == key}
    if key in table.current:
        seen.setdefault(*table.current[key])
    oldest = min((at for at, _ in table.raw), default=0)
    times = [at for at, one in table.log if one == key]
    nowhere = [(at, None) for since, at in table.renewed if since >= oldest and not _within(times, since, at)]
    happened: list[tuple[int, Seen | None]] = [*seen.items(), *nowhere]
    version: tuple[int | None, Seen] | None = None
    before: int | None = None  # when the key was last known to be otherwise
    for at, row in sorted(happened, key=lambda one: one[0]):
        living = row is not None and not row.gone and (table.flag or not row.off)
        if version is not None and living and row is not None and same(version[1], row, table.flag):
            before = at
            continue
        began = at if row is None or row.cursor is None or not (before is None or row.cursor > before) else row.cursor
        begins: int | None = min(began, at)
        if before is None and (row is None or row.cursor is None):
            begins = None
        if version is not None:
            yield key, version[1].note, version[0], begins, False
        version = (begins, row) if living and row is not None else None
        before = at
    if version is not None:
        yield key, version[1].note, version[0], None, key in table.current


def same(one: Seen, other: Seen, flag: bool) -> bool:
    return (one.note, one.off if flag else False) == (other.note, other.off if flag else False)


def _within(times: Sequence[int], low: int, high: int) -> bool:
    return any(low <= one <= high for one in times)


def moment(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def minute(moment: datetime) -> int:
    return (moment - ZERO) // timedelta(minutes=1)


def shown(table: Table) -> Shown:
    return Shown(
        raw="p.raw.t",
        current="p.now.t",
        columns=COLUMNS,
        key=("id",),
        since=table.versions.since,
        renewals=table.versions.renewals,
        soft_delete=SoftDelete(column="off", mode=SoftMode.FLAG if table.flag else SoftMode.REMOVE),
    )


def evaluated(google_says: GooglesAnalyzer, table: Table) -> list[Version]:
    """The view's rows."""
    tables = {"`p.raw.t`": raw_rows(table), "`p.now.t`": current_rows(table)}
    sql = select(shown(table))
    for name, rows in tables.items():
        sql = sql.replace(name, f"({rows})")
    minutes = ", ".join(f"UNIX_SECONDS(`{one}`)" for one in ("valid_from", "valid_to"))
    rows = google_says.rows(f"SELECT `id`, `note`, {minutes}, `is_current` FROM ({sql})")
    start = int(ZERO.timestamp())
    found = [(k, note, *(None if one is None else (one - start) // 60 for one in ends), is_)
             for k, note, *ends, is_ in rows]  # fmt: skip
    return sorted(found, key=str)  # type: ignore[arg-type]


def raw_rows(table: Table) -> str:
    rows = [
        f"SELECT {row.key}, {text(row.note)}, {row.off}, NULL, {row.gone}, {time(row.cursor)}, {time(at)}"
        for at, row in table.raw
    ]
    names = ("id", "note", "off", "_floodmark_unheld", "_floodmark_gone", "_floodmark_cursor", "_floodmark_read_at")
    none = "1, '', TRUE, '', TRUE, CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP()"
    return united(names, none, rows)


def current_rows(table: Table) -> str:
    rows = [
        f"SELECT {key}, {text(row.note)}, {row.off}, {row.off}, {time(row.cursor)}, {time(at)}"
        for key, (at, row) in table.current.items()
    ]
    names = ("id", "note", "off", "_floodmark_deleted", "_floodmark_cursor", "_floodmark_read_at")
    return united(names, "1, '', TRUE, TRUE, CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP()", rows)


def united(names: Sequence[str], none: str, rows: Sequence[str]) -> str:
    first = ", ".join(f"{one} AS `{name}`" for one, name in zip(none.split(", "), names, strict=True))
    return " UNION ALL ".join([f"SELECT * FROM (SELECT {first}) WHERE FALSE", *rows])


def text(value: str | None) -> str:
    return "CAST(NULL AS STRING)" if value is None else f"'{value}'"


def time(minute: int | None) -> str:
    return "CAST(NULL AS TIMESTAMP)" if minute is None else f"TIMESTAMP '{moment(minute).isoformat(sep=' ')}'"


@pytest.fixture(scope="module")
def google_says() -> Iterator[GooglesAnalyzer]:
    """Google's analyzer and evaluator."""
    with google_s_analyzer() as analyzer:
        yield analyzer


def rows(at: int, tombstones: bool = True) -> st.SearchStrategy[list[Seen]]:
    """What a read at minute ``at`` may see: cursors of long ago, of just now, and of the future."""
    one = st.builds(
        Seen,
        key=st.integers(1, 12),
        note=st.sampled_from(["a", "b", None]),
        cursor=st.none() | st.integers(max(0, at - 25), at + 3),
        off=st.sampled_from([False, False, False, True]),
        gone=st.sampled_from([False, False, False, True]) if tombstones else st.just(False),
    )
    return st.lists(one, min_size=2, max_size=9, unique_by=lambda row: row.key).map(
        lambda found: [replace(row, note=None, off=False) if row.gone else row for row in found]
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table after some reads: slices, healed keys, reloads, a first load in parts; or only whole ones."""
    table = Table(flag=draw(st.booleans()))
    full = draw(st.booleans())
    at, parts = 0, 0
    for _ in range(draw(st.integers(4, 9))):
        at += draw(st.integers(1, 12))
        if full:
            table.read(at, Whole(kind=Kind.REFRESH), draw(rows(at, tombstones=False)))
            continue
        kind = draw(st.sampled_from(["slice", "slice", "heal", "whole", "part", "last part"]))
        if kind in ("slice", "heal"):
            table.read(at, Slices(spans=SPANS) if kind == "slice" else Reconcile(), draw(rows(at)))
        elif kind == "whole":
            table.read(at, Whole(kind=Kind.RELOAD, spans=SPANS), draw(rows(at, tombstones=False)))
            parts = 0
        else:
            parts = parts or at
            part = Part(high=("9",) if kind == "part" else (), low=("1",), number=2, since=ZERO)
            portion = FirstPart(spans=SPANS, part=part, voids="its key is another", first_read_at=moment(parts))
            table.read(at, portion, draw(rows(at, tombstones=False)))
            parts = parts if kind == "part" else 0
    if draw(st.booleans()):
        table.expire(draw(st.integers(1, at)))
    return table


PLAIN = {
    "derandomize": True, "deadline": None, "database": None, "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}  # fmt: skip


def holds(google_says: GooglesAnalyzer, table: Table) -> None:
    """The view is what the model says; what is current is what the current table has; no two versions overlap."""
    found = evaluated(google_says, table)
    assert found == modelled(table)
    assert {key for key, *_, is_current in found if is_current} == set(table.current)
    for key in keys(table):
        spans = sorted((one[2:4] for one in found if one[0] == key), key=lambda span: (span[0] is not None, span[0]))
        assert all(low is None or high is None or low < high for low, high in spans)
        assert all(one[1] is not None and one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.slow
@given(table=tables())
@settings(max_examples=6, **PLAIN)  # type: ignore[arg-type]
def test_a_history_is_what_a_plain_model_says_of_any_reads(google_says: GooglesAnalyzer, table: Table) -> None:
    holds(google_says, table)


@pytest.mark.long
@given(table=tables())
@settings(max_examples=150, **PLAIN)  # type: ignore[arg-type]
def test_a_history_is_what_a_plain_model_says_of_many_reads(google_says: GooglesAnalyzer, table: Table) -> None:
    holds(google_says, table)


@pytest.mark.slow
def test_a_row_that_was_read_twice_is_one_version_and_a_late_one_begins_where_it_was_seen(
    google_says: GooglesAnalyzer,
) -> None:
    table = Table()
    for at, note, cursor in ((60, "a", 10), (120, "a", 10), (180, "b", 170), (240, "c", 165)):
        table.read(at, Slices(spans=SPANS), [Seen(key=1, note=note, cursor=cursor)])
    found = evaluated(google_says, table)
    assert found == [(1, "a", 10, 170, False), (1, "b", 170, 240, False), (1, "c", 240, None, True)]


@pytest.mark.slow
def test_what_a_reload_did_not_find_ended_with_it_and_begins_again_where_it_comes_back(
    google_says: GooglesAnalyzer,
) -> None:
    table = Table()
    table.read(60, Slices(spans=SPANS), [Seen(key=1, note="a", cursor=10), Seen(key=2, note="b", cursor=10)])
    table.read(120, Whole(kind=Kind.RELOAD, spans=SPANS), [Seen(key=2, note="b", cursor=10)])
    table.read(180, Slices(spans=SPANS), [Seen(key=1, note="a", cursor=10)])
    found = evaluated(google_says, table)
    assert found == [(1, "a", 10, 120, False), (1, "a", 180, None, True), (2, "b", 10, None, True)]


def test_what_raw_has_lost_is_still_there_as_current_has_it_and_its_beginning_is_not_pretended(
    google_says: GooglesAnalyzer,
) -> None:
    table = Table()
    for at, note in ((60, "a"), (120, "b"), (180, "c")):
        table.read(at, Slices(spans=SPANS), [Seen(key=1, note=note), Seen(key=2, note="x", cursor=30)])
    table.read(240, Slices(spans=SPANS), [Seen(key=3, note="y", cursor=230)])
    table.expire(200)
    assert evaluated(google_says, table) == [
        (1, "c", None, None, True), (2, "x", 30, None, True), (3, "y", 230, None, True),
    ]  # fmt: skip


def test_under_another_key_a_history_begins_anew() -> None:
    table = Table()
    table.read(60, Whole(kind=Kind.FIRST, spans=SPANS), [Seen(key=1)])
    assert table.last is not None
    other = replace(table.last, key=("note",), read_at=moment(120))
    after = versions_after(table.versions, table.last, other)
    assert after == Versions(since=moment(120), renewals=(Renewal(since=moment(120), at=moment(120)),))


def test_refreshes_are_remembered_as_one_stretch_and_never_more_than_some() -> None:
    table = Table()
    for at in (60, 120, 180):
        table.read(at, Whole(kind=Kind.REFRESH), [Seen(key=1)])
    assert table.versions.renewals == (Renewal(since=moment(60), at=moment(180), each=True),)
    table.read(240, Whole(kind=Kind.REFRESH), [])
    assert table.versions.renewals[1:] == (Renewal(since=moment(240), at=moment(240)),)
    assert table.last is not None
    same_again = replace(table.last, manifest=Manifest(rows=1), effects=(), read_at=moment(300))
    assert versions_after(table.versions, table.last, same_again) == table.versions
    for at in range(300, 300 + KEPT + 9):
        table.read(at, Whole(kind=Kind.RELOAD, spans=SPANS), [])
    assert len(table.versions.renewals) == KEPT


def test_the_view_bears_a_label_that_tells_one_text_from_another() -> None:
    its = replace(shown(Table()), labels={"team": "sales"})
    sql = create(its, "p.now.t__history")
    assert sql.startswith("CREATE OR REPLACE VIEW `p.now.t__history`")
    assert f"('floodmark_digest', '{digest(its)}'), ('team', 'sales')" in sql
    assert digest(replace(its, unheld=True)) != digest(its) != digest(replace(its, labels={}))
    assert drop("p.now.t__history") == "DROP VIEW IF EXISTS `p.now.t__history`"
    with pytest.raises(ValueError, match="can't be a label: team"):
        create(replace(its, labels={"team": "it's"}), "p.now.t__history")
    with pytest.raises(ValueError, match="needs the key's columns"):
        replace(its, key=())
