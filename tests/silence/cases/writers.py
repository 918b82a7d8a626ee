"""What the core already holds, so that the suite is known to compare: plain changes, soft deletes, reloads."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, reload, run, sql

CASES = (
    Case(
        rule="R13",
        name="a row that changes in each hour is in current as it was last",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET v = 'c', updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R25",
        name="a soft delete leaves current",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET deleted_at = now(), updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R23",
        name="a reload on demand forgets what was deleted",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            sql("DELETE FROM t WHERE id = 1"),
            reload(),
        ),
        want=Equal(columns="id, v", rows=[(2, "b")]),
    ),
)
