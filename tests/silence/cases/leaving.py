"""Rows that leave ``where`` (R37)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, run, sql

CASES = (
    Case(
        rule="R37",
        name="a row becomes done",
        table="{where: v <> 'done'}",
        where="v <> 'done'",
        steps=(
            sql("INSERT INTO t VALUES (1, 'new', {h0}), (2, 'new', {h0}), (3, 'done', {h0})"),
            run(0),
            sql("UPDATE t SET v = 'done', updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R37",
        name="a condition that becomes unknown, and a partition",
        columns=f"{KEYED}, made date",
        table="{where: v <> 'done', partition_by: made}",
        where="v <> 'done'",
        steps=(
            sql("INSERT INTO t VALUES (1, 'new', {h0}, '2026-10-01'), (2, 'new', {h0}, NULL), (3, 'new', {h0}, NULL)"),
            run(0),
            sql("UPDATE t SET v = NULL, updated_at = {h1} WHERE id IN (1, 2)"),
            run(1),
        ),
        want=Equal(),
    ),
)
