"""Values and keys at the edges of MySQL's types, and what its collations hold for equal (M24-M27)."""

from __future__ import annotations

from decimal import Decimal

from tests.silence.case import Equal, Refused, Step, Told, reconcile, reload, run, sql
from tests.silence.mysql.table import DATETIME, KEYED, Case

CODED = "code varchar(20) PRIMARY KEY, v varchar(100), updated_at timestamp(6) NOT NULL, KEY (updated_at)"
CODES = "INSERT INTO t VALUES ('a', 'x', {h0}), ('b', 'y', {h0})"
UNHELD = "id, v, _floodmark_unheld"
INVALID = "SET sql_mode = 'ALLOW_INVALID_DATES'"
LONG = "12345678901234567890.12345678"


def _value(name: str, declared: str, *values: str, want: Equal | None = None, mode: str = "") -> Case:
    """Rows with these values in a column of that type."""
    rows = ", ".join(f"({number}, {value}, {{h0}})" for number, value in enumerate(values, start=1))
    modes = [f"SET sql_mode = '{mode}'"] if mode else []
    return Case(
        rule="M27",
        name=name,
        columns=KEYED.replace("varchar(100)", declared),
        steps=(sql(*modes, f"INSERT INTO t (id, v, updated_at) VALUES {rows}"), run(0)),
        want=want or Equal(),
    )


def _recased(name: str, *steps: object, want: Equal | Refused | Told, columns: str = CODED) -> Case:
    """Two rows whose key is a text are read, and something happens to a key."""
    return Case(
        rule="M25", name=name, columns=columns, key=("code",), want=want,
        steps=(sql(CODES), run(0, 1), *steps, run(2)),  # type: ignore[arg-type]
    )  # fmt: skip


def _impossible(name: str, *steps: Step, want: Equal | Told) -> Case:
    """Four rows, of which three have a cursor of a day that MySQL keeps, and no calendar has."""
    return Case(
        rule="R36", name=name, columns=DATETIME, table="{start: 2026-01-01, first_load: whole}", want=want,
        steps=(
            sql(
                INVALID,
                "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', '2026-07-00'), (3, 'c', '2026-06-31 10:00:00')",
                "INSERT INTO t VALUES (4, 'd', '2026-00-10')",
            ),
            *steps,
        ),
    )  # fmt: skip


CASES = (
    _recased(
        "a key's case changes in place",
        sql("UPDATE t SET code = 'A', updated_at = {h2} WHERE code = 'a'"),
        want=Told(words="1 rows too many"),
    ),
    _recased(
        "a key's case changes in place, and it is reconciled",
        sql("UPDATE t SET code = 'A', updated_at = {h2} WHERE code = 'a'"),
        run(2),
        reconcile("--heal"),
        want=Equal(),
    ),
    _recased(
        "REPLACE gives a key another case",
        sql("REPLACE INTO t VALUES ('A', 'again', {h2})"),
        want=Told(words="1 rows too many"),
    ),
    _recased(
        "a key's case changes, without its cursor",
        sql("UPDATE t SET code = 'B' WHERE code = 'b'"),
        want=Told(words="missing from current|rows too many"),
    ),
    _recased(
        "a key gains a space at its end",
        sql("UPDATE t SET code = 'a ', updated_at = {h2} WHERE code = 'a'"),
        run(2),
        reconcile("--heal"),
        want=Equal(),
    ),
    _recased(
        "an upsert by a key of another case leaves the key",
        sql("INSERT INTO t VALUES ('A', 'again', {h2}) ON DUPLICATE KEY UPDATE v = 'again', updated_at = {h2}"),
        want=Equal(),
    ),
    _recased(
        "keys of bytes that differ in case are two",
        sql("INSERT INTO t VALUES ('A', 'other', {h2})"),
        columns=CODED.replace("varchar(20)", "varchar(20) COLLATE utf8mb4_nopad_bin"),
        want=Equal(),
    ),
    Case(
        rule="M15",
        name="a key that only an index of its first letters proves",
        columns="code varchar(20) NOT NULL, v varchar(10), updated_at timestamp(6) NOT NULL, UNIQUE (code(2))",
        table="{key: code}",
        key=("code",),
        steps=(sql("INSERT INTO t VALUES ('abc', 'x', {h0}), ('acd', 'y', {h0})"), run(0)),
        want=Equal(),
    ),
    Case(
        rule="M15",
        name="a declared key that no index proves, twice",
        columns="id bigint, code varchar(20) NOT NULL, updated_at timestamp(6) NOT NULL, KEY (updated_at)",
        table="{key: code}",
        key=("code",),
        steps=(
            sql("INSERT INTO t VALUES (1, 'same', {h0})"),
            run(0),
            sql("INSERT INTO t VALUES (2, 'same', {h1})"),
            run(1),
        ),
        want=Refused(words="stand more than once"),
    ),
    Case(
        rule="M25",
        name="a declared key that no index proves, in two cases",
        columns="id bigint, code varchar(20) NOT NULL, updated_at timestamp(6) NOT NULL, KEY (updated_at)",
        table="{key: code}",
        key=("code",),
        steps=(sql("INSERT INTO t VALUES (1, 'same', {h0}), (2, 'SAME', {h0})"), run(0)),
        want=Equal(),
    ),
    Case(
        rule="M25",
        name="a key of bigint unsigned beyond a bigint",
        columns=KEYED.replace("id bigint", "id bigint unsigned"),
        steps=(
            sql("INSERT INTO t VALUES (18446744073709551615, 'a', {h0}), (9223372036854775808, 'b', {h0})"),
            run(0),
            sql("UPDATE t SET v = 'c', updated_at = {h1} WHERE id = 18446744073709551615"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R31",
        name="days that are none",
        columns=KEYED.replace("varchar(100)", "date"),
        steps=(
            sql(
                "SET sql_mode = 'ALLOW_INVALID_DATES'",
                "INSERT INTO t VALUES (1, '0000-00-00', {h0}), (2, '2026-02-31', {h0}), (3, '2026-00-10', {h0})",
                "INSERT INTO t VALUES (4, NULL, {h0})",
            ),
            run(0),
        ),
        want=Equal(
            columns="id, CAST(v AS STRING), _floodmark_unheld",
            rows=[
                (1, None, '{"v": "0000-00-00"}'),
                (2, None, '{"v": "2026-02-31"}'),
                (3, None, '{"v": "2026-00-10"}'),
                (4, None, None),
            ],
        ),
    ),
    Case(
        rule="R31",
        name="times beyond a day",
        columns=KEYED.replace("varchar(100)", "time"),
        table="{bad_values: quarantine}",
        steps=(sql("INSERT INTO t VALUES (1, '838:59:59', {h0}), (2, '-00:00:01', {h0}), (3, '10:00', {h0})"), run(0)),
        want=Told(words="all but 2 rows held out"),
    ),
    Case(
        rule="R22",
        name="a cursor that is the zero date",
        steps=(
            sql("SET sql_mode = ''", "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', '0000-00-00')"),
            run(0),
        ),
        columns=KEYED,
        want=Refused(words="1 rows of .* that is null or infinite"),
    ),
    Case(
        rule="R22",
        name="a cursor that is the zero date, included",
        table="{null_cursor: include}",
        steps=(
            sql("SET sql_mode = ''", "INSERT INTO t VALUES (1, 'a', {h0}), (2, 'b', '0000-00-00')"),
            run(0),
        ),
        columns=KEYED,
        want=Told(words="all but 1 rows held out"),
    ),
    _impossible(
        "a cursor of days that no calendar has is held out, whoever reads it",
        run(0),
        want=Told(words="assumed, all but 3 rows held out by name"),
    ),
    _impossible(
        "a cursor of days that no calendar has is held out of a whole read",
        run(0),
        reload(),
        want=Told(words="assumed, all but 3 rows held out by name"),
    ),
    _impossible(
        "a row whose cursor becomes a day that no calendar has leaves with a reconcile",
        run(0),
        sql(INVALID, "UPDATE t SET updated_at = '2026-00-10' WHERE id = 1"),
        reconcile("--heal"),
        want=Told(words="assumed, all but 4 rows held out by name"),
    ),
    Case(
        rule="R25",
        name="a key of 38 digits goes, and is removed by its exact value",
        columns=KEYED.replace("id bigint", "id decimal(38,9)"),
        steps=(
            sql(f"INSERT INTO t VALUES ({LONG}1, 'a', {{h0}}), ({LONG}2, 'b', {{h0}})"),
            run(0),
            sql(f"DELETE FROM t WHERE id = {LONG}1"),
            reconcile("--heal"),
        ),
        want=Equal(),
    ),
    _value("bigint unsigned", "bigint unsigned", "18446744073709551615", "0", "NULL"),
    _value("tinyint(1) as a number", "tinyint(1)", "2", "-128", "NULL"),
    _value(
        "bit", "bit(12)", "b'101010101010'", "0", "NULL",
        want=Equal(columns="id, v", rows=[(1, 2730), (2, 0), (3, None)]),
    ),
    _value(
        "bit(64)", "bit(64)", "18446744073709551615", "1",
        want=Equal(columns="id, v", rows=[(1, Decimal(18446744073709551615)), (2, Decimal(1))]),
    ),
    _value("a decimal of 65 digits", "decimal(65,0)", "9" * 65, "-1", want=Equal(
        columns="id, CAST(v AS STRING)", rows=[(1, "9" * 65), (2, "-1")])),
    _value("a float that the server cuts to six digits", "float", "16777217", want=Equal(
        columns="id, v", rows=[(1, 16777216.0)])),
    _value("years, sets and the empty label", "set('x','y')", "'x,y'", "''", "NULL"),
    _value("an enum's invalid value", "enum('a','b')", "'zz'", "'a'", mode="NO_ENGINE_SUBSTITUTION"),
    _value("texts of quotes, commas, lines and nothing", "text", "'a,\"b\"'", "'\\n\\r\\t'", "'NULL'", "''", "NULL",
           "_utf8mb4 x'00'", "_utf8mb4 x'01610101622C01'", "'\\\\\\\\N'", "'😀'"),
    _value(
        "a text in a charset of which some bytes are no letter", "varchar(20) CHARACTER SET tis620",
        "_tis620 x'61fc'", "_tis620 x'61a1'", "'?'", "NULL",
        want=Equal(columns=UNHELD, rows=[(1, None, '{"v": "61FC"}'), (2, "aก", None), (3, "?", None), (4, None, None)]),
    ),
    _value(
        "a text in a charset of which some pairs are no letter", "varchar(20) CHARACTER SET cp932",
        "_cp932 x'81ad3f'", "'ア?'", want=Equal(columns=UNHELD, rows=[(1, None, '{"v": "81AD3F"}'), (2, "ア?", None)]),
    ),
    _value("a label with a question in a charset that lacks letters", "enum('δ?','β') CHARACTER SET greek", "'δ?'"),
    Case(
        rule="R30",
        name="keys of bytes that are no letter are two, and held out",
        columns="code varchar(9) CHARACTER SET tis620 COLLATE tis620_bin PRIMARY KEY, updated_at timestamp(6) NOT NULL",
        key=("code",),
        steps=(
            sql("INSERT INTO t VALUES (_tis620 x'fc', {h0})"),
            run(0),
            sql("INSERT INTO t VALUES (_tis620 x'fd', {h1})"),
            run(1),
        ),
        want=Told(words="all but 2 rows held out by name"),
    ),
    Case(
        rule="R27",
        name="half of a surrogate pair",
        steps=(sql("INSERT INTO t VALUES (1, 'a', {h0}), (2, _binary x'62eda080', {h0})"), run(0)),
        want=Refused(words=r"v holds a text that is no UTF-8.*SELECT \* FROM .* REGEXP '\^\(\.\.\)\*ED\[AB\]'"),
    ),
    _value("bytes", "varbinary(20)", "x'00ff0a2c22'", "x''", "NULL"),
    _value("a latin1 column with bytes of its own", "varchar(20) CHARACTER SET latin1", "'é€'", "_latin1 x'81'"),
    Case(
        rule="M24",
        name="a row longer than a packet",
        columns=KEYED.replace("varchar(100)", "longtext"),
        steps=(sql("INSERT INTO t VALUES (1, REPEAT('x', @@max_allowed_packet - 10), {h0})"), run(0)),
        want=Refused(words="max_allowed_packet"),
    ),
    Case(
        rule="M24",
        name="a text of millions of quotes",
        columns=KEYED.replace("varchar(100)", "longtext"),
        steps=(sql("INSERT INTO t VALUES (1, REPEAT('\"', 4000000), {h0})"), run(0)),
        want=Equal(),
    ),
)  # fmt: skip
