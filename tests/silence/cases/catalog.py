"""What the catalog says of a table, and of what lies behind it, becomes another, and no cursor moves (R29, R32)."""

from __future__ import annotations

from tests.silence.case import (
    KEYED,
    Case,
    Equal,
    Refused,
    Step,
    Told,
    balance,
    own_select,
    reconcile,
    reload,
    run,
    sql,
)

TEN = sql("INSERT INTO t SELECT g, 'v' || g, {h0} FROM generate_series(1, 10) g")
ELEVENTH = "INSERT INTO t VALUES (11, 'eleventh', {h2})"
PARTS = (
    "DROP TABLE t",
    f"CREATE TABLE t ({KEYED}) PARTITION BY RANGE (id)",
    "CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (100)",
    "CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (100) TO (200)",
    "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0}), (101, 'c', {h0})",
)
APPENDED = "{sync: append, cursor: updated_at}"
CHOSEN = "CREATE OR REPLACE FUNCTION chosen(text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 {}"
SHOWN = "CREATE OR REPLACE FUNCTION shown(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT {} $$"
ELSEWHERE = (
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = other, public', current_database()); END $$"
)


def _behind(name: str, *steps: Step, select: str, shown: list[tuple[object, ...]]) -> Case:
    """What a SELECT of one's own reads of ``t`` is another later: two columns of bigints, v and w."""
    return Case(
        rule="R32",
        name=f"an own SELECT whose {name}",
        columns="id bigint PRIMARY KEY, v bigint, w bigint, updated_at timestamptz NOT NULL",
        table="{key: id}",
        steps=(
            own_select(select),
            sql("INSERT INTO t VALUES (1, 1, 10, {h0}), (2, 2, 20, {h0})"),
            run(0, 1),
            *steps,
            run(2),
        ),
        want=Equal(columns="id, v", rows=shown),
    )


def _filled_unseen(name: str, *then: Step, want: Equal | Told, table: str = "{recheck: 0}") -> Case:
    """A column comes and is filled, without the cursor, and no read brings it to current."""
    return Case(
        rule="R26",
        name=f"a column is added and filled before any row comes, {name}",
        table=table,
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int", "UPDATE t SET w = id"), run(2), *then),
        want=want,
    )


CASES = (
    Case(
        rule="R29",
        name="a function in where is replaced",
        table="{where: chosen(v)}",
        where="chosen(v)",
        steps=(sql(CHOSEN.format("> 'v5'")), TEN, run(0, 1), sql(CHOSEN.format("< 'v5'")), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a function that a view calls is replaced",
        table="{from: seen, key: id, cursor: updated_at}",
        steps=(
            sql(SHOWN.format("$1"), "CREATE VIEW seen AS SELECT id, shown(v) AS v, updated_at FROM t"),
            sql("INSERT INTO t VALUES (1, 'a', {h0})"),
            run(0, 1),
            sql(SHOWN.format("upper($1)")),
            run(2),
        ),
        want=Equal(columns="id, v", rows=[(1, "A")]),
    ),
    Case(
        rule="R29",
        name="a view beneath a view is replaced",
        table="{from: seen, key: id, cursor: updated_at}",
        where="id < 3",
        steps=(
            sql("CREATE VIEW beneath AS SELECT * FROM t", "CREATE VIEW seen AS SELECT * FROM beneath"),
            TEN,
            run(0, 1),
            sql("CREATE OR REPLACE VIEW beneath AS SELECT * FROM t WHERE id < 3"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a generated column gets another expression",
        columns=f"{KEYED}, w text GENERATED ALWAYS AS (v || '!') VIRTUAL",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0})"),
            run(0, 1),
            sql("ALTER TABLE t ALTER w SET EXPRESSION AS (v || '?')"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a part of a composite is renamed",
        columns="id bigint PRIMARY KEY, updated_at timestamptz NOT NULL",
        steps=(
            sql("CREATE TYPE place AS (x int, y int)", "ALTER TABLE t ADD v place"),
            sql("INSERT INTO t VALUES (1, {h0}, ROW(1, 2))"),
            run(0, 1),
            sql("ALTER TYPE place RENAME ATTRIBUTE x TO z"),
            run(2),
        ),
        want=Equal(columns="id, v", rows=[(1, '{"z":1,"y":2}')]),
    ),
    Case(
        rule="R32",
        name="a column that where speaks of, and that isn't carried, is another of that name",
        columns=f"{KEYED}, state text",
        table="{where: state = 'a', columns: {exclude: [state]}}",
        where="state = 'a'",
        left_out=("state",),
        steps=(
            sql("INSERT INTO t VALUES (1, 'x', {h0}, 'a'), (2, 'y', {h0}, 'b')"),
            run(0, 1),
            sql("ALTER TABLE t DROP state", "ALTER TABLE t ADD state text", "UPDATE t SET state = 'a' WHERE id = 2"),
            run(2),
        ),
        want=Equal(),
    ),
    _behind(
        "table's columns are swapped",
        sql("ALTER TABLE t RENAME v TO x", "ALTER TABLE t RENAME w TO v", "ALTER TABLE t RENAME x TO w"),
        select="SELECT id, v, updated_at FROM t",
        shown=[(1, 10), (2, 20)],
    ),
    _behind(
        "table's column is dropped and added",
        sql("ALTER TABLE t DROP v", "ALTER TABLE t ADD v bigint DEFAULT 5"),
        select="SELECT id, v, updated_at FROM t",
        shown=[(1, 5), (2, 5)],
    ),
    _behind(
        "table is written anew with other values",
        sql("ALTER TABLE t ALTER v TYPE bigint USING v * 100"),
        reconcile("--heal"),
        select="SELECT id, v, updated_at FROM t",
        shown=[(1, 100), (2, 200)],
    ),
    _behind(
        "names are found elsewhere",
        sql(
            "CREATE SCHEMA other",
            "CREATE TABLE other.t (LIKE public.t INCLUDING ALL)",
            "INSERT INTO other.t VALUES (7, 7, 7, {h0})",
            ELSEWHERE,
        ),
        run(2),
        reconcile("--heal"),
        select="SELECT id, v, updated_at FROM t",
        shown=[(7, 7)],
    ),
    Case(
        rule="R29",
        name="an own SELECT whose function is replaced",
        table="{key: id}",
        steps=(
            own_select("SELECT id, shown(v) AS v, updated_at FROM t"),
            sql(SHOWN.format("$1"), "INSERT INTO t VALUES (1, 'a', {h0})"),
            run(0, 1),
            sql(SHOWN.format("upper($1)")),
            run(2),
        ),
        want=Equal(columns="id, v", rows=[(1, "A")]),
    ),
    Case(
        rule="R32",
        name="integers become oids, and nothing is written anew",
        columns="id bigint PRIMARY KEY, v int, updated_at timestamptz NOT NULL",
        steps=(
            sql("INSERT INTO t VALUES (1, -1, {h0})"),
            run(0, 1),
            sql("ALTER TABLE t ALTER v TYPE oid"),
            run(2),
        ),
        want=Equal(columns="id, v", rows=[(1, 4294967295)]),
    ),
    Case(
        rule="R32",
        name="a text is cut to fewer characters",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ALTER v TYPE varchar(1) USING left(v, 1)"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a table is moved to a schema, and another put in its place",
        steps=(
            TEN,
            run(0, 1),
            sql("CREATE SCHEMA old", "ALTER TABLE t SET SCHEMA old", "CREATE TABLE t (LIKE old.t INCLUDING ALL)"),
            sql("INSERT INTO t VALUES (3, 'other', {h0})"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="another table inherits from it",
        steps=(
            TEN,
            run(0, 1),
            sql("CREATE TABLE child () INHERITS (t)", "INSERT INTO child VALUES (50, 'c', {h0})"),
            run(2),
        ),
        want=Refused(words="other tables inherit"),
    ),
    Case(
        rule="R32",
        name="a partition is attached with rows of old cursors",
        columns=KEYED,
        steps=(
            sql(*PARTS),
            run(0, 1),
            sql(f"CREATE TABLE t_new ({KEYED})", "INSERT INTO t_new VALUES (201, 'old', {h0})"),
            sql("ALTER TABLE t ATTACH PARTITION t_new FOR VALUES FROM (200) TO (300)"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a partition is detached",
        steps=(sql(*PARTS), run(0, 1), sql("ALTER TABLE t DETACH PARTITION t_high"), run(2)),
        want=Told(words="t_high is gone"),
    ),
    Case(
        rule="R32",
        name="a partition is detached, and reconciled",
        steps=(sql(*PARTS), run(0, 1), sql("ALTER TABLE t DETACH PARTITION t_high"), run(2), reconcile("--heal")),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a partition of a table that is appended to is detached",
        table=APPENDED,
        steps=(sql(*PARTS), run(0, 1), sql("ALTER TABLE t DETACH PARTITION t_high"), run(2)),
        want=Told(words="t_high is gone .* they are removed by: floodmark reload"),
    ),
    Case(
        rule="R32",
        name="a table that is appended to is emptied, and reloaded as it is said",
        table=APPENDED,
        steps=(TEN, run(0, 1), sql("TRUNCATE t"), run(2), reload()),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a partition is emptied, and the others are not",
        steps=(sql(*PARTS), run(0, 1), sql("TRUNCATE t_high"), run(2)),
        want=Told(words="t_high was emptied"),
    ),
    Case(
        rule="R32",
        name="a row goes from partition to partition, and gets another key",
        steps=(sql(*PARTS), run(0, 1), sql("UPDATE t SET id = 102, updated_at = {h2} WHERE id = 1"), run(2)),
        want=Told(words="1 rows too many"),
    ),
    Case(
        rule="R26",
        name="a column with a default is added",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int DEFAULT 5", ELEVENTH), run(2)),
        want=Told(words="lack the default of the new column"),
    ),
    Case(
        rule="R26",
        name="a column with a default is added, and no row comes",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int DEFAULT 5"), run(2)),
        want=Told(words="lack the default of the new column"),
    ),
    Case(
        rule="R26",
        name="a column with a default is added, and it is reloaded",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int DEFAULT 5", ELEVENTH), run(2), reload()),
        want=Equal(),
    ),
    Case(
        rule="R26",
        name="a column that is generated as it is read is added",
        steps=(
            TEN,
            run(0, 1),
            sql("ALTER TABLE t ADD w text GENERATED ALWAYS AS (v || '!') VIRTUAL"),
            sql("INSERT INTO t (id, v, updated_at) VALUES (11, 'eleventh', {h2})"),
            run(2),
        ),
        want=Told(words="lack the default of the new column"),
    ),
    Case(
        rule="R20",
        name="the column that partitions is another for a row",
        columns=f"{KEYED}, made date",
        table="{partition_by: made}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, '2026-10-01'), (2, 'b', {h0}, '2026-10-01')"),
            run(0, 1),
            sql("UPDATE t SET made = '2026-07-01', updated_at = {h2} WHERE id = 1"),
            run(2),
        ),
        want=Told(words="1 rows too many|more than once"),
    ),
    Case(
        rule="R26",
        name="a column without a default is added",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int", ELEVENTH), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R26",
        name="a column is added and filled, without the cursor",
        table="{recheck: 0}",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int", ELEVENTH), run(2), sql("UPDATE t SET w = id"), run(3)),
        want=Told(words="differ from the source"),
    ),
    _filled_unseen("told", want=Told(words="10 ranges of rows differ from the source: floodmark reconcile --heal")),
    _filled_unseen("reconciled", reconcile("--heal"), want=Equal()),
    _filled_unseen(
        "told of a table that is appended to",
        table="{recheck: 0, sync: append, cursor: updated_at}",
        want=Told(words="10 ranges of rows differ from the source: floodmark reload"),
    ),
    Case(
        rule="R26",
        name="a column is added, and nothing fills it",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t ADD w int"), run(2), balance()),
        want=Equal(columns="COUNT(*)", rows=[(10,)]),
    ),
    Case(
        rule="R32",
        name="a column is dropped",
        steps=(TEN, run(0, 1), sql("ALTER TABLE t DROP v", "UPDATE t SET updated_at = {h2} WHERE id < 3"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="the column of soft deletes is dropped",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, NULL)"),
            run(0, 1),
            sql("ALTER TABLE t DROP deleted_at"),
            run(2),
        ),
        want=Refused(words="deleted_at"),
    ),
    Case(
        rule="R32",
        name="the column of soft deletes is another of that name",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, NULL), (2, 'b', {h0}, {h0})"),
            run(0, 1),
            sql("ALTER TABLE t RENAME deleted_at TO archived_at", "ALTER TABLE t ADD deleted_at timestamptz"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="the table is written anew by VACUUM FULL, and nothing else",
        steps=(TEN, run(0, 1), sql("VACUUM FULL t"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="another table of a view changes",
        table="{from: seen, key: id, cursor: updated_at}",
        steps=(
            sql("CREATE TABLE names (id int, name text)", "INSERT INTO names VALUES (1, 'old')"),
            sql("CREATE VIEW seen AS SELECT t.id, n.name AS v, t.updated_at FROM t JOIN names n ON n.id = t.id"),
            sql("INSERT INTO t VALUES (1, 'a', {h0})"),
            run(0, 1),
            sql("UPDATE names SET name = 'new'", "UPDATE t SET v = 'new'"),
            run(2),
        ),
        want=Told(words="differ from the source"),
    ),
    Case(
        rule="R36",
        name="a materialized view is refreshed",
        table="{from: seen, key: id, cursor: updated_at}",
        steps=(
            sql("CREATE MATERIALIZED VIEW seen AS SELECT * FROM t"),
            TEN,
            sql("REFRESH MATERIALIZED VIEW seen"),
            run(0, 1),
            sql("UPDATE t SET v = 'new' WHERE id = 1", "REFRESH MATERIALIZED VIEW seen"),
            run(2),
        ),
        want=Told(words="differ from the source"),
    ),
)
