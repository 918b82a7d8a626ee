"""Raw before a merge and after it (R33). What happens in between: tests/pipeline/test_held.py."""

from __future__ import annotations

from tests.silence.case import Case, Equal, Refused, bigquery, check, reconcile, reload, run, source, sql

CASES = (
    Case(
        rule="R33",
        name="raw that would expire before it is merged is refused",
        steps=(sql("INSERT INTO t VALUES (1, 'a', {h0})"), source("retention: {raw: 1d}"), check(), run(0)),
        want=Refused(words="shorter than three days"),
    ),
    Case(
        rule="R33",
        name="raw emptied between two runs, and before a reload and a reconcile",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})"),
            run(0),
            bigquery("DELETE FROM {raw} WHERE TRUE"),
            sql("UPDATE t SET v = 'c', updated_at = {h1} WHERE id = 1"),
            run(1),
            bigquery("DELETE FROM {raw} WHERE TRUE"),
            reload(),
            reconcile(),
        ),
        want=Equal(),
    ),
)
