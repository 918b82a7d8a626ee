"""An Airflow connection's fields reach libpq whole, and misspelt ones don't pass."""

from __future__ import annotations

import psycopg2.extensions
import pytest

from floodmark.adapters.connections import libpq
from floodmark.core.refused import Refused


def test_every_field_and_every_extra_of_libpq_arrives() -> None:
    extra = {"sslmode": "verify-full", "sslrootcert": "/ca.pem", "options": "-c x=1", "keepalives": True, "iam": False}
    found = libpq.fields(host="db", port=5433, login="me", password="p", schema="shop", extra=extra)
    assert found == {
        "host": "db", "port": "5433", "user": "me", "password": "p", "dbname": "shop", "sslmode": "verify-full",
        "sslrootcert": "/ca.pem", "options": "-c x=1", "keepalives": "1",
    }  # fmt: skip


def test_what_is_empty_is_left_to_libpq() -> None:
    assert libpq.fields(host="", password=None, extra={"sslmode": ""}) == {}


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"sslmod": "require"}, 'has an extra that libpq does not know: "sslmod"'),
        ({"replication": "database"}, 'has an extra that libpq does not know: "replication"'),
        ({"iam": True}, "asks for a token of a cloud's IAM, which only Airflow's hook can fetch"),
    ],
)
def test_other_extras_are_refused_without_their_value(extra: dict[str, object], message: str) -> None:
    with pytest.raises(Refused) as refused:
        libpq.fields(extra=extra)
    assert refused.value.message == message
    assert not any(str(value) in message for value in extra.values())


def test_a_misspelt_extra_gets_the_word_that_was_meant() -> None:
    with pytest.raises(Refused) as refused:
        libpq.fields(extra={"sslmod": "require"})
    assert refused.value.remedy == 'did you mean "sslmode"?'


def test_libpq_itself_knows_every_field() -> None:
    version = psycopg2.extensions.libpq_version()
    newer = {"sslkeylogfile", "scram_client_key", "scram_server_key", "min_protocol_version", "max_protocol_version"}
    for name in libpq.FIELDS - (newer if version < 180000 else set()):
        psycopg2.extensions.parse_dsn(f"{name}=x")


def test_a_place_is_shown_without_secrets() -> None:
    fields = libpq.fields(host="db", login="me", password="s3cret", schema="shop", extra={"sslpassword": "s3cret"})
    assert libpq.shown(fields) == "shop on db as me"
