"""Values that can't be held, keys of several texts, and rows that count as deleted (R22, R25, R30, R31)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Refused, Told, each, reconcile, reload, run, sql

VALID = f"{KEYED}, valid_to timestamptz"
INFINITY = '{"valid_to": "infinity"}'
BAD = (
    sql("INSERT INTO t VALUES (1, 'old', {h0}, '2026-12-31Z')"),
    run(0),
    sql(
        "UPDATE t SET v = 'new', valid_to = 'infinity', updated_at = {h1} WHERE id = 1",
        "INSERT INTO t VALUES (2, 'other', {h1}, 'infinity')",
    ),
    run(1),
)
SEVERAL = "several texts"


def _key(type_: str, before: str, after: str, *, want: Equal | Refused) -> Case:
    """A row whose key is written in another way, and updated."""
    return Case(
        rule="R30",
        name=f"a key of {type_} that is written in another way is one row, or refused",
        columns=f"k {type_} PRIMARY KEY, v text, updated_at timestamptz NOT NULL",
        key=("k",),
        steps=(
            sql(f"INSERT INTO t VALUES ({before}, 'old', {{h0}})"),
            run(0),
            sql(f"UPDATE t SET k = {after}, v = 'new', updated_at = {{h1}}"),
            run(1),
        ),
        want=want,
    )


def _never_null(name: str, table: str, live: str, want: Equal | Refused) -> Case:
    """A soft delete column that is never NULL."""
    return Case(
        rule="R25",
        name=name,
        columns=f"{KEYED}, deleted_at timestamptz NOT NULL DEFAULT '{live}'",
        table=table,
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET deleted_at = now(), updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=want,
    )


CASES = (
    Case(
        rule="R31",
        name="a row with a value that can't be held travels without it",
        columns=VALID,
        steps=BAD,
        want=Equal(
            columns="id, v, valid_to, _floodmark_unheld",
            rows=[(1, "new", None, INFINITY), (2, "other", None, INFINITY)],
        ),
    ),
    Case(
        rule="R31",
        name="under quarantine an older version leaves",
        columns=VALID,
        table="{bad_values: quarantine}",
        steps=BAD,
        want=Equal(columns="id", rows=[]),
    ),
    Case(
        rule="R31",
        name="a value that is mended takes its text away",
        columns=VALID,
        steps=(*BAD, sql("UPDATE t SET valid_to = NULL, updated_at = {h2}"), run(2)),
        want=Equal(columns="id, _floodmark_unheld", rows=[(1, None), (2, None)]),
    ),
    Case(
        rule="R31",
        name="a soft delete and a bad value in one update",
        columns=f"{VALID}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET deleted_at = now(), valid_to = 'infinity', updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(columns="id", rows=[(2,)]),
    ),
    Case(
        rule="R31",
        name="under fail nothing wrong stands",
        columns=VALID,
        table="{bad_values: fail}",
        steps=BAD,
        want=Refused(words="bad_values: encode"),
    ),
    Case(
        rule="R31",
        name="a silent change to such a value is healed by a reconcile",
        columns=VALID,
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            each(run(0), run(1), run(2)),
            sql("UPDATE t SET valid_to = 'infinity' WHERE id = 1"),
            reconcile("--heal"),
        ),
        want=Equal(columns="id, _floodmark_unheld", rows=[(1, INFINITY), (2, None)]),
    ),
    Case(
        rule="R31",
        name="a reload brings such rows",
        columns=VALID,
        steps=(*BAD, reload()),
        want=Equal(columns="id, _floodmark_unheld", rows=[(1, INFINITY), (2, INFINITY)]),
    ),
    _key("numeric", "1.10", "1.1", want=Equal(columns="k, v", rows=[("1.1", "new")])),
    _key("float8", "0", "'-0'", want=Equal(columns="v", rows=[("new",)])),
    _key("interval", "'1 day'", "'24:00:00'", want=Refused(words=SEVERAL)),
    _key("jsonb", "'1.0'", "'1.00'", want=Refused(words=SEVERAL)),
    _key("numrange", "'[1.0,2)'", "'[1.00,2)'", want=Refused(words=SEVERAL)),
    _key("numeric[]", "'{1.0}'", "'{1.00}'", want=Refused(words=SEVERAL)),
    Case(
        rule="R30",
        name="a key with a NULL in it, unique nulls not distinct",
        columns="tenant int NOT NULL, code text, v text, updated_at timestamptz NOT NULL, "
        "UNIQUE NULLS NOT DISTINCT (tenant, code)",
        table="{key: [tenant, code]}",
        key=("tenant", "code"),
        steps=(
            sql("INSERT INTO t VALUES (1, NULL, 'old', {h0})"),
            run(0),
            sql("UPDATE t SET v = 'new', updated_at = {h1}"),
            run(1),
        ),
        want=Refused(words="may be NULL"),
    ),
    _never_null(
        "everything would count as deleted", "{deletes: {soft: deleted_at}}", "0001-01-01", Refused(words="never NULL")
    ),
    _never_null(
        "a row lives by a declared value",
        "{deletes: {soft: deleted_at, live: '0001-01-01'}}",
        "0001-01-01",
        Equal(columns="id, deleted_at", rows=[(2, None)]),
    ),
    _never_null(
        "a row lives by a value that can't be held",
        "{deletes: {soft: deleted_at, live: infinity}}",
        "infinity",
        Equal(columns="id, deleted_at", rows=[(2, None)]),
    ),
    Case(
        rule="R25",
        name="a row's cursor is set to before the start, where deletes are marked",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0, 1),
            sql("UPDATE t SET v = 'c', updated_at = '2020-01-01Z' WHERE id = 1"),
            run(2),
        ),
        want=Told(words="1 rows too many .*; where their cursor lies in no slice any more: floodmark reload"),
    ),
    Case(
        rule="R25",
        name="a row's cursor is set to before the start, and it is reloaded as it is said",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0, 1),
            sql("UPDATE t SET v = 'c', updated_at = '2020-01-01Z' WHERE id = 1"),
            run(2),
            reload(),
        ),
        want=Equal(),
    ),
    Case(
        rule="R25",
        name="a reconcile after the primary key gained a column",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql(
                "ALTER TABLE t ADD line int NOT NULL DEFAULT 0, DROP CONSTRAINT t_pkey",
                "ALTER TABLE t ADD PRIMARY KEY (id, line)",
            ),
            each(run(1), reconcile("--heal")),
        ),
        key=("id", "line"),
        want=Equal(),
    ),
)
