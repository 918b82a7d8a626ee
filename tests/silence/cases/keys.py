"""Keys: what is one in PostgreSQL is one in BigQuery, and what no index proves is held against both ends (R30, R36)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Refused, Told, own_select, reload, run, sql

CODED = KEYED.replace("v text", "code text NOT NULL")
BLIND = (
    "CREATE COLLATION blind (provider = libc, locale = 'C')",
    "ALTER TABLE t ADD k text COLLATE blind PRIMARY KEY",
    "SET allow_system_table_mods = on",
    "UPDATE pg_collation SET collisdeterministic = false WHERE collname = 'blind'",
)
"""As ICU would make it, which this server may have been built without."""


def _twice(name: str, *steps: object, table: str = "{key: code}", want: Equal | Refused | Told) -> Case:
    """Two rows have one code, by which the file tells rows apart; no index does."""
    return Case(rule="R36", name=name, columns=CODED, table=table, key=("code",), steps=steps, want=want)  # type: ignore[arg-type]


CASES = (
    Case(
        rule="R30",
        name="a key of double precision that loses its sign at zero",
        columns="k float8 PRIMARY KEY, v text, updated_at timestamptz NOT NULL",
        key=("k",),
        steps=(
            sql("INSERT INTO t VALUES ('-0', 'old', {h0})"),
            run(0),
            sql("UPDATE t SET k = '0', v = 'new', updated_at = {h1}"),
            run(1),
        ),
        want=Equal(columns="k, v", rows=[(0.0, "new")]),
    ),
    Case(
        rule="R30",
        name="a key of char(5)",
        columns="k char(5) PRIMARY KEY, v text, updated_at timestamptz NOT NULL",
        key=("k",),
        steps=(
            sql("INSERT INTO t VALUES ('a', 'old', {h0})"),
            run(0),
            sql("UPDATE t SET k = 'a    ', v = 'new', updated_at = {h1}", "ALTER TABLE t ALTER k TYPE char(9)"),
            run(1),
        ),
        want=Equal(columns="k, v", rows=[("a", "new")]),
    ),
    Case(
        rule="R30",
        name="a key of a moment without end",
        columns="k timestamptz PRIMARY KEY, v text, updated_at timestamptz NOT NULL",
        key=("k",),
        steps=(sql("INSERT INTO t VALUES ('2026-01-01Z', 'a', {h0}), ('infinity', 'b', {h0})"), run(0)),
        want=Equal(columns="v", rows=[("a",)]),
    ),
    Case(
        rule="R30",
        name="a key of a collation that is blind to case",
        columns="id bigint, v text, updated_at timestamptz NOT NULL",
        table="{key: k}",
        key=("k",),
        steps=(
            sql(*BLIND),
            run(0),
        ),
        want=Refused(words="collation"),
    ),
    Case(
        rule="R30",
        name="a key of a collation that is blind to case, through an own SELECT",
        columns="id bigint, v text, updated_at timestamptz NOT NULL",
        table="{key: k}",
        key=("k",),
        steps=(
            sql(*BLIND),
            own_select("SELECT k, v, updated_at FROM t"),
            run(0),
        ),
        want=Refused(words="collation"),
    ),
    Case(
        rule="R30",
        name="two rows change their keys for each other's",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET id = 3 - id + 10, updated_at = {h1}", "UPDATE t SET id = id - 10"),
            run(1),
        ),
        want=Equal(),
    ),
    _twice(
        "a declared key that no index proves, twice in one slice",
        sql("INSERT INTO t VALUES (1, 'same', {h0}), (2, 'same', {h0})"),
        run(0),
        want=Refused(words="more than once in one read"),
    ),
    _twice(
        "a declared key that no index proves, twice in a first load of the whole",
        sql("INSERT INTO t VALUES (1, 'same', {h0}), (2, 'same', {h1})"),
        run(0, 1),
        table="{key: code, first_load: whole}",
        want=Refused(words="more than once in one read"),
    ),
    _twice(
        "a declared key that no index proves, twice in a later slice",
        sql("INSERT INTO t VALUES (1, 'one', {h0})"),
        run(0),
        sql("INSERT INTO t VALUES (2, 'same', {h1}), (3, 'same', {h1})"),
        run(1),
        want=Refused(words="more than once in one read"),
    ),
    _twice(
        "a declared key that no index proves, twice in two slices and a reload",
        sql("INSERT INTO t VALUES (1, 'same', {h0})"),
        run(0),
        sql("INSERT INTO t VALUES (2, 'same', {h1})"),
        run(1),
        reload(),
        want=Refused(words="more than once in one read"),
    ),
    _twice(
        "a unique index that is taken away, and two rows of one key",
        sql("ALTER TABLE t ADD UNIQUE (code)", "INSERT INTO t VALUES (1, 'same', {h0})"),
        run(0),
        sql("ALTER TABLE t DROP CONSTRAINT t_code_key", "INSERT INTO t VALUES (2, 'same', {h1})"),
        run(1),
        want=Told(words="missing from current"),
    ),
    Case(
        rule="R36",
        name="a table that is appended to holds all rows of one code",
        columns=CODED,
        table="{sync: append, cursor: updated_at}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'same', {h0}), (2, 'same', {h0})"),
            run(0),
            sql("INSERT INTO t VALUES (3, 'same', {h1})"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="a row goes from a table that is appended to",
        table="{sync: append, cursor: updated_at}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0, 1),
            sql("DELETE FROM t WHERE id = 1"),
            run(2),
        ),
        want=Told(words="1 rows too many"),
    ),
    Case(
        rule="R36",
        name="rows with old cursors come to a table that is appended to",
        table="{sync: append, cursor: updated_at, recheck: 0}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0, 1, 2),
            sql("INSERT INTO t VALUES (3, 'c', {h0})"),
            run(3),
        ),
        want=Told(words="missing from current"),
    ),
)
