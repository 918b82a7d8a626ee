"""Connections outside Airflow's tasks: on a laptop, in a cron job or a CI runner, in a shell beside Airflow.

A DSN given on the command line, ``AIRFLOW_CONN_<ID>`` as Airflow reads it, what the Airflow that is set up here has,
and Google's own variables (``GOOGLE_APPLICATION_CREDENTIALS``, ``BIGQUERY_EMULATOR_HOST``, ``STORAGE_EMULATOR_HOST``).
No secret is ever shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import Any, TypeVar

from floodmark.adapters.connections import airflow_connection, libpq, mysql, state
from floodmark.adapters.connections.airflow_connection import AirflowConnection
from floodmark.core.refused import Refused
from floodmark.errors import ConfigurationError, Problem

Built = TypeVar("Built")

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_GOOGLE_EXTRAS = ("is_anonymous", "key_path", "keyfile_dict", "credential_config_file")
_GOOGLE_UNREAD = ("key_secret_name", "idp_issuer_url")
_GOOGLE_EXAMPLE = (
    "write a URI, google-cloud-platform://?key_path=%2Fkeys%2Fkey.json, or JSON, "
    '{"conn_type": "google_cloud_platform", "extra": {"key_path": "/keys/key.json"}}'
)


def nowhere(connection: str) -> str:
    """No Airflow has a connection."""
    return ""


class LocalConnections:
    """Implements :class:`floodmark.pipeline.wiring.Connections` from environment variables.

    ``dsns`` are by connection id: libpq URIs, ``key=value`` strings or ``mysql://`` URIs; they come before the
    environment. What that has not is asked of ``elsewhere``: a connection's text, empty where there is none.
    """

    def __init__(
        self, environ: Mapping[str, str], *, dsns: Mapping[str, str] | None = None,
        elsewhere: Callable[[str], str] = nowhere,
    ) -> None:  # fmt: skip
        self._environ = environ
        self._dsns = dict(dsns or {})
        self._elsewhere = elsewhere

    def knows(self, connection: str) -> bool:
        """Whether anything is said of a connection."""
        written = connection in self._dsns or airflow_connection.variable(connection) in self._environ
        return written or bool(self._elsewhere(connection))

    def type_of(self, connection: str) -> str:
        """Its type, as Airflow names it; a DSN's is its scheme's. Raises ``ConfigurationError``."""
        if dsn := self._dsns.get(connection):
            scheme, found, _ = dsn.partition("://")
            return airflow_connection.normal(scheme) if found else "postgres"
        return self._required(connection).conn_type

    def libpq(self, connection: str) -> dict[str, str]:
        """Every libpq field of a PostgreSQL connection. Raises ``ConfigurationError``."""
        if dsn := self._dsns.get(connection):
            return libpq.Libpq.of(connection, _parsed_dsn(dsn))
        parts = self._required(connection)
        fields = self._built(connection, parts, libpq.TYPES, "it must be PostgreSQL: postgres", libpq.fields)
        return libpq.Libpq.of(connection, fields)

    def mysql(self, connection: str) -> mysql.MySQL:
        """The server of a MySQL connection, or of a DSN ``mysql://``. Raises ``ConfigurationError``."""
        dsn = self._dsns.get(connection)
        parts = _parsed_uri(dsn) if dsn else self._required(connection)
        build = partial(mysql.fields, connection=connection)
        return self._built(connection, parts, mysql.TYPES, "it must be MySQL: mysql", build)

    def _built(
        self, connection: str, parts: AirflowConnection, types: Container[str], remedy: str, build: Callable[..., Built]
    ) -> Built:
        """What ``build`` makes of the parts of a connection that is of one of the ``types``."""
        if parts.conn_type not in types:
            raise self._refused(connection, f'is of type "{parts.conn_type}"', remedy)
        try:
            return build(
                host=parts.host, port=parts.port, login=parts.login,
                password=parts.password, schema=parts.schema, extra=parts.extra,
            )  # fmt: skip
        except Refused as refused:
            raise self._refused(connection, refused.message, refused.remedy) from None

    def password(self, connection: str) -> str:
        """The password of a connection of any type; empty where it has none. Raises ``ConfigurationError``."""
        if dsn := self._dsns.get(connection):
            if self.type_of(connection) in mysql.TYPES:
                return _parsed_uri(dsn).password or ""
            return _parsed_dsn(dsn).get("password", "")
        if (parts := self._found(connection)) is None:
            name = airflow_connection.variable(connection)
            remedy = f"set {name} with the key as its password"
            raise self._refused(connection, "is not set, and holds the key of a mask", remedy)
        return parts.password or ""

    def database_url(self, connection: str) -> str:
        """The SQLAlchemy URL of a ledger's connection; it holds the password."""
        return url_of(self.libpq(connection))

    def sqlite_ledger(self, path: str) -> str:
        """The SQLAlchemy URL of a ledger's file; a relative path, or none, lies in the state folder."""
        return state.ledger(self._environ, path)

    def storage(self, connection: str) -> Any:
        """A ``google.cloud.storage.Client``. Raises ``ConfigurationError`` where there are no credentials."""
        from google.cloud import storage

        credentials, project = self._google(connection, "STORAGE_EMULATOR_HOST")
        return storage.Client(project=project, credentials=credentials)

    def bigquery(self, connection: str, project: str, location: str) -> Any:
        """A ``google.cloud.bigquery.Client``. Raises ``ConfigurationError`` where there are no credentials."""
        from google.cloud import bigquery

        credentials, _ = self._google(connection, "BIGQUERY_EMULATOR_HOST")
        return bigquery.Client(project=project, credentials=credentials, location=location)

    def session(self, connection: str, *, local: bool = False) -> Any:
        """A ``google.auth.transport.requests.AuthorizedSession``; ``local``: for a server on this machine.

        Raises ``ConfigurationError`` where there are no credentials.
        """
        from google.auth.transport.requests import AuthorizedSession

        credentials, _ = self._google(connection, "", local=local)
        return AuthorizedSession(credentials)

    def account(self, connection: str) -> str:
        """The e-mail address of Google's account behind a connection; empty where its credentials don't name one.

        Raises ``ConfigurationError`` where there are no credentials.
        """
        credentials, _ = self._google(connection, "BIGQUERY_EMULATOR_HOST")
        return account_of(credentials)

    def _google(self, connection: str, emulator: str, *, local: bool = False) -> tuple[Any, str | None]:
        """Credentials, and the project that they or the connection name.

        What the connection says comes first; a server on this machine is never given a person's own token.
        """
        import google.auth
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError

        extra = self._google_extra(connection)
        project = extra.get("project") or self._environ.get("GOOGLE_CLOUD_PROJECT")
        has_credentials = any(extra.get(name) for name in _GOOGLE_EXTRAS)
        local = local or bool(self._environ.get(emulator))
        if extra.get("is_anonymous") or (local and not has_credentials):
            return AnonymousCredentials(), project
        try:
            credentials, own = _loaders(extra)() if has_credentials else google.auth.default(scopes=SCOPES)
        except (DefaultCredentialsError, OSError, ValueError, TypeError, AttributeError) as error:  # two: of odd shapes
            raise self._refused(connection, *_no_credentials(error, given=has_credentials)) from None
        if chain := extra.get("impersonation_chain"):
            try:
                credentials = _impersonated(credentials, chain)
            except Refused as refused:
                raise self._refused(connection, refused.message, refused.remedy) from None
        return credentials, project or own

    def _google_extra(self, connection: str) -> dict[str, Any]:
        parts = self._found(connection, _GOOGLE_EXAMPLE)
        if parts is None:
            return {}
        old = "extra__google_cloud_platform__"
        extra = {name.removeprefix(old): value for name, value in parts.extra.items()}
        for name in _GOOGLE_UNREAD:
            if extra.get(name):
                remedy = "use key_path, keyfile_dict or application default credentials here; in Airflow it works"
                raise self._refused(connection, f"says {name}, which only Airflow's hook can follow", remedy)
        return extra

    def _found(self, connection: str, example: str = "") -> AirflowConnection | None:
        """None where there is none. ``example``: how one is written, where it is of no database."""
        text = self._environ.get(airflow_connection.variable(connection)) or self._elsewhere(connection)
        if not text:
            return None
        try:
            return airflow_connection.parse(text)
        except Refused as refused:
            raise self._refused(connection, refused.message, example or refused.remedy) from None

    def _required(self, connection: str) -> AirflowConnection:
        if (parts := self._found(connection)) is None:
            name = airflow_connection.variable(connection)
            remedy = f"set {name}=postgres://user:password@host:5432/database, or give --dsn"
            raise self._refused(connection, "is not set", remedy)
        return parts

    def _refused(self, connection: str, message: str, remedy: str) -> ConfigurationError:
        name = airflow_connection.variable(connection)
        return ConfigurationError([Problem(file=name, path="", message=message, remedy=remedy)])


def account_of(credentials: Any) -> str:
    """The e-mail address that Google credentials name; empty where they name none."""
    names = (getattr(credentials, name, "") or "" for name in ("service_account_email", "account"))
    return next((name for name in names if "@" in name), "")


def url_of(libpq: Mapping[str, str]) -> str:
    """The SQLAlchemy URL of the same database; it holds the password."""
    from sqlalchemy.engine import URL

    fields = dict(libpq)
    host = fields.pop("host", None)
    if host and (host.startswith("/") or "," in host):  # a socket's folder, or several hosts
        fields["host"], host = host, None
    several = "," in fields.get("port", "")
    port = int(fields.pop("port")) if "port" in fields and not several else None
    url = URL.create(
        "postgresql+psycopg2", username=fields.pop("user", None), password=fields.pop("password", None),
        host=host, port=port, database=fields.pop("dbname", None), query=fields,
    )  # fmt: skip
    return url.render_as_string(hide_password=False)


def _parsed_dsn(dsn: str) -> dict[str, str]:
    import psycopg2
    from psycopg2.extensions import parse_dsn

    try:
        return {name: str(value) for name, value in parse_dsn(dsn).items()}
    except (psycopg2.ProgrammingError, UnicodeEncodeError):  # they repeat what was written, which may hold a password
        remedy = "write postgresql://user:password@host:5432/database, or host=... dbname=..."
        raise ConfigurationError(
            [Problem(file="--dsn", path="", message="can't be read by libpq", remedy=remedy)]
        ) from None


def _parsed_uri(dsn: str) -> AirflowConnection:
    try:
        return airflow_connection.parse(dsn)
    except Refused:  # what was written may hold a password
        remedy = "write mysql://user:password@host:3306/database, special characters percent-encoded"
        problem = Problem(file="--dsn", path="", message="is no URI of MySQL", remedy=remedy)
        raise ConfigurationError([problem]) from None


def _no_credentials(error: Exception, *, given: bool) -> tuple[str, str]:
    """What is wrong with the credentials, and the remedy; what Google says of a key may repeat parts of it."""
    if given:
        why = error.strerror if isinstance(error, OSError) else "it is not the key of a service account"
        return f"has a key that can't be read: {why}", "mend key_path or keyfile_dict, whichever it has"
    remedy = "run: gcloud auth application-default login; or set GOOGLE_APPLICATION_CREDENTIALS"
    return f"gives no Google credentials: {error}", remedy


def _impersonated(credentials: Any, chain: Any) -> Any:
    """Short-lived credentials of the last account of a chain, each of which may make a token for the next.

    As Airflow's Google hook reads it: one account, several with commas between, or a list. Raises ``Refused``.
    """
    from google.auth import impersonated_credentials

    accounts = chain.split(",") if isinstance(chain, str) else chain
    if not isinstance(accounts, list) or not all(isinstance(one, str) and one.strip() for one in accounts):
        remedy = "write one account's e-mail address, several with commas between, or a list of them"
        raise Refused("has an impersonation_chain that is no list of accounts", remedy)
    *delegates, target = [one.strip() for one in accounts]
    return impersonated_credentials.Credentials(
        source_credentials=credentials, target_principal=target, delegates=delegates, target_scopes=SCOPES
    )


def _loaders(extra: Mapping[str, Any]) -> Callable[[], tuple[Any, str | None]]:
    """How the connection's own credentials are loaded."""
    import google.auth
    from google.oauth2 import service_account

    if path := extra.get("credential_config_file"):
        return lambda: google.auth.load_credentials_from_file(path, scopes=SCOPES)

    def of_service_account() -> tuple[Any, str | None]:
        if path := extra.get("key_path"):
            credentials = service_account.Credentials.from_service_account_file(path, scopes=SCOPES)
        else:
            info = extra["keyfile_dict"]
            info = json.loads(info) if isinstance(info, str) else info
            credentials = service_account.Credentials.from_service_account_info(info, scopes=SCOPES)
        return credentials, credentials.project_id

    return of_service_account
