"""What writers do that no cursor shows, or that shows otherwise than they did it (M1-M5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.silence.case import Equal, Step, Told, each, reconcile, run, sql
from tests.silence.mysql.table import DATETIME, KEYED, PAST, TWO, Case
from tests.silence.shop import Shop

PARENT = (
    "CREATE TABLE p (code varchar(10) PRIMARY KEY)",
    "INSERT INTO p VALUES ('a'), ('b')",
)
CHILD = KEYED.replace("v varchar(100)", "v varchar(10)")
FAMILY = each(
    sql(*PARENT, "ALTER TABLE t ADD FOREIGN KEY (v) REFERENCES p (code) ON UPDATE CASCADE ON DELETE SET NULL"),
    PAST,
)
ALL = "{balance_share: 100%}"
MISSING = "rows of the source are missing from current"
DIFFER = "differ from the source"


def at(moment: str, *statements: str, zone: str = "+00:00") -> Step:
    """Statements whose NOW() is this moment of UTC, by a session of a zone of its own."""
    return sql(f"SET timestamp = UNIX_TIMESTAMP({moment})", f"SET time_zone = '{zone}'", *statements)


def load_data(columns: str, *lines: str, then: str = "") -> Step:
    """LOAD DATA from a file of the client's."""

    def loaded(shop: Shop) -> None:
        with NamedTemporaryFile("w", suffix=".csv") as file:
            Path(file.name).write_text("\n".join(lines) + "\n")
            shop.sql(
                f"SET timestamp = UNIX_TIMESTAMP({then})",
                f"LOAD DATA LOCAL INFILE '{file.name}' REPLACE INTO TABLE t FIELDS TERMINATED BY ',' ({columns})",
            )

    return loaded


APPENDED = Case(
    rule="R36",
    name="an append table loses a row and gains one of the same hour",
    columns="v varchar(10), updated_at timestamp(6) NOT NULL, KEY (updated_at)",
    table="{sync: append, cursor: updated_at, balance_share: 100%}",
    steps=(
        sql("INSERT INTO t VALUES ('a', {h0}), ('a', {h0}), ('b', {h0})"),
        run(0, 1),
        sql("DELETE FROM t WHERE v = 'b'", "INSERT INTO t VALUES ('c', {h0})"),
        run(2),
    ),
    want=Told(words=DIFFER),
)
CASES = (
    APPENDED,
    replace(
        APPENDED,
        name="an append table of equal rows balances",
        steps=APPENDED.steps[:2],
        want=Equal(),
    ),
    Case(
        rule="M4",
        name="a parent's key changes and its children's rows with it, unseen",
        columns=CHILD,
        table=ALL,
        steps=(FAMILY, sql("UPDATE p SET code = 'z' WHERE code = 'a'"), run(2)),
        want=Told(words=DIFFER),
    ),
    Case(
        rule="M4",
        name="a parent's key changes, and it is reconciled",
        columns=CHILD,
        steps=(FAMILY, sql("UPDATE p SET code = 'z' WHERE code = 'a'"), run(2), reconcile("--heal")),
        want=Equal(),
    ),
    Case(
        rule="M4",
        name="a parent goes and its children's column becomes NULL, unseen",
        columns=CHILD,
        table=ALL,
        steps=(FAMILY, sql("DELETE FROM p WHERE code = 'b'"), run(2)),
        want=Told(words=DIFFER),
    ),
    Case(
        rule="M4",
        name="a parent goes and its children with it",
        columns=CHILD,
        steps=(
            sql(*PARENT, "ALTER TABLE t ADD FOREIGN KEY (v) REFERENCES p (code) ON DELETE CASCADE"),
            PAST,
            sql("DELETE FROM p WHERE code = 'b'"),
            run(2),
        ),
        want=Told(words="1 rows too many"),
    ),
    Case(
        rule="M4",
        name="a key moves by a cascade",
        columns="id varchar(10) PRIMARY KEY, updated_at timestamp(6) NOT NULL, KEY (updated_at)",
        steps=(
            sql(*PARENT, "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES p (code) ON UPDATE CASCADE"),
            sql("INSERT INTO t VALUES ('a', {h0}), ('b', {h0})"),
            run(0, 1),
            sql("UPDATE p SET code = 'z' WHERE code = 'a'"),
            run(2),
        ),
        want=Told(words=MISSING),
    ),
    Case(
        rule="M4",
        name="an upsert with equal values moves nothing",
        steps=(
            PAST,
            at("{h2}", "INSERT INTO t VALUES (1, 'a', {h0}) ON DUPLICATE KEY UPDATE v = 'a'"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="M4",
        name="an upsert with another value",
        steps=(PAST, at("{h2}", "INSERT INTO t (id, v) VALUES (1, 'x') ON DUPLICATE KEY UPDATE v = 'x'"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="M4",
        name="REPLACE with equal values, with the cursor's default",
        steps=(PAST, at("{h2}", "REPLACE INTO t (id, v) VALUES (1, 'a')"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="M4",
        name="REPLACE by another unique key takes another row away",
        columns=KEYED + ", UNIQUE (v)",
        steps=(PAST, at("{h2}", "REPLACE INTO t (id, v) VALUES (3, 'a')"), run(2)),
        want=Told(words="1 rows too many"),
    ),
    Case(
        rule="M1",
        name="a session sets its clock back, as an applier does",
        steps=(PAST, at("{h0}", "INSERT INTO t (id, v) VALUES (3, 'old')"), run(2)),
        want=Told(words=MISSING),
    ),
    Case(
        rule="M1",
        name="a session sets its clock back while it changes a row",
        table=ALL,
        steps=(PAST, at("{h0}", "UPDATE t SET v = 'silent' WHERE id = 2"), run(2)),
        want=Told(words=DIFFER),
    ),
    Case(
        rule="M1",
        name="rows are imported with the cursor that they had elsewhere",
        steps=(PAST, sql("INSERT INTO t VALUES (3, 'old', {h0})"), run(2), reconcile("--heal")),
        want=Equal(),
    ),
    Case(
        rule="M1",
        name="LOAD DATA with the cursor's default",
        steps=(PAST, load_data("id, v", "1,again", "3,new", then="{h2}"), run(2)),
        want=Equal(),
    ),
    Case(
        rule="M1",
        name="LOAD DATA with an old cursor",
        steps=(PAST, load_data("id, v, updated_at", "3,new,2026-11-01 00:10:00", then="{h2}"), run(2)),
        want=Told(words=MISSING),
    ),
    Case(
        rule="M1",
        name="a trigger writes rows in the name of another statement",
        steps=(
            sql("CREATE TABLE p (id bigint)"),
            sql("CREATE TRIGGER noted AFTER INSERT ON p FOR EACH ROW UPDATE t SET v = 'by trigger' WHERE id = NEW.id"),
            PAST,
            at("{h2}", "INSERT INTO p VALUES (1)"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="M1",
        name="a trigger keeps the cursor as it was",
        table=ALL,
        steps=(
            sql("CREATE TRIGGER kept BEFORE UPDATE ON t FOR EACH ROW SET NEW.updated_at = OLD.updated_at"),
            PAST,
            at("{h2}", "UPDATE t SET v = 'silent' WHERE id = 1"),
            run(2),
        ),
        want=Told(words=DIFFER),
    ),
    Case(
        rule="M2",
        name="a cursor of whole seconds at a slice's edge",
        columns=KEYED.replace("(6)", ""),
        steps=(
            sql(
                "INSERT INTO t VALUES (1, 'a', '2026-11-01 00:59:59'), (2, 'b', '2026-11-01 01:00:00')",
                "INSERT INTO t VALUES (3, 'c', '2026-11-01 00:59:59.9'), (4, 'd', '2026-11-01 01:00:00.4')",
            ),
            run(0, 1),
        ),
        want=Equal(),
    ),
    Case(
        rule="M3",
        name="sessions of several zones write a TIMESTAMP",
        steps=(
            at("{h0}", "INSERT INTO t (id, v) VALUES (1, 'utc')"),
            at("{h0}", "INSERT INTO t (id, v) VALUES (2, 'east')", zone="+05:00"),
            run(0, 1),
            at("{h2}", "UPDATE t SET v = 'west' WHERE id = 1", zone="-08:00"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="M3",
        name="a session of a western zone writes a DATETIME, into an hour that was read",
        columns=DATETIME,
        steps=(
            at("{h2}", "INSERT INTO t (id, v) VALUES (1, 'utc')"),
            run(0, 1, 2),
            at("{h6}", "INSERT INTO t (id, v) VALUES (2, 'west')", zone="-06:00"),
            run(3, 4, 5, 6),
        ),
        want=Told(words=MISSING),
    ),
    Case(
        rule="M3",
        name="a session of an eastern zone writes a DATETIME, which its hour finds",
        columns=DATETIME,
        steps=(
            at("{h0}", "INSERT INTO t (id, v) VALUES (1, 'utc')"),
            run(0),
            at("{h1}", "INSERT INTO t (id, v) VALUES (2, 'east')", zone="+02:00"),
            run(1, 2, 3),
        ),
        want=Equal(),
    ),
    Case(
        rule="M3",
        name="the server's zone becomes another, and a TIMESTAMP stays",
        steps=(
            TWO,
            sql("SET GLOBAL time_zone = '+09:00'"),
            at("{h1}", "UPDATE t SET v = 'c' WHERE id = 2", zone="+09:00"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="M3",
        name="the server's zone becomes another, and a DATETIME goes back",
        columns=DATETIME,
        steps=(
            at("{h3}", "INSERT INTO t (id, v) VALUES (1, 'a')"),
            run(0, 1, 2, 3),
            sql("SET GLOBAL time_zone = '-02:00'"),
            at("{h4}", "INSERT INTO t (id, v) VALUES (2, 'back')", zone="-02:00"),
            run(4),
        ),
        want=Told(words=MISSING),
    ),
    Case(
        rule="M5",
        name="a prepared transaction whose session is gone commits later",
        steps=(
            sql("XA START 'old'", "INSERT INTO t VALUES (1, 'a', {h0})", "XA END 'old'", "XA PREPARE 'old'"),
            run(0),
            sql("XA COMMIT 'old'"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="M5",
        name="a prepared transaction whose session is gone waits",
        steps=(
            sql("XA START 'old'", "INSERT INTO t VALUES (1, 'a', {h0})", "XA END 'old'", "XA PREPARE 'old'"),
            run(0),
        ),
        want=Told(words="prepared transaction"),
    ),
    Case(
        rule="M12",
        name="the server is read only, as a replica is",
        steps=(sql("INSERT INTO t VALUES (1, 'a', {h0})", "SET GLOBAL read_only = 1"), run(0)),
        want=Told(words="replica"),
    ),
)
