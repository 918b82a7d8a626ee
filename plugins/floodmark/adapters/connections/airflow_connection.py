"""The text of an Airflow connection, URI or JSON, as Airflow itself reads ``AIRFLOW_CONN_<ID>``.

Airflow's documentation, "Managing Connections": the JSON form and the URI form, with ``__extra__`` and plain queries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from floodmark.core.refused import Refused

_REMEDY = 'write a URI, postgres://user:password@host:5432/database, or JSON, {"conn_type": "postgres", ...}'
_PARTS = frozenset({"conn_type", "description", "login", "password", "host", "port", "schema", "extra"})


@dataclass(frozen=True, kw_only=True)
class AirflowConnection:
    """The parts of one connection. ``extra`` is never shown, since anything may lie in it."""

    conn_type: str
    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    schema: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def variable(connection: str) -> str:
    """The environment variable that holds a connection."""
    return f"AIRFLOW_CONN_{connection.upper()}"


def parse(text: str) -> AirflowConnection:
    """One connection.

    Raises:
        Refused: neither form; the text itself, which may hold a password, is in no message.
    """
    try:
        return _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
    except Refused:
        raise
    except ValueError:  # json's, urlsplit's, int's: their messages quote the text
        raise Refused("can't be read as an Airflow connection", _REMEDY, secret=True) from None


def _from_json(text: str) -> AirflowConnection:
    document = json.loads(text)
    unknown = sorted(set(document) - _PARTS)
    if unknown:
        raise Refused(f'has a part that Airflow does not know: "{unknown[0]}"', f"known: {', '.join(sorted(_PARTS))}")
    if not document.get("conn_type"):
        raise Refused("does not say its conn_type", _REMEDY)
    texts = {name: _text(name, document.get(name)) for name in ("conn_type", "host", "login", "password", "schema")}
    extra = document.get("extra") or {}
    if isinstance(extra, str):
        extra = json.loads(extra)
    if not isinstance(extra, dict):
        raise Refused("has extras that are not a mapping", _REMEDY)
    port = _text("port", document.get("port"))
    return AirflowConnection(
        conn_type=normal(texts["conn_type"] or ""),
        host=texts["host"],
        port=int(port) if port else None,
        login=texts["login"],
        password=texts["password"],
        schema=texts["schema"],
        extra=extra,
    )


def _text(part: str, value: Any) -> str | None:
    """A part that is a text, or a number that is meant as one. Raises ``Refused`` for anything else, unrepeated."""
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return None if value is None else str(value)
    raise Refused(f"has a {part} that is no text", f'write "{part}": "..."')


def _from_uri(text: str) -> AirflowConnection:
    scheme, separator, rest = text.strip().partition("://")
    if not separator or not scheme:
        raise Refused("can't be read as an Airflow connection", _REMEDY, secret=True)
    protocol, inner, behind = rest.partition("://")
    with_protocol = bool(inner) and "/" not in protocol and "?" not in protocol
    if with_protocol and ("@" in protocol or ":" in protocol):
        raise Refused("can't be read as an Airflow connection", _REMEDY, secret=True)
    parts = urlsplit("//" + (behind if with_protocol else rest))
    host = unquote(parts.hostname or "")  # what follows a %, as a socket's folder does, keeps its case
    if host and with_protocol:
        host = f"{protocol}://{host}"
    return AirflowConnection(
        conn_type=normal(scheme),
        host=host or None,
        port=parts.port,
        login=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        schema=unquote(parts.path[1:]) or None,
        extra=_extra(parts.query),
    )


def _extra(query: str) -> dict[str, Any]:
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    if "__extra__" in pairs:
        extra = json.loads(pairs["__extra__"] or "{}")
        if not isinstance(extra, dict):
            raise Refused("has extras that are not a mapping", _REMEDY)
        return extra
    return {name: _value(value) for name, value in pairs.items()}


def _value(text: str) -> Any:
    """A value of a query: JSON where it is, as Airflow takes it, else the text."""
    try:
        return json.loads(text) if text else text
    except ValueError:
        return text


def normal(conn_type: str) -> str:
    """A type as Airflow names it, from the scheme of a URI."""
    return "postgres" if conn_type == "postgresql" else conn_type.replace("-", "_")
