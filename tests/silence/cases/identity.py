"""What decided the rows is another later: the file, or what a column and a table are in the catalog (R29, R32)."""

from __future__ import annotations

from tests.silence.case import (
    KEYED,
    Case,
    Equal,
    Refused,
    Step,
    Told,
    check,
    own_select,
    plan,
    reconcile,
    run,
    sql,
    table,
)

TEN = sql("INSERT INTO t SELECT g, 'v' || g, {h0} FROM generate_series(1, 10) g")
NUMBERS = "id bigint PRIMARY KEY, v bigint, w bigint, updated_at timestamptz NOT NULL"
THREE = sql(
    "INSERT INTO t VALUES (1, 1, 10, {h0}), (2, 2, 20, {h1}), (3, 3, 30, {h2})",
)
FOURTH = sql("INSERT INTO t (id, v, w, updated_at) VALUES (4, 900, 9, {h3})")


def _after_three(name: str, *steps: Step, want: Equal | Refused | Told, left_out: tuple[str, ...] = ()) -> Case:
    """Three slices are read, something happens in the catalog, and a fourth row comes."""
    steps = (THREE, run(0, 1, 2), *steps, FOURTH, run(3))
    return Case(rule="R32", name=name, columns=NUMBERS, steps=steps, want=want, left_out=left_out)


CASES = (
    Case(
        rule="R29",
        name="a wider where",
        table="{where: id <= 8}",
        where="id <= 10",
        steps=(TEN, run(0), table("{where: id <= 10}"), run(1)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a narrower where",
        table="{where: id <= 8}",
        where="id <= 3",
        steps=(TEN, run(0), table("{where: id <= 3}"), run(1)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a where that is told by prove before its run",
        table="{where: id <= 8}",
        where="id <= 3",
        steps=(TEN, run(0), table("{where: id <= 3}")),
        want=Told(words="where: id <= 8 -> id <= 3"),
    ),
    Case(
        rule="R29",
        name="another where in parts of a large table",
        table="{where: id <= 8, first_load_rows: 3}",
        where="id <> 2",
        steps=(TEN, run(0), table("{where: id <> 2, first_load_rows: 3}"), run(1)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="another key",
        columns=f"{KEYED}, grp int NOT NULL UNIQUE",
        key=("grp",),
        steps=(
            sql("INSERT INTO t SELECT g, 'v', {h0}, 100 - g FROM generate_series(1, 4) g"),
            run(0),
            table("{key: grp}"),
            sql("UPDATE t SET v = 'w', updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a better cursor comes later",
        columns="id int PRIMARY KEY, v text, modified_at timestamptz NOT NULL",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0})"),
            run(0),
            sql("ALTER TABLE t ADD updated_at timestamptz DEFAULT '2020-01-01'"),
            sql("INSERT INTO t VALUES (2, 'b', {h1})", "UPDATE t SET modified_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a derived cursor is dropped",
        columns="id int PRIMARY KEY, v text, modified_at timestamptz NOT NULL, updated_at timestamptz NOT NULL",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, {h0})"),
            run(0),
            sql("ALTER TABLE t DROP updated_at", "INSERT INTO t VALUES (2, 'b', {h1})"),
            run(1),
        ),
        want=Refused(words=r"updated_at\W+that was derived is not in"),
    ),
    Case(
        rule="R29",
        name="a derived cursor is renamed",
        left_out=("changed_on",),
        steps=(TEN, run(0), sql("ALTER TABLE t RENAME updated_at TO changed_on"), run(1)),
        want=Refused(words=r"updated_at\W+that was derived is not in"),
    ),
    Case(
        rule="R29",
        name="a column is excluded later",
        left_out=("v",),
        steps=(TEN, run(0), table("{columns: {exclude: [v]}}"), sql("UPDATE t SET updated_at = {h1}"), run(1)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a glob matches nothing",
        table="{columns: {exclude: [V]}}",
        steps=(TEN, check(), run(0)),
        want=Refused(words=r"V\W+matches no column"),
    ),
    Case(
        rule="R29",
        name="an excluded column is renamed",
        left_out=("email", "remark", "v"),
        columns=f"{KEYED}, email text",
        table="{columns: {exclude: ['email*', v]}}",
        steps=(TEN, run(0), sql("ALTER TABLE t RENAME v TO remark", "ALTER TABLE t ADD v int"), run(1)),
        want=Refused(words="the one that was excluded as"),
    ),
    Case(
        rule="R29",
        name="an own SELECT computes and renames",
        table="{key: id}",
        steps=(
            own_select("SELECT id, upper(v) AS v_upper, length(v) / 2.0 AS half, updated_at FROM t; -- note"),
            sql("INSERT INTO t VALUES (1, 'abc', {h0})"),
            run(0),
        ),
        want=Equal(columns="id, v_upper, CAST(half AS FLOAT64)", rows=[(1, "ABC", 1.5)]),
    ),
    Case(
        rule="R29",
        name="an own SELECT appears later",
        steps=(TEN, run(0), own_select("SELECT id, 'x' || id AS v, updated_at FROM t WHERE id < 3"), run(1)),
        want=Equal(columns="id, v", rows=[(1, "x1"), (2, "x2")]),
    ),
    Case(
        rule="R29",
        name="an own SELECT is edited",
        table="{key: id}",
        steps=(
            own_select("SELECT id, v, updated_at FROM t"),
            TEN,
            run(0),
            own_select("SELECT id, v, updated_at FROM t WHERE id < 3"),
            run(1),
        ),
        want=Equal(columns="id", rows=[(1,), (2,)]),
    ),
    Case(
        rule="R29",
        name="a where that leaves its parentheses",
        table="{where: 'true) OR (true'}",
        steps=(TEN, check(), run(0)),
        want=Refused(words="closes a parenthesis"),
    ),
    Case(
        rule="R29",
        name="a where with a comment",
        table="{where: 'id <= 3 -- no more'}",
        where="id <= 3",
        steps=(TEN, check(), run(0)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="soft deletes are declared later",
        columns=f"{KEYED}, deleted_at timestamptz",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, NULL), (2, 'b', {h0}, {h0})"),
            run(0),
            table("{deletes: {soft: deleted_at}}"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a time zone is mended",
        columns="id int PRIMARY KEY, v text, updated_at timestamp NOT NULL",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', '2026-11-01 00:10'), (2, 'b', '2026-11-01 01:10')"),
            run(0),
            table("{timezone: Europe/Berlin}"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="partition_by is written later",
        columns=f"{KEYED}, created_at timestamptz DEFAULT '2026-11-01'",
        steps=(TEN, run(0), table("{partition_by: created_at}"), run(1)),
        want=Refused(words="floodmark reload --anew"),
    ),
    Case(
        rule="R29",
        name="the start lies in the future",
        table="{start: 2127-01-01}",
        steps=(TEN, plan(), run(0)),
        want=Told(words="nothing is due before its start|nothing has been read"),
    ),
    Case(
        rule="R29",
        name="a view is replaced",
        table="{from: seen, key: id, cursor: updated_at}",
        where="id < 3",
        steps=(
            sql("CREATE VIEW seen AS SELECT * FROM t"),
            TEN,
            run(0),
            sql("CREATE OR REPLACE VIEW seen AS SELECT * FROM t WHERE id < 3"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="an enum's label is renamed",
        columns="id int PRIMARY KEY, v text, updated_at timestamptz NOT NULL",
        steps=(
            sql("CREATE TYPE mood AS ENUM ('sad', 'ok')", "ALTER TABLE t ALTER v TYPE mood USING v::mood"),
            sql("INSERT INTO t VALUES (1, 'sad', {h0})"),
            run(0),
            sql("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "ALTER TYPE mood ADD VALUE 'new'"),
            run(1),
        ),
        want=Equal(columns="id, v", rows=[(1, "blue")]),
    ),
    _after_three("a type's values change", sql("ALTER TABLE t ALTER v TYPE bigint USING v * 100"), want=Equal()),
    _after_three(
        "a column is dropped and added",
        sql("ALTER TABLE t DROP v", "ALTER TABLE t ADD v bigint DEFAULT 5"),
        want=Equal(),
    ),
    _after_three(
        "two columns are swapped",
        sql(
            "ALTER TABLE t RENAME v TO x",
            "ALTER TABLE t RENAME w TO v",
            "ALTER TABLE t RENAME x TO w",
        ),
        want=Equal(),
    ),
    _after_three(
        "a swap of tables",
        sql(
            f"CREATE TABLE other ({NUMBERS})",
            "INSERT INTO other VALUES (9, 9, 9, {h0})",
            "ALTER TABLE t RENAME TO t_old",
            "ALTER TABLE other RENAME TO t",
        ),
        want=Equal(),
    ),
    _after_three("a table is made anew", sql("DROP TABLE t", f"CREATE TABLE t ({NUMBERS})"), want=Equal()),
    _after_three("TRUNCATE", sql("TRUNCATE t"), want=Told(words="public.t was emptied")),
    _after_three(
        "TRUNCATE, and other rows that are frozen as they come",
        sql(
            "BEGIN; TRUNCATE t; COPY t FROM PROGRAM 'printf \"1\\t7\\t8\\t2026-11-01 00:10Z\\n\"' WITH (FREEZE); COMMIT"
        ),
        want=Equal(),
    ),
    _after_three(
        "TRUNCATE and a reconcile",
        sql("TRUNCATE t", "INSERT INTO t VALUES (3, 3, 30, {h3})"),
        run(3),
        reconcile("--heal"),
        want=Equal(),
    ),
    _after_three(
        "the primary key gains a column",
        sql("ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (id, w)"),
        want=Equal(),
    ),
    _after_three(
        "the primary key moves to a new uuid column",
        sql(
            "ALTER TABLE t ADD uid uuid DEFAULT gen_random_uuid()",
            "ALTER TABLE t DROP CONSTRAINT t_pkey",
            "ALTER TABLE t ADD PRIMARY KEY (uid)",
        ),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a decimal gains digits",
        columns="id bigint PRIMARY KEY, n bigint, updated_at timestamptz NOT NULL",
        steps=(
            sql("INSERT INTO t VALUES (1, 1, {h0})"),
            run(0),
            sql("ALTER TABLE t ALTER n TYPE numeric(20, 4)", "UPDATE t SET n = 1.2345"),
            run(1),
        ),
        want=Equal(),
    ),
    _after_three(
        "a column is gained and another's type changed at once",
        sql("ALTER TABLE t ADD extra text", "ALTER TABLE t ALTER w TYPE text USING 'x' || w"),
        want=Equal(),
        left_out=("w",),  # it goes to w__string
    ),
)
