"""What the server shows otherwise than it holds it, and tables that no snapshot holds still (M13-M16)."""

from __future__ import annotations

import os

from tests.silence.case import Equal, Refused, Step, run, sql
from tests.silence.mysql.table import KEYED, PAST, TWO, Case
from tests.silence.shop import Shop

READER = "silence_reader"
SECRET = f"{KEYED}, secret varchar(10) DEFAULT 's'"
SOME_ALONE = "may read some columns of public.t alone.*GRANT SELECT ON `.*`.`t` TO '.*'@'%'"
ROWS = "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', {h0}), (3, 'c', {h0})"


def as_reader() -> Step:
    """The file's connection logs in as one whom init_connect concerns: an account without SUPER."""

    def changed(shop: Shop) -> None:
        shop.sql(f"CREATE USER IF NOT EXISTS {READER}", f"GRANT SELECT, PROCESS, SLAVE MONITOR ON *.* TO {READER}")
        os.environ["AIRFLOW_CONN_SHOP_DB"] = shop.database.dsn.replace("root@", f"{READER}@")

    return changed


def unsaid(words: str) -> Step:
    """``prove`` doesn't say so."""

    def asked(shop: Shop) -> None:
        answer = shop.command("prove", shop.file)
        assert words not in answer.out + answer.err

    return asked


def as_account(*rights: str, of: str = "t", sees: bool = True) -> Step:
    """The file's connection logs in as one who has these rights ``of`` a table, and ``sees`` all sessions."""

    def changed(shop: Shop) -> None:
        t = f"`{shop.database.dbname}`.{of}"
        shop.sql(f"DROP USER IF EXISTS {READER}", f"CREATE USER {READER}")
        shop.sql(*([f"GRANT PROCESS ON *.* TO {READER}"] if sees else []))
        shop.sql(*(f"GRANT {right} ON {t} TO {READER}" for right in rights))
        os.environ["AIRFLOW_CONN_SHOP_DB"] = shop.database.dsn.replace("root@", f"{READER}@")

    return changed


def _setting(
    name: str, *settings: str, rows: str = ROWS, columns: str = KEYED, where: str = "", reader: bool = False
) -> Case:
    """A setting of the whole server, before the first read."""
    steps = (sql(rows, *settings), *([as_reader()] if reader else []), run(0))
    table = f'{{where: "{where}"}}' if where else "{}"
    return Case(rule="M15", name=name, columns=columns, table=table, where=where, steps=steps, want=Equal())


CASES = (
    _setting("every SELECT is cut after a row", "SET GLOBAL sql_select_limit = 1"),
    _setting("every SELECT of more than a row is refused", "SET GLOBAL max_join_size = 1"),
    _setting("init_connect cuts every SELECT", "SET GLOBAL init_connect = 'SET sql_select_limit = 1'", reader=True),
    _setting(
        "all sessions see a versioned table as it was before",
        "ALTER TABLE t ADD SYSTEM VERSIONING",
        "SET GLOBAL system_versioning_asof = '2026-01-01'",
    ),
    _setting("sessions read what others commit meanwhile", "SET GLOBAL tx_isolation = 'READ-COMMITTED'"),
    _setting("statements end after a moment", "SET GLOBAL max_statement_time = 0.001"),
    _setting(
        "names are quoted by the mode of another database",
        "SET GLOBAL sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE'",
        rows="INSERT INTO t VALUES (1, 'a\\\\''\"b', {h0}), (2, '', {h0})",
        columns=KEYED.replace("varchar(100)", "char(100)"),
    ),
    _setting(
        "connections speak latin1",
        "SET GLOBAL init_connect = 'SET NAMES latin1'",
        reader=True,
        rows="INSERT INTO t VALUES (1, 'é€😀', {h0})",
    ),
    _setting(
        "a column is invisible",
        "ALTER TABLE t ADD hidden varchar(10) INVISIBLE DEFAULT 'x'",
        "UPDATE t SET hidden = CONCAT('h', id), updated_at = updated_at",
    ),
    _setting(
        "a where with words of its own",
        "SET GLOBAL sql_mode = 'HIGH_NOT_PRECEDENCE'",
        where="NOT id BETWEEN 2 AND 5",
    ),
    Case(
        rule="R2",
        name="an account that may read some columns alone is told of no other",
        columns=SECRET,
        steps=(TWO, as_account("SELECT (id, v, updated_at)"), run(1)),
        want=Refused(words=SOME_ALONE),
    ),
    Case(
        rule="R2",
        name="an account loses its right to a column",
        columns=SECRET,
        steps=(as_account("SELECT"), TWO, as_account("SELECT (id, v, updated_at)"), run(1)),
        want=Refused(words=SOME_ALONE),
    ),
    Case(
        rule="R2",
        name="an account may read some columns alone, and these are named",
        columns=SECRET,
        table="{columns: {include: [id, v, updated_at]}}",
        left_out=("secret",),
        steps=(as_account("SELECT (id, v, updated_at)"), TWO),
        want=Equal(),
    ),
    Case(
        rule="R2",
        name="an account may read some columns alone, and a glob takes all that it is told",
        columns=SECRET,
        table='{columns: {include: ["*"]}}',
        steps=(as_account("SELECT (id, v, updated_at)"), TWO, run(1)),
        want=Refused(words=SOME_ALONE),
    ),
    Case(
        rule="R2",
        name="an account that may read some columns alone gets the grant that is printed",
        columns=SECRET,
        steps=(as_account("SELECT (id, v, updated_at)"), TWO, as_account("SELECT"), run(0)),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="an account loses PROCESS for an hour, and nobody says that the table is gone",
        steps=(as_account("SELECT"), TWO, as_account("SELECT", sees=False), run(1), unsaid("is gone")),
        want=Equal(),
    ),
    Case(
        rule="R32",
        name="a table is swapped in an hour in which the account may not see it",
        steps=(
            as_account("SELECT"),
            TWO,
            sql(f"CREATE TABLE other ({KEYED})", "INSERT INTO other VALUES (9, 'z', {h0})"),
            sql("RENAME TABLE t TO t_old, other TO t"),
            as_account("SELECT", sees=False),
            run(1),
            as_account("SELECT"),
            run(2),
        ),
        want=Equal(),
    ),
    Case(
        rule="R29",
        name="a view is replaced that the account is told the text of",
        table="{from: seen, key: id, cursor: updated_at}",
        where="id < 2",
        steps=(
            sql("CREATE VIEW seen AS SELECT * FROM t"),
            as_account("SELECT", "SHOW VIEW", of="seen"),
            TWO,
            sql("CREATE OR REPLACE VIEW seen AS SELECT * FROM t WHERE id < 2"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="M15",
        name="a column becomes invisible",
        steps=(TWO, sql("ALTER TABLE t MODIFY v varchar(100) INVISIBLE", "UPDATE t SET v = 'c', updated_at = {h1}"),
               run(1)),
        want=Equal(),
    ),
    Case(
        rule="M16",
        name="a table without transactions",
        steps=(sql("ALTER TABLE t ENGINE = MyISAM", ROWS), run(0)),
        want=Refused(words="MyISAM has no transactions"),
    ),
    Case(
        rule="M16",
        name="a table without transactions, read whole",
        table="{sync: full}",
        steps=(sql("ALTER TABLE t ENGINE = Aria", ROWS), run(0)),
        want=Equal(),
    ),
    Case(
        rule="M16",
        name="a table loses its transactions",
        steps=(PAST, sql("ALTER TABLE t ENGINE = MyISAM", "INSERT INTO t VALUES (3, 'c', {h2})"), run(2)),
        want=Refused(words="MyISAM has no transactions"),
    ),
)  # fmt: skip
