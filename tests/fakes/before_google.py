"""Before a Google server on this machine: what it can't answer, answered by the documented protocol, or refused.

See "JSON API: Buckets: testIamPermissions", "REST resource: tables", and "HTTP status and error codes" of either
service. Everything else goes to the server behind it, and so does its answer.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, Any]]
"""A status and a body."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Requests that it answers itself: ``method`` and a path that ``path`` matches wholly; ``body`` of the request."""

    method: str
    path: str
    answer: Callable[[dict[str, list[str]], Any], Answer | None]


def forbidden(permission: str, resource: str) -> Answer:
    """As both services refuse."""
    message = f"Access Denied: {resource}: Permission '{permission}' denied on resource (or it may not exist)."
    return 403, {"error": {"code": 403, "message": message, "errors": [{"reason": "accessDenied", "message": message}]}}


def refusing(method: str, path: str, permission: str) -> Rule:
    """Such requests lack a permission."""
    return Rule(method=method, path=path, answer=lambda _query, _body: forbidden(permission, path))


@dataclass
class BeforeGoogle:
    """``url`` stands for the server ``behind``; ``rules`` are tried in order; ``changed`` is merged into
    what is answered to a GET, by its path and query."""

    behind: str
    rules: list[Rule] = field(default_factory=list)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""

    def holding(self, *permissions: str) -> None:
        """The account holds these on every bucket and table."""
        kind = {"kind": "storage#testIamPermissionsResponse"}

        def of_bucket(query: dict[str, list[str]], _body: Any) -> Answer:
            return 200, {**kind, "permissions": [one for one in query.get("permissions", []) if one in permissions]}

        def of_table(_query: Any, body: Any) -> Answer:
            return 200, {"permissions": [one for one in body["permissions"] if one in permissions]}

        self.rules.append(Rule(method="GET", path=r".*/b/[^/]+/iam/testPermissions", answer=of_bucket))
        self.rules.append(Rule(method="POST", path=r".*/tables/[^/]+:testIamPermissions", answer=of_table))

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Status, type and body of the answer."""
        parts = urlsplit(target)
        for rule in self.rules:
            if rule.method == method and re.fullmatch(rule.path, parts.path):
                answer = rule.answer(parse_qs(parts.query), _document(body))
                if answer is not None:
                    return answer[0], "application/json", json.dumps(answer[1]).encode()
        status, kind, told = self._ask(method, target, headers, body)
        for path, values in self.changed.items():
            if method == "GET" and status == 200 and re.fullmatch(path + r"(\?.*)?", target):
                told = json.dumps({**json.loads(told), **values}).encode()
        return status, kind, told

    def _ask(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        passed = {name: value for name, value in headers.items() if name.lower() not in ("host", "accept-encoding")}
        request = urllib.request.Request(self.behind + target, data=body or None, headers=passed, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", ""), error.read()


def _document(body: bytes) -> Any:
    """A request's JSON; None where it has none: an upload has rows."""
    try:
        return json.loads(body)
    except ValueError:
        return None


@contextmanager
def before(server: str) -> Iterator[BeforeGoogle]:
    """One before the server at this address, until the block ends."""
    between = BeforeGoogle(behind=server)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, told = between.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        between.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield between
        finally:
            listening.shutdown()
            thread.join()
