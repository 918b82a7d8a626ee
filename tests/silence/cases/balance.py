"""Rows that no cursor shows, and other writers of current (R36)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Told, bigquery, each, reconcile, reload, run, sql

TWO = each(sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"), run(0))
"""Two rows, read and sealed."""
PAST = each(TWO, run(1))
"""The same, and a slice after them: no later run looks where they are."""

CASES = (
    Case(
        rule="R36",
        name="rows with an old cursor are imported",
        steps=(PAST, sql("INSERT INTO t VALUES (3, 'old', {h0})"), run(2)),
        want=Told(words="rows of the source are missing from current"),
    ),
    Case(
        rule="R36",
        name="rows with an old cursor are imported, and reconciled",
        steps=(PAST, sql("INSERT INTO t VALUES (3, 'old', {h0})"), run(2), reconcile("--heal")),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="a key moves by a cascade, without its cursor",
        steps=(PAST, sql("UPDATE t SET id = 20 WHERE id = 2"), run(2)),
        want=Told(words="rows of the source are missing from current"),
    ),
    Case(
        rule="R36",
        name="a trigger is switched off while a row changes",
        table="{balance_share: 100%}",
        steps=(PAST, sql("UPDATE t SET v = 'silent' WHERE id = 2"), run(2)),
        want=Told(words="ranges of rows differ from the source"),
    ),
    Case(
        rule="R36",
        name="somebody inserts into current",
        steps=(
            TWO,
            bigquery("INSERT INTO {current} (id, v) VALUES (77, 'alien')"),
            sql("INSERT INTO t VALUES (3, 'c', {h1})"),
            run(1),
        ),
        want=Told(words="somebody else"),
    ),
    Case(
        rule="R36",
        name="somebody deletes from current",
        steps=(TWO, bigquery("DELETE FROM {current} WHERE id = 2"), run(1)),
        want=Told(words="missing from current"),
    ),
    Case(
        rule="R36",
        name="somebody truncates current, and it is reloaded",
        steps=(TWO, bigquery("TRUNCATE TABLE {current}"), run(1), reload()),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="a declared key that no index proves, twice in two slices",
        columns=KEYED.replace("v text", "code text NOT NULL"),
        table="{key: code}",
        key=("code",),
        steps=(
            sql("INSERT INTO t VALUES (1, 'same', {h0})"),
            run(0),
            sql("INSERT INTO t VALUES (2, 'same', {h1})"),
            run(1),
        ),
        want=Told(words="missing from current"),
    ),
    Case(
        rule="R22",
        name="rows without a cursor that are declared to be ignored are counted and said",
        columns=KEYED.replace("NOT NULL", ""),
        table="{null_cursor: ignore}",
        where="updated_at IS NOT NULL",
        steps=(TWO, sql("INSERT INTO t VALUES (3, 'timeless', NULL)"), run(1)),
        want=Equal(),
    ),
)
