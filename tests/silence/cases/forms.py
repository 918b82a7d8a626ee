"""Values that become others of the same meaning, or the same look, without their cursor (R28, R36)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Refused, Told, run, sql

DIFFERS = Told(words="1 ranges of rows differ from the source: floodmark reconcile --heal")


def _form(name: str, kind: str, before: str, after: str, want: Equal | Refused | Told = DIFFERS) -> Case:
    """A row whose value ``x`` is written in another way, and its cursor isn't moved."""
    return Case(
        rule="R36",
        name=f"{name}, without the cursor",
        columns=f"{KEYED}, x {kind}",
        steps=(
            sql(f"INSERT INTO t VALUES (1, 'a', {{h0}}, {before})"),
            run(0, 1, 2),
            sql(f"UPDATE t SET x = {after}"),
            run(3),
        ),
        want=want,
    )


CASES = (
    _form("NULL becomes an empty array", "int[]", "NULL", "'{}'"),
    _form("an array gets another lower bound", "int[]", "'{1,2}'", "'[0:1]={1,2}'"),
    _form("an array gets another dimension", "int[]", "'{1,2,3,4}'", "'{{1,2},{3,4}}'"),
    _form("a document is written with a space", "json", """'{"a":1}'""", """'{"a": 1}'"""),
    _form("a document names a key twice", "json", """'{"a":2}'""", """'{"a":1,"a":2}'"""),
    _form("a number gets a zero behind its point", "numeric", "1.5", "1.50"),
    _form("a letter is composed", "text", r"U&'e\0301'", r"U&'\00e9'"),
    _form("a text gets a space at its end", "text", "'a'", "'a '"),
    _form("an interval of a day is one of hours", "interval", "'1 day'", "'24:00'"),
    _form("no end becomes no beginning", "timestamptz", "'infinity'", "'-infinity'"),
    Case(
        rule="R36",
        name="a table is renamed that a value names",
        columns=f"{KEYED}, x regclass",
        steps=(
            sql("CREATE TABLE other ()", "INSERT INTO t VALUES (1, 'a', {h0}, 'other')"),
            run(0, 1),
            sql("ALTER TABLE other RENAME TO another"),
            run(2),
        ),
        want=DIFFERS,
    ),
)
