"""What somebody changed in current, row by row, as a whole, or in the columns of ours (R36)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Step, Told, balance, bigquery, each, reconcile, reload, run, sql

READ = each(sql("INSERT INTO t (id, v, updated_at) VALUES (1, 'a', {h0}), (2, 'b', {h0})"), run(0))
OLDER = (
    "UPDATE {current} SET v = 'older', _floodmark_read_at = TIMESTAMP_SUB(_floodmark_read_at, INTERVAL 1 DAY) "
    "WHERE TRUE"
)
"""As a copy of yesterday has it."""
APPEND = "{sync: append, cursor: updated_at}"


def _whole(name: str, *statements: str, words: str = "rows of current are not what the read of") -> Case:
    steps: tuple[Step, ...] = (READ, bigquery(*statements))
    return Case(
        rule="R36", name=f"of a table read whole, {name}", table="{sync: full}", steps=steps, want=Told(words=words)
    )


CASES = (
    _whole("a value is changed", "UPDATE {current} SET v = 'theirs' WHERE id = 1"),
    _whole("a key is changed", "UPDATE {current} SET id = 9 WHERE id = 1"),
    _whole(
        "a row gives way to another twice",
        "DELETE FROM {current} WHERE id = 1",
        "INSERT INTO {current} SELECT * FROM {current} WHERE id = 2",
    ),
    _whole("all rows are those of an older copy", OLDER),
    _whole(
        "a row bears a time to come",
        "UPDATE {current} SET _floodmark_read_at = TIMESTAMP '2999-01-01 00:00:00+00' WHERE id = 1",
        words="1 rows of current bear a time after the last read",
    ),
    _whole("current is emptied", "TRUNCATE TABLE {current}", words="2 rows of the source are missing"),
    Case(
        rule="R36",
        name="of a table read whole, a value is changed, and it is reloaded as the balance says",
        table="{sync: full}",
        steps=(READ, bigquery("UPDATE {current} SET v = 'theirs' WHERE id = 1"), balance(), reload()),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="of a table read whole, a value is changed, and the next run comes",
        table="{sync: full}",
        steps=(READ, bigquery("UPDATE {current} SET v = 'theirs' WHERE id = 1"), balance(), run(1)),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="of a table read whole, a value is changed after the rows of its read left raw",
        table="{sync: full}",
        steps=(
            READ,
            balance(),
            bigquery("DELETE FROM {raw} WHERE TRUE", "UPDATE {current} SET v = 'theirs' WHERE id = 1"),
        ),
        want=Told(words="current is not what the read of"),
    ),
    Case(
        rule="R36",
        name="of an append table, a value is changed",
        table=APPEND,
        steps=(READ, bigquery("UPDATE {current} SET v = 'theirs' WHERE id = 1")),
        want=Told(words="ranges of rows differ from the source: floodmark reload"),
    ),
    Case(
        rule="R36",
        name="of an append table, a value is changed, and it is reloaded as the balance says",
        table=APPEND,
        steps=(READ, bigquery("UPDATE {current} SET v = 'theirs' WHERE id = 1"), balance(), reload()),
        want=Equal(),
    ),
    Case(
        rule="R36",
        name="a row bears a time to come, so that an update passes it by",
        steps=(
            READ,
            bigquery("UPDATE {current} SET _floodmark_read_at = TIMESTAMP '2999-01-01 00:00:00+00' WHERE id = 1"),
            sql("UPDATE t SET v = 'new', updated_at = {h1} WHERE id = 1"),
            run(1),
            reconcile("--heal"),
        ),
        want=Told(words="1 rows of current bear no read's time, or one to come, .*floodmark reload --anew"),
    ),
    Case(
        rule="R36",
        name="a flag of a deleted row is turned",
        columns=f"{KEYED}, gone boolean",
        table="{deletes: {soft: gone, mode: flag}}",
        steps=(READ, bigquery("UPDATE {current} SET _floodmark_deleted = TRUE WHERE id = 1")),
        want=Told(words="_floodmark_deleted says of 1 rows something else"),
    ),
    Case(
        rule="R36",
        name="all rows of a keyed table are those of an older copy",
        steps=(READ, bigquery(OLDER)),
        want=Told(words="ranges of rows differ from the source: floodmark reconcile --heal"),
    ),
    Case(
        rule="R36",
        name="of a table read whole, a copy without labels stands in its place",
        table="{sync: full}",
        steps=(
            READ,
            bigquery(
                "CREATE TABLE {copy} AS SELECT * FROM {current}",
                "DROP TABLE {current}",
                "CREATE TABLE {current} AS SELECT id, 'older' AS v, updated_at, _floodmark_cursor, _floodmark_read_at "
                "FROM {copy}",
            ),
        ),
        want=Told(words="its label floodmark"),
    ),
)
