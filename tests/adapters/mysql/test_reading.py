"""What a read of MySQL selects: a SELECT of one's own, masks, chosen types, zones, parts; and what check asks (R29)."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.connections.mysql import MySQL, fields
from floodmark.adapters.mysql.inspection import MySQLInspection, advice
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.core.config import target_types
from floodmark.core.config.masks import Mask, MaskKind
from floodmark.core.config.target_types import Choices
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ports import Selection
from floodmark.core.ports.inspection import Activity
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.errors import SourceChanged, SourceRefused
from tests.cli.shop import floodmark, written

READ_AT = datetime(2026, 11, 2, tzinfo=UTC)
FIRST_HOUR = Span(interval=Interval(low=datetime(2026, 11, 1, tzinfo=UTC), high=datetime(2026, 11, 1, 1, tzinfo=UTC)))
KEY = "a key of thirty-two characters.."


def at(database: MySQLDatabase) -> MySQL:
    return fields(
        host=database.host, port=database.port, login=database.user, password=database.password, schema=database.dbname
    )


def source(database: MySQLDatabase, secret: Callable[[str], str] = lambda _: KEY) -> MySQLSource:
    return MySQLSource(at(database), uuid.uuid4(), secret=secret)


def selected(**told: Any) -> Selection:
    given = {"schema": "public", "name": "t", "key": ("id",), "cursor": ("u",), "columns": ("id", "w")}
    return Selection(**(given | told))


def read(database: MySQLDatabase, selection: Selection, spans: Any = (FIRST_HOUR,)) -> list[dict[str, Any]]:
    with source(database).open(selection) as reading:
        rows = [row for batch in reading.rows(spans, READ_AT) for row in batch.to_pylist()]
    return sorted(rows, key=lambda row: row["id"])


@pytest.fixture
def rows_of_an_hour(mysql_database: MySQLDatabase) -> MySQLDatabase:
    """Rows before, at the ends of, and after an hour."""
    mysql_database.sql(
        "CREATE TABLE t (id bigint PRIMARY KEY, w varchar(20), u timestamp(6) NOT NULL, d datetime, "
        "flag tinyint(1), KEY (u))",
        "INSERT INTO t VALUES (1, 'before', '2026-10-31 23:59:59.999999', NULL, 0), "
        "(2, 'first', '2026-11-01 00:00:00', '2026-11-01 00:30:00', 1), "
        "(3, 'last', '2026-11-01 00:59:59.999999', '2026-11-01 01:30:00', 2), "
        "(4, 'after', '2026-11-01 01:00:00', '2026-11-01 02:30:00', NULL)",
    )
    return mysql_database


def test_a_slice_has_its_low_end_and_not_its_high_one(rows_of_an_hour: MySQLDatabase) -> None:
    found = read(rows_of_an_hour, selected())
    assert [row["w"] for row in found] == ["first", "last"]
    assert found[0]["_floodmark_cursor"] == datetime(2026, 11, 1, tzinfo=UTC)
    assert found[0]["_floodmark_read_at"] == READ_AT


def test_an_own_select_is_read_by_what_it_returns(rows_of_an_hour: MySQLDatabase) -> None:
    own = "SELECT id, CONCAT(w, '%') AS w, u, 1.5 AS half, COUNT(*) OVER () AS n FROM t;"
    schema = source(rows_of_an_hour).describe("public", "t", sql=own, where="id > 2")
    assert (schema.key, schema.column("half").carriage.target, schema.column("u").base_type) == (
        ("id",), "NUMERIC", "timestamp with time zone",
    )  # fmt: skip
    [row] = read(rows_of_an_hour, selected(sql=own, where="id > 2", columns=("id", "w", "half", "n")))
    assert (row["id"], row["w"], str(row["half"]), row["n"]) == (3, "last%", "1.5", 4)


def test_a_where_that_doesnt_hold_and_a_column_that_isnt_there_are_refused(rows_of_an_hour: MySQLDatabase) -> None:
    with pytest.raises(SourceChanged, match="1054"):
        source(rows_of_an_hour).describe("public", "t", where="nothing > 2")
    with pytest.raises(SourceRefused, match="no such table"):
        source(rows_of_an_hour).describe("public", "nowhere")
    with (
        pytest.raises(SourceChanged, match="has no column gone; it has: id"),
        source(rows_of_an_hour).open(selected(columns=("id", "gone"))),
    ):
        pass


def test_a_backslash_in_a_users_own_words_is_itself_which_is_told(rows_of_an_hour: MySQLDatabase) -> None:
    """In MySQL's own client 'f\\st' is fst."""
    rows_of_an_hour.sql("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", r"UPDATE t SET w = 'f\st', u = u WHERE id = 2")
    chosen = selected(where=r"w = 'f\st'")
    assert [row["w"] for row in read(rows_of_an_hour, chosen)] == [r"f\st"]
    own = selected(sql=r"SELECT id, '\n' AS w, u FROM t")
    for one, said in ((chosen, "where holds a backslash"), (own, "the SELECT holds a backslash")):
        with source(rows_of_an_hour).open(one) as reading:
            assert [told.startswith(said) for told in reading.assumptions].count(True) == 1
    escaped = selected(where="w LIKE 'f|%' ESCAPE '|'")
    with source(rows_of_an_hour).open(escaped) as reading:
        assert not any("backslash" in told for told in reading.assumptions)


def test_each_mask_is_what_it_says_and_no_statement_holds_its_key(rows_of_an_hour: MySQLDatabase) -> None:
    def masked(mask: Mask) -> Any:
        return read(rows_of_an_hour, selected(masks={"w": mask}))[0]["w"]

    assert masked(Mask(kind=MaskKind.SHA256)) == hashlib.sha256(b"first").hexdigest()
    signed = hmac.new(KEY.encode(), b"first", hashlib.sha256).hexdigest()
    assert masked(Mask(kind=MaskKind.HMAC, connection="keys")) == signed
    assert masked(Mask(kind=MaskKind.REDACT)) == "redacted"
    assert masked(Mask(kind=MaskKind.TRUNCATE, first=2)) == "fi"
    assert masked(Mask(kind=MaskKind.NULL)) is None
    with source(rows_of_an_hour).open(selected(masks={"w": Mask(kind=MaskKind.HMAC, connection="keys")})) as reading:
        text = reading.query((FIRST_HOUR,), READ_AT)
    assert KEY not in text
    assert KEY.encode().hex() not in text


def test_a_flag_is_a_bool_where_that_is_chosen_and_another_number_is_none(rows_of_an_hour: MySQLDatabase) -> None:
    choices = Choices(types=target_types.parse({"flag": "BOOL", "id": "NUMERIC", "w": "FLOAT64"}))
    schema = source(rows_of_an_hour).describe("public", "t", choices=choices)
    assert (schema.column("flag").carriage.target, schema.column("id").carriage.target) == ("BOOL", "NUMERIC")
    assert "can't be FLOAT64" in schema.column("w").misfit
    found = read(rows_of_an_hour, selected(columns=("id", "flag"), choices=choices), None)
    assert [(row["flag"], row["_floodmark_unheld"]) for row in found] == [
        ("false", None), ("true", None), (None, '{"flag": "2"}'), (None, None),
    ]  # fmt: skip


def test_a_datetime_of_another_zone_needs_the_servers_own_rules(rows_of_an_hour: MySQLDatabase) -> None:
    """In UTC it is read as it stands; of a zone that the server doesn't know nothing is read."""
    assert [row["w"] for row in read(rows_of_an_hour, selected(cursor=("d",)))] == ["first"]
    [(known,)] = rows_of_an_hour.sql("SELECT CONVERT_TZ('2026-11-01', '+00:00', 'Europe/Berlin')")
    berlin = selected(cursor=("d",), timezone="Europe/Berlin")
    if known is not None:
        assert [row["w"] for row in read(rows_of_an_hour, berlin)] == ["last"]
        return
    with pytest.raises(SourceRefused, match="doesn't know the zone Europe/Berlin"):
        read(rows_of_an_hour, berlin)


def test_a_cursor_that_no_calendar_has_is_held_out_in_another_zone_too(mysql_database: MySQLDatabase) -> None:
    """CONVERT_TZ makes the first of July of the 31st of June, and NULL of a day 0."""
    zone = "Asia/Kolkata"
    [(number,)] = mysql_database.sql(
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        "CREATE TABLE t (id bigint PRIMARY KEY, w int, d datetime NOT NULL)",
        "INSERT INTO t (id, d) VALUES (1, '2026-06-30 10:00'), (2, '2026-06-31 10:00'), (3, '2026-07-00 10:00')",
        "INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')",
        "SELECT LAST_INSERT_ID()",
    )
    mysql_database.sql(
        f"INSERT INTO mysql.time_zone_name VALUES ('{zone}', {number})",
        f"INSERT INTO mysql.time_zone_transition_type VALUES ({number}, 0, 19800, 0, 'IST')",
    )
    try:
        with source(mysql_database).open(selected(cursor=("d",), timezone=zone)) as reading:
            rows = reading.rows(None, READ_AT)
            assert [row["id"] for batch in rows for row in batch.to_pylist()] == [1]
    finally:
        for table in ("time_zone_name", "time_zone_transition_type", "time_zone"):
            mysql_database.sql(f"DELETE FROM mysql.{table} WHERE Time_zone_id = {number}")
    held = [(one["key"], one["values"][0]["value"]) for one in rows.quarantined]
    assert held == [({"id": "2"}, "2026-06-31 10:00:00.000000"), ({"id": "3"}, "2026-07-00 10:00:00.000000")]


def test_parts_of_a_table_meet_and_are_cut_by_exact_keys(mysql_database: MySQLDatabase) -> None:
    """Two keys that are one as doubles, and texts in the order of their collation."""
    mysql_database.sql(
        "CREATE TABLE t (id bigint, k varchar(9), u timestamp(6) NULL, w int, PRIMARY KEY (id, k))",
        "INSERT INTO t VALUES (9007199254740992, 'b', NULL, 1), (9007199254740993, 'A', NULL, 2), "
        "(9007199254740993, 'b''x', NULL, 3), (9007199254740993, 'C', NULL, 4)",
    )
    selection = selected(key=("id", "k"), columns=("id", "k", "w"))
    parts, low = [], ()
    with source(mysql_database).open(selection) as reading:
        while True:
            high = reading.part_end(low, 1)
            part = Part(low=low, high=high, since=READ_AT)
            parts.append([row["w"] for batch in reading.rows(None, READ_AT, part) for row in batch.to_pylist()])
            if not high:
                break
            low = high
    assert parts == [[1], [2], [3], [4], []]


def test_a_stream_that_is_left_is_ended_before_the_next_question(mysql_database: MySQLDatabase) -> None:
    long = "(REPEAT('x', 9000000))"
    mysql_database.sql(
        "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, w longtext, u timestamp(6) NULL)",
        f"INSERT INTO t (w) VALUES {long}, {long}, {long}",
    )
    with source(mysql_database).open(selected()) as reading:
        assert not reading.rows(None, READ_AT).empty()
        assert reading.counts() == (3, 0)
        assert sum(batch.num_rows for batch in reading.rows(None, READ_AT)) == 3


def test_what_is_open_of_the_table_is_held_until_the_end(rows_of_an_hour: MySQLDatabase) -> None:
    with source(rows_of_an_hour).open(selected()) as reading:
        session = rows_of_an_hour.connect()
        with session.cursor() as cursor:
            cursor.execute("SET lock_wait_timeout = 1")
            with pytest.raises(Exception, match="1205"):
                cursor.execute("ALTER TABLE t DROP COLUMN w")
            cursor.execute("UPDATE t SET w = 'changed' WHERE id = 2")
        assert [row["w"] for batch in reading.rows((FIRST_HOUR,), READ_AT) for row in batch.to_pylist()] == [
            "first",
            "last",
        ]
        session.close()


def test_check_asks_for_the_server_its_tables_and_their_indexes(rows_of_an_hour: MySQLDatabase) -> None:
    rows_of_an_hour.sql("ALTER TABLE t ADD KEY (u, w)")  # by w alone nothing is found in it
    asked = MySQLInspection(at(rows_of_an_hour))
    try:
        server = asked.server()
        assert "a primary" in server.name
        assert server.unproved == ()
        assert ("public", "t") in asked.tables()
        assert asked.indexed("public", "t") == {"id", "u"}
        assert asked.describe("public", "t").key == ("id",)
        assert asked.spread("public", "t", "u") is None
        with source(rows_of_an_hour).open(selected()) as reading:
            assert asked.estimate(reading.query(None, READ_AT)) >= 1
    finally:
        asked.close()


def test_check_tells_that_statements_may_wait_long_before_their_first_row() -> None:
    """What is assumed of a statement's start (R6) is the likelier the sooner its wait for a lock ends (M9)."""
    [told] = advice({"lock_wait_timeout": "86400"})
    assert "86,400 s" in told.said
    assert list(advice({"lock_wait_timeout": "3600"})) == []


def test_only_whole_indexes_over_columns_that_are_never_null_make_a_key(mysql_database: MySQLDatabase) -> None:
    mysql_database.sql(
        "CREATE TABLE t (a varchar(20) NOT NULL, b int NOT NULL, c int, "
        "UNIQUE of_a_prefix (a(3)), UNIQUE with_null (b, c), UNIQUE whole_columns (a, b))"
    )
    schema = source(mysql_database).describe("public", "t")
    assert (schema.key, schema.unique) == ((), (("a", "b"),))


def test_an_account_that_sees_nobody_is_told_the_grant(rows_of_an_hour: MySQLDatabase) -> None:
    name = "r" + uuid.uuid4().hex[:8]
    rows_of_an_hour.sql(f"CREATE USER {name}", f"GRANT SELECT ON `{rows_of_an_hour.dbname}`.* TO {name}")
    asked = MySQLInspection(at(replace(rows_of_an_hour, user=name, password="")))
    try:
        [advice] = asked.server().unproved
        assert advice.remedy.startswith("as an administrator: GRANT PROCESS ON *.* TO ")
    finally:
        asked.close()
        rows_of_an_hour.sql(f"DROP USER {name}")


def test_of_a_view_whose_text_is_not_told_that_is_trusted_and_the_grant_is_named(
    rows_of_an_hour: MySQLDatabase,
) -> None:
    """The grant, run as it is printed, lets the account see a view that is replaced (R29)."""
    name = "r" + uuid.uuid4().hex[:8]
    rows_of_an_hour.sql(
        "CREATE VIEW v AS SELECT * FROM t", f"CREATE USER {name}", f"GRANT PROCESS ON *.* TO {name}",
        f"GRANT SELECT ON `{rows_of_an_hour.dbname}`.v TO {name}",
    )  # fmt: skip
    theirs = source(replace(rows_of_an_hour, user=name, password=""))
    view = selected(name="v")
    try:
        with theirs.open(view) as reading:
            [told] = [one for one in reading.assumptions if "SHOW VIEW" in one]
        said, _, grant = told.partition("; ")
        assert said == "the text of the view v is not told, so another one would stay unseen"
        rows_of_an_hour.sql(grant)
        with theirs.open(view) as reading:
            assert not any("SHOW VIEW" in one for one in reading.assumptions)
            [before] = reading.catalog
        rows_of_an_hour.sql("CREATE OR REPLACE VIEW v AS SELECT * FROM t WHERE id < 3")
        with theirs.open(view) as reading:
            assert reading.catalog != (before,)
    finally:
        rows_of_an_hour.sql(f"DROP USER {name}")


def test_check_names_what_changes_unseen_and_a_key_that_folds(mysql_database: MySQLDatabase, tmp_path: Path) -> None:
    """An ON UPDATE CASCADE moves no timestamp and fires no trigger (M4): only a comparison finds what it did."""
    mysql_database.sql(
        "CREATE TABLE parents (id bigint PRIMARY KEY)",
        "CREATE TABLE children (id bigint PRIMARY KEY, parent bigint, updated_at timestamp(6) NOT NULL, "
        "KEY (updated_at), CONSTRAINT kin FOREIGN KEY (parent) REFERENCES parents (id) ON UPDATE CASCADE)",
    )
    mysql_database.sql(
        "CREATE TABLE codes (code varchar(9) COLLATE utf8mb4_general_ci, exact varchar(9) COLLATE utf8mb4_nopad_bin, "
        "bytes varbinary(9), id int, updated_at timestamp(6) NOT NULL, PRIMARY KEY (code, exact, bytes, id))"
    )
    tables = "  children: {}\n  compared: {from: children, deletes: reconcile}\n  codes: {}\n"
    file = written(tmp_path, tables=tables)
    told = floodmark("check", file, "--online", "--dsn", mysql_database.dsn, "--json").document["sources"][0]
    [children, compared, codes] = told["tables"]
    [warning] = codes["warnings"]
    assert warning.startswith('key "code": its collation utf8mb4_general_ci holds different texts for equal')
    assert children["warnings"] == [
        "foreign key kin to parents (ON UPDATE CASCADE, ON DELETE RESTRICT) changes rows, and no cursor moves; write "
        "deletes: reconcile, so that they are found each day"
    ]
    assert compared["warnings"] == []


def test_check_refuses_slices_of_a_table_without_transactions_until_it_has_some(
    mysql_database: MySQLDatabase, tmp_path: Path
) -> None:
    mysql_database.sql("CREATE TABLE `moves-on` (id int PRIMARY KEY, updated_at timestamp(6) NOT NULL) ENGINE = Aria")
    file = written(tmp_path, tables="  moving: {from: moves-on}\n  whole: {from: moves-on, sync: full}\n")
    asked = ("check", file, "--online", "--dsn", mysql_database.dsn, "--json")
    [moving, whole] = floodmark(*asked).document["sources"][0]["tables"]
    [problem] = moving["problems"]
    assert problem.startswith("shop.yml: tables.moving.sync: public.moves-on: its engine Aria has no transactions")
    assert whole["problems"] == []
    mysql_database.sql(problem.split("; ")[1])
    assert floodmark(*asked).code == 0


def test_how_large_a_table_is_comes_from_innodbs_statistics(rows_of_an_hour: MySQLDatabase) -> None:
    rows_of_an_hour.sql("CREATE VIEW seen AS SELECT 1 AS one", "ANALYZE TABLE t")
    asked = MySQLInspection(at(rows_of_an_hour))
    try:
        [(rows,)] = rows_of_an_hour.sql("SELECT COUNT(*) FROM t")
        assert asked.activity("public", "t") == Activity(rows=rows)
        assert asked.activity("public", "seen") == Activity()
    finally:
        asked.close()
