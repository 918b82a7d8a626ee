"""An Airflow connection's fields -> what a MySQL or MariaDB server is reached by, whoever knows the connection (M31).

``charset``, ``cursor``, ``client`` and ``local_infile`` are words to Airflow's own hook: Floodmark reads in utf8mb4, by
its own driver, and sends no file.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from floodmark.core.refused import Refused

TYPES = ("mysql",)
"""Airflow's type of connections to MySQL and MariaDB."""
_NOT_FOR_US = frozenset({"charset", "cursor", "client", "local_infile", "aws_conn_id", "region_name"})
_TLS_WORDS = (
    "ssl_mode", "ssl_ca", "ssl_cert", "ssl_key", "ssl_key_password", "ssl_verify_cert", "ssl_verify_identity",
    "ssl_disabled",
)  # fmt: skip
_KNOWN = frozenset({*_NOT_FOR_US, *_TLS_WORDS, "iam", "ssl", "unix_socket", "connect_timeout"})
_IN_SSL = frozenset({"ca", "capath", "cert", "key", "password", "check_hostname", "verify_mode", "cipher", "mode"})
_VERIFIES = {"none": False, "optional": True, "required": True, "0": False, "1": True, "2": True, "false": False}


class TlsMode(StrEnum):
    """As MySQL's own client calls them."""

    DISABLED = "DISABLED"
    PREFERRED = "PREFERRED"
    """TLS where the server offers it; nothing is verified."""
    REQUIRED = "REQUIRED"
    VERIFY_CA = "VERIFY_CA"
    VERIFY_IDENTITY = "VERIFY_IDENTITY"


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How the connection is encrypted. Files are paths; empty: none."""

    mode: TlsMode = TlsMode.PREFERRED
    ca: str = ""
    capath: str = ""
    cert: str = ""
    key: str = ""
    key_password: str = field(default="", repr=False)
    cipher: str = ""

    @property
    def required(self) -> bool:
        """Whether a connection in plain text is refused."""
        return self.mode not in (TlsMode.DISABLED, TlsMode.PREFERRED)


@dataclass(frozen=True, kw_only=True)
class MySQL:
    """One server and database. ``connection`` is the id that a refused login names; the password is never shown."""

    host: str = "localhost"
    port: int = 3306
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    unix_socket: str = ""
    connect_timeout: int = 30
    tls: Tls = Tls()
    connection: str = ""

    @property
    def address(self) -> str:
        """Where it leads, for messages: no user, no password."""
        place = self.unix_socket or f"{self.host}:{self.port}"
        return f"{place}/{self.database}"

    @property
    def shown(self) -> str:
        """Where it leads, fit to be read by anybody: ``shop on db.example:3306 as reader``."""
        user = f" as {self.user}" if self.user else ""
        return f"{self.database or 'no database'} on {self.unix_socket or f'{self.host}:{self.port}'}{user}"


def fields(
    *,
    host: str | None = None,
    port: int | None = None,
    login: str | None = None,
    password: str | None = None,
    schema: str | None = None,
    extra: Mapping[str, Any] | None = None,
    connection: str = "",
) -> MySQL:
    """The server of an Airflow connection; ``schema`` is Airflow's word for the database's name.

    Raises:
        Refused: an extra that nobody here knows, or a value that it can't have. No value is in the message.
    """
    extra = {name: value for name, value in (extra or {}).items() if value not in (None, "")}
    if extra.get("iam"):
        why = "asks for a token of a cloud's IAM, which only Airflow's hook can fetch"
        raise Refused(why, "give a password")
    for name in extra:
        if name not in _KNOWN:
            _refuse_unknown(name, _KNOWN)
    return MySQL(
        host=host or "localhost",
        port=port or 3306,
        user=login or "",
        password=password or "",
        database=schema or "",
        unix_socket=str(extra.get("unix_socket", "")),
        connect_timeout=_seconds(extra.get("connect_timeout", 30)),
        tls=_tls(extra),
        connection=connection,
    )


def _seconds(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused("has a connect_timeout that is no number of seconds", 'write "connect_timeout": 30') from None


def _tls(extra: Mapping[str, Any]) -> Tls:
    inner = _ssl(extra.get("ssl"))
    files = {
        "ca": str(inner.get("ca") or extra.get("ssl_ca") or ""),
        "capath": str(inner.get("capath") or ""),
        "cert": str(inner.get("cert") or extra.get("ssl_cert") or ""),
        "key": str(inner.get("key") or extra.get("ssl_key") or ""),
        "key_password": str(inner.get("password") or extra.get("ssl_key_password") or ""),
        "cipher": str(inner.get("cipher") or ""),
    }
    mode = _mode(extra, inner, verifiable=bool(files["ca"] or files["capath"]))
    if mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_IDENTITY) and _is_no(extra, inner):
        raise Refused("asks for TLS that is verified, and for TLS that is not", "leave one of the two out")
    return Tls(mode=mode, **files)


def _mode(extra: Mapping[str, Any], inner: Mapping[str, Any], *, verifiable: bool) -> TlsMode:  # noqa: PLR0911
    """A CA's file is there to be verified by: that it should be needs no further word (M31)."""
    written = str(extra.get("ssl_mode") or inner.get("mode") or "").upper()
    if written:
        if written not in TlsMode.__members__:
            raise Refused("has an ssl_mode that MySQL does not know", f"write one of {', '.join(TlsMode)}")
        return TlsMode(written)
    if _true(extra.get("ssl_disabled")):
        return TlsMode.DISABLED
    if _true(extra.get("ssl_verify_identity")):
        return TlsMode.VERIFY_IDENTITY
    if inner:
        verifies = _verifies(inner.get("verify_mode", verifiable))
        if not verifies:
            return TlsMode.REQUIRED
        return TlsMode.VERIFY_IDENTITY if _true(inner.get("check_hostname", True)) else TlsMode.VERIFY_CA
    if verifiable or _true(extra.get("ssl_verify_cert")):
        return TlsMode.VERIFY_CA
    asked = "ssl" in extra or any(name in extra for name in _TLS_WORDS)
    return TlsMode.REQUIRED if asked else TlsMode.PREFERRED


def _is_no(extra: Mapping[str, Any], inner: Mapping[str, Any]) -> bool:
    return _true(extra.get("ssl_disabled")) or ("verify_mode" in inner and not _verifies(inner["verify_mode"]))


def _ssl(value: Any) -> Mapping[str, Any]:
    """The extra ``ssl``: a mapping, or its JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Refused("has an ssl that is no JSON", 'write {"ca": "/path/ca.pem"}', secret=True) from None
    if value in (None, True, False):
        return {"verify_mode": False} if value else {}
    if not isinstance(value, dict):
        raise Refused("has an ssl that is not a mapping", 'write {"ca": "/path/ca.pem"}')
    for name in value:
        if name not in _IN_SSL:
            _refuse_unknown(f"ssl.{name}", frozenset(f"ssl.{one}" for one in _IN_SSL))
    return value


def _refuse_unknown(name: str, known: frozenset[str]) -> None:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f'did you mean "{near[0]}"?' if near else "take it out of the extras"
    raise Refused(f'has an extra that is not known for MySQL: "{name}"', remedy)


def _true(value: Any) -> bool:
    return value is not None and str(value).strip().lower() not in ("", "0", "false", "no", "none")


def _verifies(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    text = str(value).strip().lower().removeprefix("cert_")
    if text not in _VERIFIES and text != "true":
        raise Refused("has a verify_mode that TLS does not know", "write none, optional or required")
    return _VERIFIES.get(text, True)
