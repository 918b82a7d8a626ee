"""What somebody else does to the target, and rows that are told by their number alone (R22, R36)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Refused, Step, Told, balance, bigquery, reload, run, sql

TWO = sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0})")
THIRD = sql("INSERT INTO t VALUES (3, 'c', {h2})")
DROP = "ALTER TABLE {current} DROP COLUMN"


def _idle(name: str, *statements: str, words: str, table: str = "{}", columns: str = KEYED) -> Case:
    """Two slices are read and balanced, somebody else writes to BigQuery, and no row comes any more."""
    rows = sql("INSERT INTO t (id, v, updated_at) VALUES (1, 'a', {h0}), (2, 'b', {h0})")
    steps = (rows, run(0, 1), balance(), bigquery(*statements), run(2))
    return Case(
        rule="R36", name=f"somebody {name}, and no row comes", columns=columns, table=table, steps=steps,
        want=Told(words=words),
    )  # fmt: skip


def _stranger(name: str, *statements: str, want: Equal | Refused | Told, then: tuple[Step, ...] = ()) -> Case:
    """Two slices are read, somebody else writes to BigQuery, and a third is read."""
    steps = (TWO, run(0, 1), bigquery(*statements), THIRD, run(2), *then)
    return Case(rule="R36", name=f"somebody {name}", steps=steps, want=want)


CASES = (
    _stranger(
        "changes a row of current", "UPDATE {current} SET v = 'theirs' WHERE id = 1", want=Told(words="differ from")
    ),
    _stranger(
        "takes a row of current and puts another there",
        "DELETE FROM {current} WHERE id = 1",
        "INSERT INTO {current} (id, v, updated_at, _floodmark_cursor, _floodmark_read_at) SELECT 9, v, updated_at, "
        "_floodmark_cursor, _floodmark_read_at FROM {current} WHERE id = 2",
        want=Told(words="missing from current"),
    ),
    _stranger(
        "drops a column of current",
        "ALTER TABLE {current} DROP COLUMN v",
        want=Refused(words="lacks the columns v that it had"),
    ),
    _stranger(
        "renames a column of current, and it is reloaded",
        "ALTER TABLE {current} RENAME COLUMN v TO vv",
        then=(reload(),),
        want=Equal(),
    ),
    _idle("drops a column of current", f"{DROP} v", words="lacks the columns v that it had"),
    _idle(
        "drops a column of current that is appended to",
        f"{DROP} v",
        table="{sync: append, cursor: updated_at}",
        words="lacks the columns v that it had",
    ),
    _idle("drops the time of each read", f"{DROP} _floodmark_read_at", words="lacks the columns _floodmark_read_at"),
    Case(
        rule="R36",
        name="somebody drops the cursor of each row, and it is reloaded as the balance says",
        steps=(TWO, run(0, 1), bigquery(f"{DROP} _floodmark_cursor"), run(2), balance(), reload()),
        want=Refused(words="lacks the columns _floodmark_cursor that it had.*floodmark reload"),
    ),
    _idle("drops the key's column", f"{DROP} id", table="{cluster_by: [v]}", words="lacks the columns id that it had"),
    _idle(
        "drops the flag of what is deleted",
        f"{DROP} _floodmark_deleted",
        columns=f"{KEYED}, gone boolean",
        table="{deletes: {soft: gone, mode: flag}}",
        words="_floodmark_deleted says of 2 rows something else",
    ),
    _idle(
        "makes floats of integers",
        "ALTER TABLE {current} ALTER COLUMN n SET DATA TYPE FLOAT64",
        columns=f"{KEYED}, n bigint DEFAULT 9007199254740993",
        words="n is FLOAT64.*floodmark reload --anew",
    ),
    _idle(
        "takes the cursor from a row",
        "UPDATE {current} SET _floodmark_cursor = NULL WHERE id = 1",
        words="in 1 rows of current _floodmark_cursor is another moment than in the source.*floodmark reload",
    ),
    Case(
        rule="R36",
        name="somebody has two columns of current change their names",
        columns=f"{KEYED}, w text",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, 'b')"),
            run(0, 1),
            bigquery(*(f"ALTER TABLE {{current}} RENAME COLUMN {one}" for one in ("v TO x", "w TO v", "x TO w"))),
            run(2),
        ),
        want=Told(words="1 ranges of rows differ from the source: floodmark reconcile --heal"),
    ),
    Case(
        rule="R36",
        name="somebody fills a column that the source has later",
        steps=(
            TWO,
            run(0, 1),
            bigquery("ALTER TABLE {current} ADD COLUMN w INT64", "UPDATE {current} SET w = 7 WHERE TRUE"),
            sql("ALTER TABLE t ADD w bigint", "UPDATE t SET w = 1, updated_at = {h2} WHERE id = 1"),
            run(2),
        ),
        want=Told(words="1 ranges of rows differ from the source: floodmark reconcile --heal"),
    ),
    _stranger("adds a column to current", "ALTER TABLE {current} ADD COLUMN theirs STRING", want=Equal()),
    _stranger("drops current", "DROP TABLE {current}", want=Refused(words="is gone")),
    _stranger("drops raw", "DROP TABLE {raw}", want=Equal()),
    _stranger(
        "makes current anew, empty",
        "CREATE OR REPLACE TABLE {current} AS SELECT * FROM {current} WHERE FALSE",
        want=Refused(words="label|not ours|no label|ledger|floodmark"),
    ),
    Case(
        rule="R36",
        name="a view stands where the target is to be",
        steps=(TWO, bigquery("CREATE VIEW {current} AS SELECT 1 AS id, 'x' AS v"), run(0, 1)),
        want=Refused(words="view|VIEW|not a table|label"),
    ),
    Case(
        rule="R22",
        name="a row whose cursor lies in the future",
        steps=(TWO, run(0, 1), sql("INSERT INTO t VALUES (3, 'later', '2199-01-01')"), run(2)),
        want=Equal(columns="id", rows=[(1,), (2,)]),
    ),
    Case(
        rule="R36",
        name="a row is deleted for good where deletes are marked",
        columns=f"{KEYED}, deleted_at timestamptz",
        table="{deletes: {soft: deleted_at}}",
        deleted="deleted_at",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, NULL), (2, 'b', {h0}, NULL)"),
            run(0, 1),
            sql("DELETE FROM t WHERE id = 1"),
            run(2),
        ),
        want=Told(words="1 rows too many"),
    ),
    Case(
        rule="R36",
        name="rows that were deleted and put back with their old cursors",
        table="{recheck: 0}",
        steps=(TWO, run(0, 1), sql("UPDATE t SET v = 'put back', updated_at = {h0} WHERE id = 1"), run(2)),
        want=Told(words="differ from"),
    ),
    Case(
        rule="R36",
        name="the database's own zone is another, and rows come with times of before",
        columns="id bigint PRIMARY KEY, v text, updated_at timestamp NOT NULL",
        table="{recheck: 0}",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', '2026-11-01 05:10')"),
            run(5, 6),
            sql("INSERT INTO t VALUES (2, 'b', '2026-11-01 02:10')"),
            run(7),
        ),
        want=Told(words="missing from current|no read covers"),
    ),
)
