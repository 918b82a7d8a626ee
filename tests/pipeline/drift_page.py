"""``docs/schema-changes.md`` out of the table: ``python -m tests.pipeline.drift_page > docs/schema-changes.md``."""

from __future__ import annotations

from collections.abc import Iterator

from tests.pipeline.drift_table import CHAPTERS, Drift

_HEAD = """\
# What a change of a table does

Every kind of change that PostgreSQL makes to a table, and what becomes of it in raw and current (R26, R29, R32 of
[the guarantees](guarantees.md)). This page is written from `tests/pipeline/drift_table.py` by
`python -m tests.pipeline.drift_page > docs/schema-changes.md`; a test keeps it current, and another makes each change
between two runs and holds current against the source: `tests/pipeline/test_drift.py`.

| word | what becomes of it |
| --- | --- |
| *exact* | the next run reads on, and current is the source |
| *followed* | current is the source after the next run, which says what it did |
| *told* | current differs from the source in what the page says; `status` or `prove` says so too, until it is healed |
| *refused* | nothing is read before somebody says what is to be; the message names what changed, and the remedy |

*Read whole*: the table is read whole and replaced by its next run ([configuration.md](configuration.md)). `schema` and
`renamed` there say what else can be asked for. A run that is *refused* goes on once the file allows it.

## When it happens

| when | what | test |
| --- | --- | --- |
"""
_BETWEEN = "tests/pipeline/test_schema_between.py::"
_WHEN = (
    ("between two runs", "as below", "tests/pipeline/test_drift.py::test_a_change_between_runs"),
    (
        "between a run's look and its snapshot",
        "it is decided anew, so it is as if it had come before the run",
        _BETWEEN + "test_a_change_after_the_look_is_decided_anew",
    ),
    (
        "in the middle of a read",
        "it waits until the read has ended: each read holds a lock on all that it reads (R1). What *goes through* "
        "decides no row of the snapshot, or shows in the next run",
        "tests/pipeline/test_drift.py::test_a_change_in_the_middle_of_a_read",
    ),
    (
        "between extract and load",
        "what was staged loads as it was read; the next run does as below",
        _BETWEEN + "test_what_was_staged_before_a_change_loads_and_the_next_run_acts_on_it",
    ),
    (
        "before a backfill",
        "slices from before it are read in the columns of now, beside rows that are there in those of then",
        _BETWEEN + "test_a_backfill_of_slices_from_before_the_changes_loads",
    ),
    (
        "while both tables are altered",
        "they are looked at before either is touched; whoever goes on after a kill alters what is left",
        "tests/pipeline/test_renamed.py::test_a_kill_between_the_two_tables_is_gone_on_from",
    ),
)


def text() -> str:
    """The page."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from (f"| {when} | {what} | `{test}` |\n" for when, what, test in _WHEN)
    for title, rows in CHAPTERS:
        yield f"\n## {title}\n\n| change | between runs | in the middle of a read |\n| --- | --- | --- |\n"
        for row in rows:
            yield f"| {row.what} | {_cell(row)} | {'goes through' if row.through else 'waits'} |\n"


def _cell(row: Drift) -> str:
    said = f"*{row.word}*"
    if row.becomes:
        said += f": {row.becomes}"
    if row.held_by:
        said += f" (`{row.held_by}`)"
    return said


def main() -> None:
    """Print it."""
    print(text(), end="")


if __name__ == "__main__":
    main()
