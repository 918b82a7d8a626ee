"""What Cloud SQL does in the database: an export by COPY as a role without privilege, and the statements of executeSql.

The role ``cloudsqlimportexport`` is as people list it: in ``pg_monitor``, no superuser, no BYPASSRLS. Its session's
settings are as unlike Floodmark's as can be, since nothing is documented of them.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg2
import psycopg2.extensions
import sqlglot
from psycopg2 import sql

EXPORTER = "cloudsqlimportexport"
CALLER = "floodmark@proj.iam"
"""The IAM user that executeSql runs as."""
HOSTILE = {
    "timezone": "America/New_York",
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "extra_float_digits": "0",
    "bytea_output": "escape",
    "quote_all_identifiers": "on",
}
_AS_TEXT = psycopg2.extensions.new_type(
    tuple(psycopg2.extensions.string_types), "FLOODMARK_TEXT", lambda value, _: value
)
"""Every value as PostgreSQL writes it."""
_ROLES = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cloudsqlsuperuser') THEN
        CREATE ROLE cloudsqlsuperuser CREATEDB CREATEROLE IN ROLE pg_monitor;
        CREATE ROLE {EXPORTER} LOGIN CREATEDB CREATEROLE IN ROLE cloudsqlsuperuser;
        CREATE ROLE "{CALLER}" LOGIN IN ROLE pg_read_all_stats, pg_read_all_data;
    END IF;
END $$
"""


def make_roles(dsn: str) -> None:
    """Make the role that exports, and the IAM user, with settings of their own."""
    with contextlib.closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_ROLES)
        password = psycopg2.extensions.parse_dsn(dsn).get("password")  # as in dsn, by which they are logged in here
        for role in (EXPORTER, CALLER):
            cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
            for setting, value in HOSTILE.items():
                alter = sql.SQL("ALTER ROLE {} SET {} = {}")
                cursor.execute(alter.format(sql.Identifier(role), sql.Identifier(setting), sql.Literal(value)))


def grant(dsn: str, database: str) -> None:
    """Grant the exporter SELECT: so does every export, says the page."""
    connection = psycopg2.connect(dsn, dbname=database)
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
        for (schema,) in cursor.fetchall():
            for words in ("GRANT USAGE ON SCHEMA {} TO {}", "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}"):
                cursor.execute(sql.SQL(words).format(sql.Identifier(schema), sql.Identifier(EXPORTER)))


def copied(dsn: str, database: str, query: str, options: Mapping[str, str], *, escape: str) -> bytes:
    """The rows of a query as COPY writes them. ``escape`` counts where the request says none."""
    characters = {
        "DELIMITER": options.get("fieldsTerminatedBy", "2C"),
        "QUOTE": options.get("quoteCharacter", "22"),
        "ESCAPE": options.get("escapeCharacter", escape),
    }
    reader = psycopg2.connect(dsn, dbname=database, user=EXPORTER)
    try:
        reader.autocommit = True
        with reader.cursor() as cursor:
            cursor.execute("RESET datestyle")  # psycopg2 has set its own
            words = ", ".join(f"{name} {_quoted(reader, code)}" for name, code in characters.items())
            into = io.BytesIO()
            with _waiting():
                cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, {words})", into)
            return into.getvalue()
    finally:
        reader.close()


@contextlib.contextmanager
def _waiting() -> Iterator[None]:
    """Where this process has psycopg2 wait in a way of its own, as Floodmark's commands do: COPY knows no such way."""
    callback = psycopg2.extensions.get_wait_callback()
    psycopg2.extensions.set_wait_callback(None)
    try:
        yield
    finally:
        psycopg2.extensions.set_wait_callback(callback)


def _quoted(connection: Any, code: str) -> str:
    return str(sql.Literal(chr(int(code, 16))).as_string(connection))


def executed(dsn: str, database: str, text: str) -> dict[str, Any]:
    """The answer to executeSql: one transaction, 30 seconds, an error of SQL with HTTP status 200."""
    connection = psycopg2.connect(dsn, dbname=database, user=CALLER)
    results = []
    try:
        with connection, connection.cursor() as cursor:
            psycopg2.extensions.register_type(_AS_TEXT, cursor)
            cursor.execute("RESET datestyle; SET LOCAL statement_timeout = '30s'")
            for statement in _statements(text):
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
                columns = [{"name": column.name} for column in cursor.description or ()]
                results.append({"columns": columns, "rows": [{"values": _values(row)} for row in rows]})
        return {"results": results, "status": {}}
    except psycopg2.Error as error:
        return {"status": {"code": 3, "message": str(error).strip()}}
    finally:
        connection.close()


def _values(row: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"nullValue": True} if value is None else {"value": str(value)} for value in row]


def _statements(text: str) -> list[str]:
    """The statements of a text, by the semicolons that are no part of a string."""
    ends = [token.start for token in sqlglot.tokenize(text, read="postgres") if token.token_type.name == "SEMICOLON"]
    starts = [0, *(end + 1 for end in ends)]
    parts = [text[start:end].strip() for start, end in zip(starts, [*ends, len(text)], strict=True)]
    return [part for part in parts if part]
