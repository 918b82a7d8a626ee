"""What a database, a dataset or a person decides around a table (R34)."""

from __future__ import annotations

from tests.silence.case import Case, Equal, bigquery, run, sql

QUOTED = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database()); END $$"

CASES = (
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
