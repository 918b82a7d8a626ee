"""A ledger that knows less than its target: put back from an older copy, or lost and built anew (R15, R19, R36)."""

from __future__ import annotations

import shutil

from tests.silence.case import KEYED, Case, Equal, Refused, Step, Told, bigquery, reconcile, reload, run, sql, table
from tests.silence.shop import Shop

TEN = sql("INSERT INTO t SELECT g, 'v' || g, {h0} FROM generate_series(1, 10) g")
APPENDED = "{sync: append, cursor: updated_at}"


def keep() -> Step:
    """A copy of the ledger as it is."""
    return lambda shop: shutil.copy(shop.folder / "ledger.db", shop.folder / "copy.db") and None


def put_back() -> Step:
    """The copy takes the ledger's place."""
    return lambda shop: shutil.copy(shop.folder / "copy.db", shop.folder / "ledger.db") and None


def rebuilt() -> Step:
    """The ledger is lost, and built anew of what the target says."""

    def anew(shop: Shop) -> None:
        (shop.folder / "ledger.db").unlink()
        shop.command("ledger", "rebuild", shop.file)

    return anew


def _older(name: str, *between: Step, then: tuple[Step, ...], want: Equal | Refused | Told, table: str = "{}") -> Case:
    """Two slices are read; what happens ``between`` is forgotten, as the ledger is put back as it was before."""
    steps = (TEN, run(0, 1), keep(), *between, put_back(), *then)
    return Case(rule="R15", name=f"an older ledger, {name}", columns=KEYED, table=table, steps=steps, want=want)


CASES = (
    _older(
        "a row was inserted, and another comes",
        sql("INSERT INTO t VALUES (11, 'x', {h2})"),
        run(2),
        then=(sql("INSERT INTO t VALUES (12, 'y', {h3})"), run(3)),
        want=Refused(words="somebody else inserts"),
    ),
    _older(
        "a row was inserted, and none comes",
        sql("INSERT INTO t VALUES (11, 'x', {h2})"),
        run(2),
        then=(),
        want=Told(words="1 rows of current bear no read's time, or one to come"),
    ),
    _older(
        "a row was deleted by a reconcile, and another comes",
        sql("DELETE FROM t WHERE id = 1"),
        reconcile("--heal"),
        then=(sql("INSERT INTO t VALUES (12, 'y', {h2})"), run(2)),
        want=Refused(words="somebody else inserts"),
    ),
    _older(
        "the table was reloaded, and as many rows were others",
        sql("DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (31, 'other', {h0})"),
        reload(),
        then=(sql("UPDATE t SET v = 'new', updated_at = {h2} WHERE id = 5"), run(2)),
        want=Equal(),
    ),
    _older(
        "where was written, and is taken away again",
        table("{where: id < 5}"),
        run(2),
        then=(table("{}"), run(3)),
        want=Told(words="6 rows of the source are missing from current"),
    ),
    _older(
        "of a table that is appended to, a row goes to a later slice",
        sql("INSERT INTO t VALUES (11, 'x', {h2})"),
        run(2),
        then=(sql("UPDATE t SET updated_at = {h3} WHERE id = 11"), run(3)),
        table=APPENDED,
        want=Refused(words="somebody else inserts"),
    ),
    _older(
        "of a table that is read whole, a value changed and changed back",
        sql("UPDATE t SET v = 'new' WHERE id = 3"),
        run(2),
        then=(sql("UPDATE t SET v = 'v3' WHERE id = 3"), run(3)),
        table="{sync: full}",
        want=Equal(),
    ),
    Case(
        rule="R19",
        name="a ledger is lost and built anew, and rows had changed without their cursor",
        steps=(TEN, run(0, 1), sql("UPDATE t SET v = 'silent' WHERE id = 2"), rebuilt(), run(2)),
        want=Told(words="no read covers"),
    ),
    Case(
        rule="R19",
        name="a ledger is lost and built anew, and a table that is read whole was changed by somebody",
        table="{sync: full}",
        steps=(TEN, run(0, 1), bigquery("UPDATE {current} SET v = 'theirs' WHERE id = 3"), rebuilt(), run(2)),
        want=Equal(),
    ),
)
