"""What of an Airflow connection reaches a MySQL server, field by field (M31)."""

from __future__ import annotations

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.connections.mysql import MySQL, Tls, TlsMode, fields
from floodmark.core.refused import Refused
from floodmark.errors import ConfigurationError


def test_a_uri_of_airflows_says_everything() -> None:
    text = "mysql://us%40er:p%3A%2F@db.example:3307/shop?ssl_mode=VERIFY_CA&ssl_ca=%2Fca.pem&charset=latin1"
    for connections in (
        LocalConnections({"AIRFLOW_CONN_SHOP": text}),
        LocalConnections({}, dsns={"shop": text}),
    ):
        found = connections.mysql("shop")
        assert connections.type_of("shop") == "mysql"
        assert (found.host, found.port, found.user, found.password) == ("db.example", 3307, "us@er", "p:/")
        assert (found.database, found.tls.mode, found.tls.ca) == ("shop", TlsMode.VERIFY_CA, "/ca.pem")
        assert found.shown == "shop on db.example:3307 as us@er"
        assert connections.password("shop") == "p:/"
        assert "p:/" not in repr(found)


def test_every_field_is_carried_and_the_hooks_own_words_are_left_out() -> None:
    ssl = {"ca": "/ca.pem", "capath": "/cas", "cert": "/c.pem", "key": "/k.pem", "password": "p", "cipher": "x"}
    left = {"charset": "latin1", "cursor": "sscursor", "client": "mysqlclient", "local_infile": True}
    assert fields(
        host="db.example", port=3307, login="l", password="s", schema="shop", connection="shop_db",
        extra={"unix_socket": "/m.sock", "connect_timeout": "7", "ssl": ssl, **left},
    ) == MySQL(
        host="db.example", port=3307, user="l", password="s", database="shop", connection="shop_db",
        unix_socket="/m.sock", connect_timeout=7,
        tls=Tls(
            mode=TlsMode.VERIFY_IDENTITY, ca="/ca.pem", capath="/cas", cert="/c.pem", key="/k.pem", key_password="p",
            cipher="x",
        ),
    )  # fmt: skip
    files = {"ssl_ca": "/ca.pem", "ssl_cert": "/c.pem", "ssl_key": "/k.pem", "ssl_key_password": "p"}
    assert fields(extra=files).tls == Tls(
        mode=TlsMode.VERIFY_CA, ca="/ca.pem", cert="/c.pem", key="/k.pem", key_password="p"
    )


@pytest.mark.parametrize(
    ("extra", "mode"),
    [
        ({}, TlsMode.PREFERRED),
        ({"ssl_disabled": True}, TlsMode.DISABLED),
        ({"ssl": {}}, TlsMode.REQUIRED),
        ({"ssl": True}, TlsMode.REQUIRED),
        ({"ssl_mode": "required"}, TlsMode.REQUIRED),
        ({"ssl_cert": "/c.pem", "ssl_key": "/k.pem"}, TlsMode.REQUIRED),
        ({"ssl_ca": "/ca.pem"}, TlsMode.VERIFY_CA),
        ({"ssl_verify_cert": "true"}, TlsMode.VERIFY_CA),
        ({"ssl_ca": "/ca.pem", "ssl_verify_identity": True}, TlsMode.VERIFY_IDENTITY),
        ({"ssl": '{"ca": "/ca.pem"}'}, TlsMode.VERIFY_IDENTITY),
        ({"ssl": {"ca": "/ca.pem", "check_hostname": False}}, TlsMode.VERIFY_CA),
        ({"ssl": {"ca": "/ca.pem", "verify_mode": "none"}}, TlsMode.REQUIRED),
    ],
)
def test_a_file_of_a_ca_is_there_to_be_verified_by(extra: dict[str, object], mode: TlsMode) -> None:
    assert fields(extra=extra).tls.mode is mode


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"ssl_modd": "REQUIRED"}, 'did you mean "ssl_mode"'),
        ({"ssl": {"cafile": "/ca.pem"}}, "ssl.cafile"),
        ({"ssl": "/ca.pem"}, "no JSON"),
        ({"ssl_mode": "SOME"}, "write one of DISABLED"),
        ({"connect_timeout": "soon"}, 'write "connect_timeout": 30'),
        ({"connect_timeout": [3]}, 'write "connect_timeout": 30'),
        ({"iam": True}, "IAM"),
        ({"ssl_mode": "VERIFY_CA", "ssl_disabled": True}, "leave one of the two out"),
        ({"ssl": {"verify_mode": "maybe"}}, "none, optional or required"),
    ],
)
def test_what_nobody_follows_is_refused(extra: dict[str, object], said: str) -> None:
    with pytest.raises(Refused) as refused:
        fields(extra=extra)

    assert said in f"{refused.value.message}; {refused.value.remedy}"


def test_another_type_and_a_broken_dsn_are_refused_without_their_text() -> None:
    with pytest.raises(ConfigurationError, match='is of type "postgres"'):
        LocalConnections({"AIRFLOW_CONN_SHOP": "postgres://h/d"}).mysql("shop")
    with pytest.raises(ConfigurationError) as refused:
        LocalConnections({}, dsns={"shop": "mysql://user:secret@h:port/d"}).mysql("shop")
    assert "secret" not in str(refused.value)
