"""Airflow's connections and hooks -> what adapters need. Every hook is imported when it is first used."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Container
from functools import partial
from typing import Any

from floodmark.adapters.connections import libpq, mysql, state
from floodmark.adapters.connections.environment import Built, account_of, url_of
from floodmark.core.refused import Refused
from floodmark.errors import ConfigurationError, Problem

_ONE_AT_A_TIME = threading.RLock()
"""Tables that share a task ask from threads; a task of Airflow 3 has one line to its supervisor."""

_AGAIN_AFTER = (1.0, 3.0)
"""So many seconds a connection that there is not is asked for again."""
_NO_BUCKET_THREAD = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Else each client of google-cloud-storage asks for its bucket's metadata, for traces, in a thread that outlives us."""


class AirflowConnections:
    """Implements :class:`floodmark.pipeline.wiring.Connections` by Airflow's hooks."""

    def type_of(self, connection: str) -> str:
        """Its type, as Airflow names it. Raises ``ConfigurationError``."""
        return str(_get(connection).conn_type)

    def libpq(self, connection: str) -> dict[str, str]:
        """Every libpq field of a PostgreSQL connection, extras included. Raises ``ConfigurationError``."""
        return libpq.Libpq.of(connection, _built(connection, libpq.TYPES, "postgres", _token, libpq.fields))

    def mysql(self, connection: str) -> mysql.MySQL:
        """The server of a MySQL connection, extras included. Raises ``ConfigurationError``."""
        build = partial(mysql.fields, connection=connection)
        return _built(connection, mysql.TYPES, "mysql", _mysql_token, build)

    def password(self, connection: str) -> str:
        """The password of a connection of any type; empty where it has none. Raises ``ConfigurationError``."""
        return str(_get(connection).password or "")

    def database_url(self, connection: str) -> str:
        """The SQLAlchemy URL of a ledger's connection; it holds the password."""
        return url_of(self.libpq(connection))

    def sqlite_ledger(self, path: str) -> str:
        """The SQLAlchemy URL of a ledger's file; a relative path, or none, lies in the state folder."""
        return state.ledger(os.environ, path)

    def storage(self, connection: str) -> Any:
        """A ``google.cloud.storage.Client``, by the Google provider's hook."""
        from airflow.providers.google.cloud.hooks.gcs import GCSHook

        os.environ.setdefault(_NO_BUCKET_THREAD, "true")
        with _ONE_AT_A_TIME:
            return GCSHook(gcp_conn_id=connection).get_conn()

    def bigquery(self, connection: str, project: str, location: str) -> Any:
        """A ``google.cloud.bigquery.Client``, by the Google provider's hook."""
        from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook

        with _ONE_AT_A_TIME:
            hook = BigQueryHook(gcp_conn_id=connection, location=location, use_legacy_sql=False)
            return hook.get_client(project_id=project, location=location)

    def session(self, connection: str, *, local: bool = False) -> Any:
        """A ``google.auth.transport.requests.AuthorizedSession``, by the Google provider's hook.

        A ``local`` server wants a connection that is anonymous: the hook decides.
        """
        from airflow.providers.google.common.hooks.base_google import GoogleBaseHook
        from google.auth.transport.requests import AuthorizedSession

        with _ONE_AT_A_TIME:
            return AuthorizedSession(GoogleBaseHook(gcp_conn_id=connection).get_credentials())

    def account(self, connection: str) -> str:
        """The e-mail address of Google's account behind a connection; empty where its credentials don't name one."""
        from airflow.providers.google.common.hooks.base_google import GoogleBaseHook

        with _ONE_AT_A_TIME:
            credentials = GoogleBaseHook(gcp_conn_id=connection).get_credentials()
        return account_of(credentials)


def _built(
    connection: str, types: Container[str], wanted: str,
    token: Callable[[str, Any], tuple[str, str, int]], build: Callable[..., Built],
) -> Built:  # fmt: skip
    """What ``build`` makes of a connection of one of the ``types``; under ``iam`` with a ``token`` for its password."""
    settings = _get(connection)
    if settings.conn_type not in types:
        raise _refused(connection, f'is of type "{settings.conn_type}"', f"make it one of type {wanted}")
    login, password, port = settings.login, settings.password, settings.port
    extra = dict(settings.extra_dejson)
    if extra.pop("iam", False):
        login, password, port = token(connection, settings)
    try:
        return build(host=settings.host, port=port, login=login, password=password, schema=settings.schema, extra=extra)
    except Refused as refused:
        raise _refused(connection, refused.message, refused.remedy) from None


def _get(connection: str) -> Any:
    """Airflow's connection. Where there is none it is asked again: so it says, too, where a backend didn't answer."""
    from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook

    for pause in (*_AGAIN_AFTER, None):
        try:
            with _ONE_AT_A_TIME:
                return BaseHook.get_connection(connection)
        except AirflowNotFoundException:
            if pause is not None:
                time.sleep(pause)
    remedy = (
        f"make it under Admin > Connections, or set AIRFLOW_CONN_{connection.upper()}; where it is there, its secrets "
        "backend gave no answer, of which Airflow says the same: clear the task"
    )
    raise _refused(connection, "does not exist", remedy)


def _token(connection: str, found: Any) -> tuple[str, str, int]:
    """Login, token and port of a connection with ``iam``: a cloud's short-lived password, fetched by Airflow's hook."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    with _ONE_AT_A_TIME:
        login, token, port = PostgresHook(postgres_conn_id=connection).get_iam_token(found)
    return login, token, port


def _mysql_token(connection: str, found: Any) -> tuple[str, str, int]:
    """The same for MySQL. Raises ``ConfigurationError`` where its provider is not installed."""
    try:
        from airflow.providers.mysql.hooks.mysql import MySqlHook  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        remedy = "install apache-airflow-providers-mysql, or give a password"
        raise _refused(connection, "asks for iam, whose token only Airflow's MySQL hook can fetch", remedy) from None
    with _ONE_AT_A_TIME:
        login, token, port = MySqlHook(mysql_conn_id=connection).get_iam_token(found)
    return login, token, port


def _refused(connection: str, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(file=f"connection {connection}", path="", message=message, remedy=remedy)])
