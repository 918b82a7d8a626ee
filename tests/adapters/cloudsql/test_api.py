"""What the Admin API's answers mean: one that isn't its own is no answer, and none without rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from floodmark.adapters.cloudsql.api import AdminApi, Answered, Place, Unanswered


class Proxy(BaseHTTPRequestHandler):
    """Says the same to everybody, as a proxy does that wants a login."""

    status, body = 200, b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing is said of a request."""


@pytest.fixture
def api() -> Iterator[AdminApi]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = Place(project="p", instance="i", database="d", endpoint=f"http://127.0.0.1:{server.server_port}")
    yield AdminApi(place, requests.Session)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b"[]", b'"ok"'])
def test_a_page_that_is_not_the_api_s_is_no_answer(api: AdminApi, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """Else a lost export would count as one that never began, and an instance as one without operations."""
    monkeypatch.setattr(Proxy, "body", body)
    for asked in (
        lambda: list(api.operations()),
        api.instance,
        lambda: api.export({}),
        lambda: api.execute("SELECT 1"),
    ):
        with pytest.raises(Unanswered, match=r"an answer that is not the API's \(200\)"):
            asked()


def test_a_refusal_in_other_words_is_one_all_the_same(api: AdminApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proxy, "status", 403)
    monkeypatch.setattr(Proxy, "body", b"[]")
    with pytest.raises(Answered, match=r"no message \(403 \)"):
        api.instance()


def test_an_instance_without_operations_has_none(api: AdminApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proxy, "body", b"{}")
    assert list(api.operations()) == []
