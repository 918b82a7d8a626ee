"""``adapter: cloudsql``: the whole pipeline over exports, before a double of the Admin API and a real PostgreSQL."""

from __future__ import annotations

import json
import re
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pytest

from floodmark.adapters.cloudsql import operations
from floodmark.adapters.cloudsql.api import AdminApi, Answered
from floodmark.adapters.cloudsql.evidence import OFFLOADED
from floodmark.adapters.cloudsql.operations import Pace
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core import sql
from floodmark.core.ledger.coverage import provisional
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.watermark import Basis
from floodmark.core.ports import Rows, Selection, Source
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer, temporary_folder
from floodmark.demo.servers.cloud_sql.instance import Conduct, Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from floodmark.demo.servers.postgres_copy import copy_of
from floodmark.errors import ExportRunning, SourceRefused, SourceUnavailable
from floodmark.pipeline.balance import balance
from tests.pipeline.conftest import START, World, hour
from tests.pipeline.test_types import CARRIED, fill

AT = datetime(2026, 11, 1, 11, 0, 5, 250, tzinfo=UTC)

INSERT = "INSERT INTO orders VALUES ({}, '{}', 1.50, '2026-11-01T{}Z')"
FAST = Pace(busy=0.5, grace=0.1, first=0.01, longest=0.05)


@dataclass
class CloudShop:
    """A world whose database is reached by the Admin API alone."""

    world: World
    instance: Instance

    @property
    def conduct(self) -> Conduct:
        return self.instance.conduct

    @property
    def last(self) -> Read:
        last = self.world.head("orders").last
        assert last is not None
        return last

    def insert(self, key: int, note: str, at: str) -> None:
        self.world.sql(INSERT.format(key, note, at))

    def run(self, number: int, kind: Kind = Kind.SLICE, **changes: Any) -> None:
        self.world.run("orders", hour(number), kind, **changes)

    def current(self) -> list[tuple[Any, ...]]:
        return self.world.current("orders", "id, note")


@pytest.fixture
def shop(
    database: Database, google: GoogleServers, world_of: Callable[[Database], World], monkeypatch: pytest.MonkeyPatch
) -> Iterator[CloudShop]:
    """Nothing of Floodmark's connects to the database: its connection leads nowhere."""
    monkeypatch.setattr(operations, "PACE", FAST)
    instance = Instance(database.dsn, google.storage.url)
    with CloudSqlServer(instance) as server:
        world = world_of(database)
        place = {"instance": "shop", "database": database.dbname, "endpoint": server.url}
        world.also = f"adapter: cloudsql\n            cloudsql: {json.dumps(place)}"
        world.reads = "host=nowhere"
        yield CloudShop(world=world, instance=instance)


@pytest.mark.slow
def test_hour_by_hour_what_changes_is_read_and_proved(shop: CloudShop) -> None:
    shop.insert(1, "a", "00:10")
    shop.run(0)
    assert shop.current() == [(1, "a")]
    shop.world.sql("UPDATE orders SET note = E'b\\r\\n\"\\\\,é', updated_at = '2026-11-01T01:05Z' WHERE id = 1")
    shop.insert(2, "late in a sealed slice", "00:20")
    shop.insert(3, "", "01:10")
    shop.run(1)
    assert shop.current() == [(1, 'b\r\n"\\,é'), (2, "late in a sealed slice"), (3, "")]
    assert (shop.last.basis, shop.last.reasons, shop.last.late) == (Basis.PROVED, (), 1)
    assert shop.last.watermark is not None
    assert shop.last.watermark > hour(1).high
    assert len(shop.instance.exports) == 2


@pytest.mark.slow
def test_an_open_transaction_holds_the_seal_and_what_it_wrote_is_read(shop: CloudShop) -> None:
    shop.world.sql("ALTER TABLE orders ALTER updated_at SET DEFAULT now()")
    late = shop.world.connect()
    late.autocommit = False
    with late.cursor() as cursor:
        cursor.execute("INSERT INTO orders (id, note) VALUES (1, 'late')")
    [(now,)] = shop.world.source("SELECT date_trunc('second', now())")
    shop.world.source("SELECT pg_sleep(1.1)")
    first = shop.world.run("orders", Interval(low=START, high=now + timedelta(seconds=1)))
    assert (first.rows, [one.pid for one in shop.last.held_by]) == (0, [late.info.backend_pid])
    late.commit()
    late.close()
    shop.world.run("orders", None, run_id="the next run")
    assert shop.current() == [(1, "late")]
    assert provisional(shop.world.head("orders").coverage) == ()
    assert shop.last.basis is Basis.PROVED


@pytest.mark.slow
def test_a_reply_that_is_lost_is_looked_for_and_the_export_not_done_twice(shop: CloudShop) -> None:
    shop.insert(1, "a", "00:10")
    shop.conduct.lose_replies = 1
    shop.run(0)
    assert shop.current() == [(1, "a")]
    assert [kind for kind, _ in shop.instance.asked].count("export") == 1
    [attempt] = shop.last.exports
    assert (attempt.state, attempt.job_id) == (EffectState.DONE, shop.instance.exports[0])


class Died(BaseException):
    """Nothing in between handles it."""


def dying(shop: CloudShop, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """A run of hour 0 that dies right before its request is sent, or right after that was accepted."""
    sending = AdminApi.export

    def export(api: AdminApi, context: Any) -> Any:
        if after:
            sending(api, context)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(AdminApi, "export", export)
        with pytest.raises(Died):
            shop.run(0)


@pytest.mark.slow
def test_a_step_that_died_with_its_export_under_way_is_gone_on_with(
    shop: CloudShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its read is finished as it was begun: with the look of then."""
    shop.insert(1, "a", "00:10")
    dying(shop, monkeypatch, after=True)
    begun = shop.world.head("orders").open
    assert begun is not None
    assert [one.state for one in begun.exports] == [EffectState.INTENDED]
    shop.run(0)
    assert (shop.current(), shop.last.read_at, shop.last.watermark) == ([(1, "a")], begun.read_at, begun.watermark)
    assert [kind for kind, _ in shop.instance.asked].count("export") == 1


@pytest.mark.slow
def test_an_export_that_takes_long_ends_the_step_and_a_later_one_goes_on_with_it(shop: CloudShop) -> None:
    """As long as it runs nothing else is asked, since few questions are answered beside it."""
    over = threading.Event()
    shop.world.also = shop.world.also.replace('"instance"', '"wait": "1s", "instance"')
    shop.conduct.before_snapshot = over.wait
    shop.insert(1, "a", "00:10")
    try:
        with pytest.raises(ExportRunning, match=r"EXPORT, RUNNING.* still runs") as running:
            shop.run(0)
        begun, asked = shop.world.head("orders").open, len(shop.instance.asked)
        assert begun is not None
        with pytest.raises(ExportRunning) as again:
            shop.run(0)
    finally:
        over.set()
    assert (running.value.job_id, running.value.pause) == (again.value.job_id, 1.0)
    assert len(shop.instance.asked) == asked
    shop.run(0)
    assert (shop.current(), shop.last.read_at) == ([(1, "a")], begun.read_at)
    assert len(shop.instance.exports) == 1


@pytest.mark.slow
def test_a_request_that_was_never_sent_is_made_under_another_name(
    shop: CloudShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.insert(1, "a", "00:10")
    dying(shop, monkeypatch, after=False)
    shop.run(0)
    assert shop.current() == [(1, "a")]
    never, done = shop.last.exports
    assert (never.state, done.state) == (EffectState.FAILED, EffectState.DONE)
    assert shop.instance.exports == [done.job_id]
    assert never.job_id != done.job_id


@pytest.mark.slow
def test_a_read_that_the_configuration_would_have_otherwise_is_not_gone_on_with(
    shop: CloudShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.insert(1, "a", "00:10")
    dying(shop, monkeypatch, after=True)
    shop.world.tables = "{orders: {columns: {exclude: [amount]}}}"
    shop.run(0)
    assert shop.current() == [(1, "a")]
    assert len(shop.instance.exports) == 2


@pytest.mark.slow
def test_a_busy_instance_is_waited_for_and_then_what_holds_it_is_named(shop: CloudShop) -> None:
    backup = shop.instance.occupy("BACKUP_VOLUME")
    with pytest.raises(SourceUnavailable, match=f"operation {backup['name']} .BACKUP_VOLUME, RUNNING"):
        shop.run(0)
    shop.instance.finish(backup)
    shop.insert(1, "a", "00:10")
    shop.run(0)
    assert shop.current() == [(1, "a")]


@pytest.mark.slow
def test_no_value_of_a_column_that_is_left_out_is_told(shop: CloudShop) -> None:
    """Nor kept in the ledger: neither where an export trips over it, nor where a question does."""
    shop.world.tables = '{orders: {columns: {exclude: [note]}, where: "note::int > 0"}}'
    shop.insert(1, "1", "00:10")
    shop.run(0)
    shop.insert(2, "s3cret", "01:10")
    run = shop.world.table_run("orders")
    for trips in (lambda: shop.run(1), lambda: balance(run, everything=True)):
        with pytest.raises(SourceRefused, match="22P02") as refused:
            trips()
        assert "s3cret" not in "".join(traceback.format_exception(refused.value))
    assert "s3cret" not in f"{shop.world.head('orders')} {run.ports.ledger.reads(run.target)}"


@pytest.mark.slow
def test_row_level_security_is_refused_with_the_policies_that_mend_it(shop: CloudShop) -> None:
    """Of both roles: the one that exports, and the one that counts and describes."""
    shop.world.sql("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON orders USING (id < 2)")
    shop.insert(1, "a", "00:10")
    shop.insert(5, "e", "00:10")
    for role in ("floodmark@proj.iam", "cloudsqlimportexport"):
        with pytest.raises(SourceRefused, match=f"hide rows from {role}") as refused:
            shop.run(0)
        [remedy] = re.findall(r"CREATE POLICY .*? USING \(true\)", str(refused.value))
        shop.world.sql(remedy)
    shop.run(0)
    assert shop.current() == [(1, "a"), (5, "e")]
    shop.world.sql("CREATE POLICY r ON orders AS RESTRICTIVE USING (id < 2)")
    with pytest.raises(SourceRefused, match="no restrictive policy"):
        shop.run(1)


@pytest.mark.slow
def test_a_change_of_the_table_behind_the_exports_snapshot_is_seen_and_it_is_exported_again(shop: CloudShop) -> None:
    """An ALTER that commits between COPY's snapshot and its lock makes a table of rows read as none (R1)."""
    shop.insert(1, "a", "00:10")
    altering = shop.world.connect()
    altering.autocommit = False

    def alter() -> None:
        with altering.cursor() as cursor:
            cursor.execute("ALTER TABLE orders ALTER amount TYPE numeric(14,2)")
        shop.conduct.before_snapshot = lambda: None
        threading.Timer(0.5, altering.commit).start()

    shop.conduct.before_snapshot = alter
    with pytest.raises(SourceUnavailable, match=r"physical tables were changed|columns changed"):
        shop.run(0)
    altering.close()
    shop.run(0)
    assert shop.current() == [(1, "a")]


@pytest.mark.slow
def test_a_file_that_was_cut_is_not_believed(shop: CloudShop) -> None:
    shop.insert(1, "a", "00:10")
    shop.conduct.truncate = True
    with pytest.raises(SourceUnavailable, match="cut short"):
        shop.run(0)
    shop.conduct.truncate = False
    shop.run(0)
    assert shop.current() == [(1, "a")]


@dataclass
class Copies:
    """What an offloaded export reads: a copy by pg_basebackup, each time or once. ``lived`` runs when it is made."""

    server: PostgresServer
    folder: Path
    lived: Callable[[str], object] = lambda _: None
    made: int = 0

    @contextmanager
    def each(self) -> Iterator[str]:
        self.made += 1
        with copy_of(self.server, self.folder / f"copy{self.made}") as copy:
            self.lived(copy.database().dsn)
            yield copy.database().dsn


@pytest.fixture
def copies(postgres: PostgresServer) -> Iterator[Copies]:
    with temporary_folder() as folder:
        yield Copies(postgres, folder)


@pytest.mark.slow
def test_an_offloaded_export_of_a_real_copy_is_assumed_and_what_it_lacks_is_read_later(
    shop: CloudShop, copies: Copies
) -> None:
    """A copy takes ids of transactions of its own, which the instance gives to others: none of them is a base (R10)."""
    shop.world.tables = "{orders: {offload: auto}}"
    shop.conduct.clone = copies.each

    def live(dsn: str) -> None:
        """Ids are used up on the copy; under one of them the instance writes a row below the seal."""
        use_up_ids(dsn, 20)
        shop.world.sql("INSERT INTO orders VALUES (2, 'behind the copy', 1.50, now() - interval '10 minutes')")

    copies.lived = live
    shop.insert(1, "a", "00:10")
    shop.run(0, Kind.RELOAD)
    assert (shop.current(), shop.last.basis, shop.last.reasons) == ([(1, "a")], Basis.ASSUMED, (OFFLOADED,))
    assert copies.made == 1
    [done] = shop.last.exports
    assert done.configuration["offload"] is True
    shop.insert(3, "c", "01:10")
    shop.run(1)
    assert shop.current() == [(1, "a"), (2, "behind the copy"), (3, "c")]
    assert (shop.last.basis, copies.made) == (Basis.PROVED, 1)


@pytest.mark.slow
def test_a_copy_that_lags_behind_the_look_or_has_other_columns_is_not_believed(shop: CloudShop, copies: Copies) -> None:
    shop.world.tables = "{orders: {offload: true}}"
    shop.insert(1, "a", "00:10")
    with copies.each() as old:
        shop.conduct.clone = lambda: nullcontext(old)
        shop.run(0)
        shop.insert(2, "b", "01:10")
        use_up_ids(shop.world.database.dsn, 20)
        with pytest.raises(SourceUnavailable, match="older than the look"):
            shop.run(1)
        use_up_ids(old, 60)
        shop.world.sql("ALTER TABLE orders ALTER amount TYPE numeric(14,2)")
        with pytest.raises(SourceUnavailable, match="has other columns than the instance"):
            shop.run(1)
    shop.conduct.clone = copies.each
    shop.run(1)
    assert shop.current() == [(1, "a"), (2, "b")]


def use_up_ids(dsn: str, count: int) -> None:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for _ in range(count):
            cursor.execute("SELECT pg_current_xact_id()")


@pytest.mark.slow
def test_both_ends_are_counted_by_a_question(shop: CloudShop) -> None:
    shop.insert(1, "a", "00:10")
    shop.run(0)
    found = balance(shop.world.table_run("orders")).balance
    assert found.counts is not None
    assert (found.counts.source.rows, found.missing) == (1, 0)


def values(world: World, source: Source, selection: Selection, spans: list[Span] | None) -> tuple[pa.Table, Rows]:
    """A table's rows as this source gives them, by their ids."""
    source.look()
    with source.open(selection) as reading:
        exporter = reading.exporter
        if exporter is None:
            rows = reading.rows(spans, AT)
        else:
            request = exporter.request(f"gs://{world.bucket}/{uuid.uuid4()}.csv", reading.query(spans, AT))
            exporter.carry_out(request, sent=False)
            rows = exporter.rows(request, reading.snapshot, spans, AT)
        table = pa.Table.from_batches([*rows], rows.arrow_schema)
    return table.sort_by("id"), rows


@pytest.mark.slow
def test_every_type_has_the_values_that_a_connection_reads(shop: CloudShop) -> None:
    """Under a session's settings that are as unlike ours as can be; NULLs, infinities and what can't be held too."""
    world = shop.world
    made = dict.fromkeys(statement for row in CARRIED for statement in row.made)
    world.sql("CREATE CAST (bytea AS xml) WITHOUT FUNCTION", *made)
    fill(world, "things", CARRIED)
    exported, connected = world.table_run("orders").ports.source, PostgresSource(world.database.dsn, uuid.uuid4())
    schema = connected.describe("public", "things")
    assert replace(exported.describe("public", "things"), splittable=True) == schema
    selection = Selection(
        schema="public", name="things", key=("id",), cursor=("at",), columns=schema.names,
        where="id <> 3 -- and\n AND E'\\'' <> ' /* -- '", leaving=True, timezone="Europe/Berlin",
    )  # fmt: skip
    spans = [Span(interval=hour(0)), Span(interval=hour(1), base=3)]
    theirs, of_connection = values(world, connected, selection, spans)
    ours, of_export = values(world, exported, selection, spans)
    assert ours.schema.equals(theirs.schema)
    for column in theirs.column_names:  # as texts: NaN equals nothing
        both = zip(ours.column(column).to_pylist(), theirs.column(column).to_pylist(), strict=True)
        assert [(column, one, other) for one, other in both if repr(one) != repr(other)] == []
    assert ours.num_rows == 8
    assert (of_export.tally, of_export.rechecked) == (of_connection.tally, of_connection.rechecked)
    whole = replace(selection, where="", leaving=False)
    theirs, of_connection = values(world, connected, whole, None)
    ours, of_export = values(world, exported, whole, None)
    assert repr(ours.to_pylist()) == repr(theirs.to_pylist())
    assert of_export.digest == of_connection.digest


@pytest.mark.slow
def test_a_question_that_takes_too_long_is_answered_by_an_export_of_its_own(
    shop: CloudShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.insert(1, "a", "00:10")
    asking = AdminApi.execute

    def execute(api: AdminApi, statements: str) -> Any:
        if re.search(r'count\(\*\)\s+FROM "public"', statements):
            raise Answered(200, "sql", "canceling statement due to statement timeout")
        return asking(api, statements)

    monkeypatch.setattr(AdminApi, "execute", execute)
    shop.run(0)
    assert shop.current() == [(1, "a")]
    [question, _] = shop.instance.exports
    assert "/_questions/" in question
    stored = [blob.name for blob in shop.world.google.storage_client().list_blobs(shop.world.bucket)]
    assert not any("_questions" in one for one in stored)
    assert any(one.endswith(".export-1.csv") for one in stored)


@pytest.mark.slow
def test_where_no_files_are_kept_none_of_an_export_is(shop: CloudShop) -> None:
    shop.world.also += "\n            retention: {stage: 0d}"
    shop.insert(1, "a", "00:10")
    shop.run(0)
    assert shop.current() == [(1, "a")]
    assert list(shop.world.google.storage_client().list_blobs(shop.world.bucket)) == []


def questions_before_rows(shop: CloudShop, number: int) -> int:
    """How many questions a run has exported before its rows. Whether they are durable may take one more (R3)."""
    before = len(shop.instance.exports)
    shop.run(number)
    are_questions = ["/_questions/" in uri for uri in shop.instance.exports[before:]]
    return are_questions.index(False)


@pytest.mark.slow
def test_without_execute_sql_the_look_and_the_catalog_come_by_exports_and_the_seal_is_proved(shop: CloudShop) -> None:
    shop.conduct.data_api = False
    shop.insert(1, "a", "00:10")
    shop.run(0)
    shop.insert(2, "b", "01:10")
    shop.insert(3, "late", "00:20")
    assert questions_before_rows(shop, 1) == 2  # the look, and the count of cursors: the catalog is kept
    assert shop.current() == [(1, "a"), (2, "b"), (3, "late")]
    assert (shop.last.basis, shop.last.reasons, shop.last.late) == (Basis.PROVED, (), 1)
    shop.world.sql("CREATE TABLE another (id int)")
    shop.insert(4, "d", "02:10")
    assert questions_before_rows(shop, 2) == 3  # all of the catalog, at once: it may be another
    shop.world.sql(
        "ALTER TABLE orders ADD COLUMN more text", "UPDATE orders SET more = 'm', updated_at = '2026-11-01T03:10Z'"
    )
    shop.run(3)
    assert shop.world.current("orders", "id, more") == [(1, "m"), (2, "m"), (3, "m"), (4, "m")]
    assert shop.last.basis is Basis.PROVED
    shop.world.sql("ALTER TABLE orders DROP COLUMN amount", "UPDATE orders SET updated_at = '2026-11-01T04:10Z'")
    shop.run(4)  # what is kept asks for a column that is gone
    assert shop.current() == [(1, "a"), (2, "b"), (3, "late"), (4, "d")]


@pytest.mark.slow
def test_a_column_that_changes_after_the_look_is_seen_by_the_exports_own_evidence(shop: CloudShop) -> None:
    """What is kept of the catalog was true at the look. Rows that are read by it are not believed (R1)."""
    shop.conduct.data_api = False
    shop.insert(1, "a", "00:10")
    shop.run(0)
    changes = [
        "ALTER TABLE orders ADD COLUMN more text",
        "CREATE TABLE unrelated (id int)",
    ]

    def change() -> None:
        if changes and "/_questions/" not in shop.instance.exports[-1]:
            shop.world.sql(changes.pop(0))

    shop.conduct.before_snapshot = change
    shop.insert(2, "b", "01:10")
    with pytest.raises(SourceUnavailable, match="columns changed while it was exported"):
        shop.run(1)
    shop.run(1)  # while a table is made that is nobody's concern
    assert changes == []
    assert shop.world.current("orders", "id, note, more") == [(1, "a", None), (2, "b", None)]


def test_a_rename_between_an_exports_snapshot_and_its_lock_is_seen(database: Database) -> None:
    """A whole swap of two names, of one type, which the rows don't show."""
    count = sql.render("cloudsql/renamed.sql", {"schema": "public", "table": "t"}, quote=name, literal=literal)
    with closing(psycopg2.connect(database.dsn)) as reader, closing(psycopg2.connect(database.dsn)) as other:
        other.autocommit = reader.autocommit = True
        with reader.cursor() as cursor, other.cursor() as altering:
            altering.execute('CREATE TABLE t (id int, a int, "B" int)')
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(count)
            assert cursor.fetchall() == [(0,)]
            altering.execute(
                'ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME "B" TO a; ALTER TABLE t RENAME x TO "B"'
            )
            cursor.execute("LOCK t IN ACCESS SHARE MODE")
            cursor.execute(count)
            assert cursor.fetchall() == [(2,)]
