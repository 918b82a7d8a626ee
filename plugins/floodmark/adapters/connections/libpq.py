"""An Airflow connection's fields -> libpq's, the same whether Airflow or the environment knows the connection.

psycopg2 and ADBC both take these, so that ``sslmode``, ``sslrootcert``, ``options`` and the rest reach each reader.
``airflow/connections.py`` gives it the parts of Airflow's own ``Connection``, ``environment.py`` those of
``AIRFLOW_CONN_<ID>``. Names: PostgreSQL's documentation, "Parameter Key Words" of libpq.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from floodmark.core.refused import Refused

TYPES = ("postgres", "google_cloud_sql", "gcpcloudsql")
"""Airflow's types of connections that libpq's fields are made of."""

_FIELDS = """
    host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout client_encoding
    options application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey sslkeylogfile
    sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version
    ssl_max_protocol_version min_protocol_version max_protocol_version krbsrvname gsslib gssdelegation
    scram_client_key scram_server_key service target_session_attrs load_balance_hosts
"""
FIELDS = frozenset(_FIELDS.split())
"""What libpq knows, up to PostgreSQL 18, but for ``replication``: Floodmark reads by SELECT only."""

_OTHERS = """
    iam redshift redshift-serverless cursor cluster-identifier workgroup-name aws_conn_id region_name
    sqlalchemy_scheme sqlalchemy_query azure_conn_id
"""
NOT_FOR_LIBPQ = frozenset(_OTHERS.split())
"""Extras that are words to Airflow's own hook."""


class Libpq(dict[str, str]):
    """libpq's fields, and the id of the ``connection`` that they come from, which a refused login names."""

    connection: str = ""

    @classmethod
    def of(cls, connection: str, fields: Mapping[str, str]) -> Libpq:
        """The fields of a connection."""
        named = cls(fields)
        named.connection = connection
        return named


def fields(
    *,
    host: str | None = None,
    port: int | None = None,
    login: str | None = None,
    password: str | None = None,
    schema: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Every libpq field of a PostgreSQL connection; ``schema`` is Airflow's word for the database's name.

    What is empty is left out, so that libpq's own defaults hold (``PGHOST``, ``~/.pgpass`` ...).

    Raises:
        Refused: an extra that libpq doesn't know: ``sslmod`` must not pass for ``sslmode``. No value is in the message.
    """
    parameters: dict[str, Any] = {"host": host, "port": port, "user": login, "password": password, "dbname": schema}
    for name, value in (extra or {}).items():
        if name in NOT_FOR_LIBPQ:
            if name == "iam" and value:
                why = "asks for a token of a cloud's IAM, which only Airflow's hook can fetch"
                raise Refused(why, "give a password")
            continue
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            remedy = f'did you mean "{near[0]}"?' if near else "take it out of the extras"
            raise Refused(f'has an extra that libpq does not know: "{name}"', remedy)
        parameters[name] = value
    return {name: _text(value) for name, value in parameters.items() if value not in (None, "")}


def shown(libpq: Mapping[str, str]) -> str:
    """Where a connection leads, fit to be read by anybody: ``shop on db.example:5432 as reader``."""
    place = libpq.get("host") or libpq.get("hostaddr") or libpq.get("service") or "libpq's default host"
    port = f":{libpq['port']}" if "port" in libpq else ""
    user = f" as {libpq['user']}" if "user" in libpq else ""
    return f"{libpq.get('dbname', 'the default database')} on {place}{port}{user}"


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
