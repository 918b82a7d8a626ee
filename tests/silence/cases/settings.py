"""The file says something else later (R29)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, Refused, Step, Told, own_select, plan, run, sql, table

TEN = sql("INSERT INTO t SELECT g, 'v' || g, {h0} FROM generate_series(1, 10) g")
TWO_TABLES = "{{to: {}}}\n  u: {{to: {}}}"


def no_own_select() -> Step:
    """The file with a SELECT of one's own is taken away."""
    return lambda shop: (shop.folder / "shop" / "t.sql").unlink()


def another_ledger() -> Step:
    """The file names another ledger, as that of a second Floodmark would."""

    def replaced(shop: object) -> None:
        shop.file.write_text(shop.file.read_text().replace("ledger.db", "second.db"))  # type: ignore[attr-defined]

    return replaced


def _later(
    name: str, before: str, after: str, *, want: Equal | Refused | Told, columns: str = KEYED, rows: str = "",
    where: str = "", deleted: str = "", left_out: tuple[str, ...] = (), key: tuple[str, ...] = ("id",),
) -> Case:  # fmt: skip
    """Two slices are read, the table's mapping is written anew, and a third is."""
    return Case(
        rule="R29", name=name, columns=columns, table=before, where=where, deleted=deleted, left_out=left_out, key=key,
        steps=(sql(rows) if rows else TEN, run(0, 1), table(after), plan(), run(2)), want=want,
    )  # fmt: skip


CASES = (
    _later(
        "columns are named, and then one more",
        "{columns: {include: [id, updated_at]}}",
        "{columns: {include: [id, v, updated_at]}}",
        want=Equal(),
    ),
    _later(
        "columns are named, and then one less",
        "{columns: {include: [id, v, updated_at]}}",
        "{columns: {include: [id, updated_at]}}",
        left_out=("v",),
        want=Equal(columns="COUNT(*)", rows=[(10,)]),
    ),
    _later(
        "rows without a cursor are included later",
        "{null_cursor: ignore}",
        "{null_cursor: include}",
        columns=KEYED.replace(" NOT NULL", ""),
        rows="INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', NULL)",
        want=Equal(),
    ),
    _later(
        "rows without a cursor are ignored later",
        "{null_cursor: include}",
        "{null_cursor: ignore}",
        columns=KEYED.replace(" NOT NULL", ""),
        rows="INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', NULL)",
        where="updated_at IS NOT NULL",
        want=Equal(),
    ),
    _later(
        "rows that are marked as deleted are removed rather than flagged",
        "{deletes: {soft: deleted_at, mode: flag}}",
        "{deletes: {soft: deleted_at}}",
        columns=f"{KEYED}, deleted_at timestamptz",
        rows="INSERT INTO t VALUES (1, 'a', {h0}, NULL), (2, 'b', {h0}, {h0})",
        deleted="deleted_at",
        want=Equal(),
    ),
    _later(
        "rows that are marked as deleted are kept",
        "{deletes: {soft: deleted_at}}",
        "{}",
        columns=f"{KEYED}, deleted_at timestamptz",
        rows="INSERT INTO t VALUES (1, 'a', {h0}, NULL), (2, 'b', {h0}, {h0})",
        want=Equal(),
    ),
    _later("a table without slices gets them", "{sync: full}", "{sync: incremental, cursor: updated_at}", want=Equal()),
    _later("a table with slices is read whole each time", "{}", "{sync: full}", want=Equal()),
    _later("a table is appended to later", "{}", "{sync: append, cursor: updated_at}", want=Equal()),
    _later("a table is keyed later", "{sync: append, cursor: updated_at}", "{}", want=Equal()),
    _later(
        "a day is another in another zone",
        "{cursor: updated_at}",
        "{cursor: updated_at, timezone: Pacific/Auckland}",
        columns="id bigint PRIMARY KEY, v text, updated_at date NOT NULL",
        rows="INSERT INTO t VALUES (1, 'a', '2026-11-01')",
        want=Equal(),
    ),
    _later(
        "rows leave where by their key alone, later",
        "{where: id < 5, leaving: ignore}",
        "{where: id < 5}",
        where="id < 5",
        want=Equal(),
    ),
    _later("where is taken away", "{where: id < 5}", "{}", want=Equal()),
    _later("where is written later", "{}", "{where: id < 5}", where="id < 5", want=Equal()),
    _later("bad values are held out later", "{}", "{bad_values: quarantine}", want=Equal()),
    _later("the target is another", "{}", "{to: u}", want=Equal()),
    _later("the target is another, and its slices were never read", "{recheck: 0}", "{to: u}", want=Equal()),
    Case(
        rule="R29",
        name="the target is another, and what prove says of that",
        steps=(TEN, run(0, 1), table("{to: u}"), sql("UPDATE t SET v = 'new', updated_at = {h2} WHERE id = 1"), run(2)),
        want=Told(words="no read covers"),
    ),
    Case(
        rule="R19",
        name="two tables change their targets for each other's",
        table=TWO_TABLES.format("t", "u"),
        steps=(
            sql(f"CREATE TABLE u ({KEYED})", "INSERT INTO u VALUES (70, 'of u', {h0})"),
            TEN,
            run(0, 1),
            table(TWO_TABLES.format("u", "t")),
            run(2),
        ),
        want=Equal(columns="id, v", rows=[(70, "of u")]),
    ),
    Case(
        rule="R29",
        name="an own SELECT is taken away",
        table="{key: id}",
        steps=(own_select("SELECT id, v, updated_at FROM t WHERE id < 3"), TEN, run(0, 1), no_own_select(), run(2)),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a column is excluded, and prove says so before the next run",
        steps=(TEN, run(0, 1), table("{columns: {exclude: [v]}}")),
        want=Told(words="the file excludes or masks v by now"),
    ),
    Case(
        rule="R29",
        name="a column is excluded no more, and prove says so before the next run",
        table="{columns: {exclude: [v]}}",
        steps=(TEN, run(0, 1), table("{}")),
        want=Told(words="is carried from now on"),
    ),
    Case(
        rule="R29",
        name="an own SELECT is edited, and prove says so before the next run",
        table="{key: id}",
        where="id < 3",
        steps=(
            own_select("SELECT id, v, updated_at FROM t"),
            TEN,
            run(0, 1),
            own_select("SELECT id, v, updated_at FROM t WHERE id < 3"),
        ),
        want=Told(words="another SELECT"),
    ),
    Case(
        rule="R29",
        name="an own SELECT appears, and prove says so before the next run",
        table="{key: id}",
        where="id < 3",
        steps=(TEN, run(0, 1), own_select("SELECT id, v, updated_at FROM t WHERE id < 3")),
        want=Told(words="another SELECT"),
    ),
    Case(
        rule="R19",
        name="a second Floodmark with a ledger of its own",
        steps=(TEN, run(0, 1), another_ledger(), sql("UPDATE t SET v = 'new', updated_at = {h2} WHERE id = 1"), run(2)),
        want=Refused(words="ledger rebuild"),
    ),
)
