"""A table, a part or a column of it is another behind the same name, or holds other values, and no cursor moves."""

from __future__ import annotations

from tests.silence.case import Equal, Refused, Step, Told, own_select, reconcile, reload, run, sql
from tests.silence.mysql.table import KEYED, Case

NUMBERS = "id bigint PRIMARY KEY, v bigint, w bigint, updated_at timestamp(6) NOT NULL, KEY (updated_at)"
THREE = sql("INSERT INTO t VALUES (1, 1, 10, {h0}), (2, 2, 20, {h1}), (3, 3, 30, {h2})")
FOURTH = sql("INSERT INTO t (id, v, w, updated_at) VALUES (4, 900, 9, {h3})")
PARTED = "id bigint, v varchar(100), updated_at timestamp(6) NOT NULL, PRIMARY KEY (id), KEY (updated_at)"
PARTS = sql(
    "ALTER TABLE t PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (100), "
    "PARTITION high VALUES LESS THAN (200))",
    "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0}), (101, 'c', {h0})",
)
OTHER = (
    f"CREATE TABLE other ({PARTED})",
    "INSERT INTO other VALUES (102, 'old', {h0}), (103, 'old', {h0})",
)
TEXTS = "INSERT INTO t VALUES (1, 'é', {h0}), (2, 'b', {h0})"
MOOD = KEYED.replace("varchar(100)", "enum('sad', 'ok')")


def _after_three(
    name: str, *steps: Step, want: Equal | Refused | Told, left_out: tuple[str, ...] = (), table: str = "{}"
) -> Case:
    """Three slices are read, something happens in the catalog, and a fourth row comes."""
    return Case(
        rule="R32", name=name, columns=NUMBERS, want=want, left_out=left_out, table=table,
        steps=(THREE, run(0, 1, 2), *steps, FOURTH, run(3)),
    )  # fmt: skip


def _filled(name: str, *steps: Step, want: Equal | Told) -> Case:
    """Rows get a value in a column that current doesn't have, since no row has come after it."""
    fill = sql("ALTER TABLE t ADD x int", "UPDATE t SET x = 5, updated_at = updated_at")
    return Case(rule="R26", name=name, columns=NUMBERS, want=want, steps=(THREE, run(0, 1, 2), fill, run(3), *steps))


def _parts(name: str, *steps: Step, want: Equal | Refused | Told) -> Case:
    """Two slices of a table in two parts are read, and something happens to a part."""
    return Case(rule="M22", name=name, columns=PARTED, steps=(PARTS, run(0, 1), *steps, run(2)), want=want)


CASES = (
    _after_three(
        "a swap of tables",
        sql(
            f"CREATE TABLE other ({NUMBERS})",
            "INSERT INTO other VALUES (9, 9, 9, {h0})",
            "RENAME TABLE t TO t_old, other TO t",
        ),
        want=Equal(),
    ),
    _after_three("a table is made anew", sql("DROP TABLE t", f"CREATE TABLE t ({NUMBERS})"), want=Equal()),
    _after_three("TRUNCATE", sql("TRUNCATE TABLE t"), want=Equal()),
    _after_three(
        "a column is dropped and added, at once",
        sql("ALTER TABLE t DROP COLUMN v, ADD COLUMN v bigint DEFAULT 5, ALGORITHM = INSTANT"),
        want=Equal(),
    ),
    _after_three(
        "the last column is dropped and added, at once",
        sql("ALTER TABLE t MODIFY w bigint AFTER updated_at"),
        run(2),
        sql("ALTER TABLE t DROP COLUMN w, ALGORITHM = INSTANT"),
        sql("ALTER TABLE t ADD COLUMN w bigint DEFAULT 5, ALGORITHM = INSTANT"),
        table="{balance_share: 100%}",
        want=Told(words="differ from the source"),
    ),
    _after_three(
        "two columns are swapped, at once",
        sql("ALTER TABLE t CHANGE v w bigint, CHANGE w v bigint, ALGORITHM = INSTANT"),
        want=Equal(),
    ),
    _after_three("a column is moved, at once", sql("ALTER TABLE t MODIFY w bigint AFTER id"), want=Equal()),
    _after_three(
        "a column with a default is added at once",
        sql("ALTER TABLE t ADD x int DEFAULT 5, ALGORITHM = INSTANT"),
        want=Told(words="lack the default of the new column"),
    ),
    _after_three("a column without one is added at once", sql("ALTER TABLE t ADD x int"), want=Equal()),
    _filled("a column is added and filled, and no row comes", want=Told(words="differ from the source")),
    _filled("a column is added and filled, and reconciled", reconcile("--heal"), want=Equal()),
    _after_three("a column goes at once", sql("ALTER TABLE t DROP COLUMN w", "ALTER TABLE t ADD w2 int"),
                 sql("ALTER TABLE t CHANGE w2 w int"), want=Equal()),
    _after_three("the table is built anew, and nothing else", sql("ALTER TABLE t FORCE"), want=Equal()),
    _after_three("an index comes", sql("ALTER TABLE t ADD INDEX (v)"), want=Equal()),
    _after_three(
        "a text becomes a number",
        sql("ALTER TABLE t MODIFY v varchar(20)", "UPDATE t SET v = CONCAT(v, '0')", "ALTER TABLE t MODIFY v bigint"),
        want=Equal(),
    ),
    _after_three(
        "a number loses its sign, and goes beyond",
        sql("ALTER TABLE t MODIFY v bigint unsigned", "INSERT INTO t VALUES (5, 18446744073709551615, 1, {h3})"),
        want=Equal(),
    ),
    _after_three(
        "the primary key gains a column",
        sql("ALTER TABLE t MODIFY w bigint NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, w)"),
        want=Equal(),
    ),
    _after_three(
        "the cursor loses its digits",
        sql("UPDATE t SET updated_at = updated_at + INTERVAL 0.9 SECOND WHERE id = 3"),
        run(2),
        sql("ALTER TABLE t MODIFY updated_at timestamp NOT NULL"),
        want=Equal(),
    ),
    _parts(
        "a part is exchanged for a table with rows of old cursors",
        sql(*OTHER, "ALTER TABLE t EXCHANGE PARTITION high WITH TABLE other"),
        want=Told(words="#P#high is gone"),
    ),
    _parts(
        "a part is exchanged for a table with rows of old cursors, and reconciled",
        sql(*OTHER, "ALTER TABLE t EXCHANGE PARTITION high WITH TABLE other"),
        run(2),
        reconcile("--heal"),
        want=Equal(),
    ),
    _parts(
        "a new part comes by exchange, with rows of old cursors",
        sql("ALTER TABLE t ADD PARTITION (PARTITION newest VALUES LESS THAN (300))"),
        sql(*(one.replace("(102", "(202").replace("(103", "(203") for one in OTHER)),
        sql("ALTER TABLE t EXCHANGE PARTITION newest WITH TABLE other"),
        want=Equal(),
    ),
    _parts("a part is dropped", sql("ALTER TABLE t DROP PARTITION high"), want=Told(words="is gone")),
    _parts(
        "a part is dropped, and reconciled",
        sql("ALTER TABLE t DROP PARTITION high"),
        run(2),
        reconcile("--heal"),
        want=Equal(),
    ),
    _parts("a part is emptied", sql("ALTER TABLE t TRUNCATE PARTITION high"), want=Told(words="is gone")),
    _parts(
        "the parts are cut otherwise",
        sql("ALTER TABLE t REORGANIZE PARTITION low, high INTO (PARTITION whole VALUES LESS THAN (200))"),
        want=Equal(),
    ),
    _parts("the parts become one table", sql("ALTER TABLE t REMOVE PARTITIONING"), want=Equal()),
    Case(
        rule="M24",
        name="a column's charset becomes one that lacks some letters",
        columns=KEYED,
        steps=(
            sql(TEXTS.replace("é", "😀")),
            run(0, 1),
            sql("SET sql_mode = ''", "ALTER TABLE t MODIFY v varchar(100) CHARACTER SET latin1"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="M24",
        name="a column's bytes are taken for another charset's",
        columns=KEYED,
        steps=(
            sql(TEXTS),
            run(0, 1),
            sql("ALTER TABLE t MODIFY v varbinary(400)", "ALTER TABLE t MODIFY v varchar(100) CHARACTER SET latin1"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="M24",
        name="a text is cut to fewer characters",
        columns=KEYED,
        steps=(
            sql(TEXTS.replace("'b'", "'bcd'")),
            run(0, 1),
            sql("SET sql_mode = ''", "ALTER TABLE t MODIFY v varchar(1)"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="an enum gains a label",
        columns=MOOD,
        steps=(
            sql("INSERT INTO t VALUES (1, 'sad', {h0}), (2, 'ok', {h0})"),
            run(0, 1),
            sql("ALTER TABLE t MODIFY v enum('sad', 'ok', 'blue')", "INSERT INTO t VALUES (3, 'blue', {h2})"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="an enum's label is another, and its rows are the empty text",
        columns=MOOD,
        steps=(
            sql("INSERT INTO t VALUES (1, 'sad', {h0}), (2, 'ok', {h0})"),
            run(0, 1),
            sql("SET sql_mode = ''", "ALTER TABLE t MODIFY v enum('blue', 'ok')"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="an enum's label is renamed by way of a third",
        columns=MOOD,
        steps=(
            sql("INSERT INTO t VALUES (1, 'sad', {h0}), (2, 'ok', {h0})"),
            run(0, 1),
            sql(
                "ALTER TABLE t MODIFY v enum('sad', 'ok', 'blue')",
                "UPDATE t SET v = 'blue', updated_at = updated_at WHERE v = 'sad'",
                "ALTER TABLE t MODIFY v enum('blue', 'ok')",
            ),
            run(2),
        ),
        want=Equal(),
    ),
    *(
        Case(
            rule="R29",
            name=f"a generated column gets another expression, {kind.lower()}",
            columns=f"{KEYED}, w varchar(101) AS (CONCAT(v, '!')) {kind}",
            steps=(
                sql("INSERT INTO t (id, v, updated_at) VALUES (1, 'a', {h0})"),
                run(0, 1),
                sql(f"ALTER TABLE t MODIFY w varchar(101) AS (CONCAT(v, '?')) {kind}"),
                run(2),
            ),
            want=Equal(),
        )
        for kind in ("VIRTUAL", "STORED")
    ),
    Case(
        rule="R29",
        name="a view is replaced",
        columns=KEYED,
        table="{from: seen, key: id, cursor: updated_at}",
        where="id < 2",
        steps=(
            sql("CREATE VIEW seen AS SELECT * FROM t", TEXTS),
            run(0, 1),
            sql("CREATE OR REPLACE VIEW seen AS SELECT * FROM t WHERE id < 2"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a view beneath a view is replaced",
        columns=KEYED,
        table="{from: seen, key: id, cursor: updated_at}",
        where="id < 2",
        steps=(
            sql("CREATE VIEW beneath AS SELECT * FROM t", "CREATE VIEW seen AS SELECT * FROM beneath", TEXTS),
            run(0, 1),
            sql("CREATE OR REPLACE VIEW beneath AS SELECT * FROM t WHERE id < 2"),
            run(2),
        ),
        want=Told(words="all but 1 rows too many"),
    ),
    Case(
        rule="R29",
        name="the table behind a view is swapped",
        columns=KEYED,
        table="{from: seen, key: id, cursor: updated_at, balance_share: 100%}",
        steps=(
            sql("CREATE VIEW seen AS SELECT * FROM t", TEXTS),
            run(0, 1),
            sql(f"CREATE TABLE other ({KEYED})", TEXTS.replace("INTO t", "INTO other").replace("'b'", "'other'")),
            sql("RENAME TABLE t TO t_old, other TO t"),
            run(2),
        ),
        want=Told(words="differ from the source"),
    ),
    Case(
        rule="R29",
        name="an own SELECT is edited",
        columns=KEYED,
        table="{key: id}",
        steps=(
            own_select("SELECT id, v, updated_at FROM t"),
            sql(TEXTS),
            run(0),
            own_select("SELECT id, v, updated_at FROM t WHERE id < 2"),
            run(1),
        ),
        want=Equal(columns="id", rows=[(1,)]),
    ),
    Case(
        rule="R29",
        name="another table of an own SELECT changes",
        columns=KEYED,
        table="{key: id, balance_share: 100%}",
        steps=(
            sql("CREATE TABLE names (id int, name varchar(10))", "INSERT INTO names VALUES (1, 'old'), (2, 'b')"),
            own_select("SELECT t.id, n.name AS v, t.updated_at FROM t JOIN names n ON n.id = t.id"),
            sql(TEXTS),
            run(0, 1),
            sql("UPDATE names SET name = 'new' WHERE id = 1", "UPDATE t SET v = 'new', updated_at = updated_at"),
            run(2),
        ),
        want=Told(words="differ from the source"),
    ),
    Case(
        rule="R23",
        name="a reload on demand forgets what was deleted",
        columns=KEYED,
        steps=(sql(TEXTS), run(0), sql("DELETE FROM t WHERE id = 1"), reload()),
        want=Equal(),
    ),
)  # fmt: skip
