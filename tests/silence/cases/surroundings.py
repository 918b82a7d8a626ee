"""What a database, a dataset or a person decides around a table (R34)."""

from __future__ import annotations

from tests.silence.case import KEYED, Case, Equal, bigquery, run, sql

SET = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {}', current_database()); END $$"
QUOTED = SET.format("quote_all_identifiers = on")

SETTINGS = (
    "client_encoding = 'LATIN1'",
    "intervalstyle = 'sql_standard'",
    "datestyle = 'German, DMY'",
    "bytea_output = 'escape'",
    "extra_float_digits = '-10'",
    "timezone = 'Asia/Tokyo'",
    "transform_null_equals = on",
)
"""What a driver or a text would look at."""

CASES = (
    Case(
        rule="R34",
        name="the database writes values in another way",
        columns=f"{KEYED}, i interval, b bytea, d date, z timetz, f float8",
        steps=(
            sql(
                r"INSERT INTO t SELECT g, U&'\00e9', {h0}, '1 day 2:03', '\xff00', '2026-11-01', '12:00+02', 1.1 "
                "FROM generate_series(1, 2) g"
            ),
            run(0),
            sql(*(SET.format(one.replace("'", "''")) for one in SETTINGS)),
            sql("UPDATE t SET updated_at = {h1} WHERE id = 1"),
            run(1),
        ),
        want=Equal(
            columns="id, v, i, b, z, f",
            rows=[(n, "\u00e9", "P1DT2H3M", b"\xff\x00", "12:00:00+02", 1.1) for n in (1, 2)],
        ),
    ),
    Case(
        rule="R34",
        name="the database quotes all names",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0})"),
            sql(QUOTED),
            run(0),
            sql("UPDATE t SET v = 'b', updated_at = {h1}"),
            run(1),
        ),
        want=Equal(),
    ),
    Case(
        rule="R34",
        name="tables that are made in the dataset expire",
        columns="id bigint PRIMARY KEY, v text, updated_at timestamptz NOT NULL, made timestamp",
        steps=(
            sql("INSERT INTO t VALUES (1, 'a', {h0}, '2026-11-01 12:00')"),
            run(0),
            bigquery("ALTER TABLE {current} SET OPTIONS (expiration_timestamp = TIMESTAMP '2030-01-01 00:00:00+00')"),
            sql("UPDATE t SET v = 'b', updated_at = {h1}"),
            run(1),
        ),
        want=Equal(),
    ),
)
