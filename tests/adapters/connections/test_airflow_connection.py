"""``AIRFLOW_CONN_<ID>`` is read as Airflow reads it."""

from __future__ import annotations

import contextlib
import json
from importlib.metadata import version
from typing import Any

import pytest

from floodmark.adapters.connections.airflow_connection import parse
from floodmark.core.refused import Refused

URIS = [
    "postgres://me:p%40ss%2Fword@db.example:5433/shop?sslmode=require&keepalives=1",
    "postgresql://db/shop",
    "postgres://me@%2Fvar%2Frun%2FPostgreSQL/shop",
    "postgres://me:pw@/shop?__extra__=%7B%22sslmode%22%3A%20%22require%22%2C%20%22a%22%3A%20%7B%22b%22%3A%201%7D%7D",
    "google-cloud-platform://?is_anonymous=true&project=proj",
    "http://https%3A%2F%2Fme@host:1/",
    "http://https://host:8080/path",
    "postgres://",
]

KEEPS_TEXTS = tuple(map(int, version("apache-airflow").split(".")[:3])) < (2, 11, 2)
"""What stands in a URI's query is text for Airflow 2.11.1, and JSON where it can be for all later ones, and for us."""


def _as_json(extra: dict[str, Any]) -> dict[str, Any]:
    found = dict(extra)
    for name, value in extra.items():
        with contextlib.suppress(ValueError, TypeError):
            found[name] = json.loads(value)
    return found


@pytest.mark.parametrize("uri", URIS)
def test_a_uri_means_what_airflow_takes_it_for(uri: str) -> None:
    models = pytest.importorskip("airflow.models.connection")
    theirs, ours = models.Connection(uri=uri), parse(uri)
    assert ours.conn_type == theirs.conn_type
    for name in ("host", "port", "login", "password", "schema"):
        assert (getattr(ours, name) or None) == (getattr(theirs, name) or None), name
    assert dict(ours.extra) == (_as_json(theirs.extra_dejson) if KEEPS_TEXTS else theirs.extra_dejson)


def test_json_with_extras_as_a_mapping_or_as_text() -> None:
    parts = {"conn_type": "postgres", "host": "db", "port": "5433", "login": "me", "password": "p", "schema": "shop"}
    for extra in ({"sslmode": "require"}, '{"sslmode": "require"}'):
        found = parse(json.dumps(parts | {"extra": extra}))
        assert (found.host, found.port, found.schema, dict(found.extra)) == ("db", 5433, "shop", {"sslmode": "require"})


@pytest.mark.parametrize(
    "text",
    ["s3cret", '{"conn_type": "postgres", "password": "s3cret"', '{"password": "s3cret"}', '{"s3cret": 1}x',
     "postgres://me:s3cret@db:port/x", '{"conn_type": "postgres", "port": "s3cret"}',
     '{"conn_type": "postgres", "extra": "s3cret"}', "postgres://me:s3cret@[db/x"],
)  # fmt: skip
def test_what_is_neither_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert "s3cret" not in refused.value.message + refused.value.remedy


@pytest.mark.parametrize("part", ["conn_type", "host", "login", "password", "schema", "port"])
@pytest.mark.parametrize("value", [["s3cret"], {"s3cret": 1}, True, 1.5])
def test_a_part_of_an_odd_shape_is_named_and_not_repeated(part: str, value: Any) -> None:
    with pytest.raises(Refused, match=f"has a {part} that is no text") as refused:
        parse(json.dumps({"conn_type": "postgres", part: value}))
    assert "s3cret" not in refused.value.message + refused.value.remedy


def test_a_number_is_taken_for_the_text_that_it_is_meant_as() -> None:
    found = parse('{"conn_type": "mysql", "login": 7, "password": 12345}')
    assert (found.login, found.password) == ("7", "12345")


def test_a_password_is_not_in_the_representation() -> None:
    assert "s3cret" not in repr(parse("postgres://me:s3cret@db/shop?sslpassword=s3cret"))
