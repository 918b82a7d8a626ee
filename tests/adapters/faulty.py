"""A proxy in front of a real server that loses answers, refuses requests, or changes what comes back."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host", "accept-encoding"}


@dataclass(kw_only=True)
class Fault:
    """What happens to the next ``times`` requests that match.

    ``status`` 0 with ``forward``: the request goes through and its answer is lost. ``status`` otherwise: the answer,
    with ``body``; ``change`` makes another body of the real one. ``part``: only so many bytes of a chunk go through.
    """

    method: str
    path: str
    times: int = 1
    skip: int = 0
    forward: bool = True
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[bytes], bytes] | None = None
    part: int = 0

    def meets(self, method: str, path: str) -> bool:
        if self.times < 1 or method != self.method or self.path not in path:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Faulty:
    """The proxy: its ``url``, the ``faults`` to come, and the ``requests`` that came.

    Requests pass it one at a time where ``in_turn``: the local BigQuery server may run two jobs that are inserted under
    one id in the same millisecond (2 of 40 tries), which the real one rules out.
    """

    url: str
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    in_turn: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)


def _whole(content_range: str, body: bytes) -> bool:
    """Whether a chunk's range fits it; the real service refuses others, the local one takes them."""
    place = content_range.removeprefix("bytes ").partition("/")[0]
    if "-" not in place:
        return True
    first, last = map(int, place.split("-"))
    return first <= last and last - first + 1 == len(body)


@contextmanager
def faulty(upstream: str) -> Iterator[Faulty]:
    """A proxy in front of ``upstream``, on 127.0.0.1."""
    state = Faulty(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self._body()
            state.requests.append((self.command, self.path))
            fault = next((each for each in state.faults if each.meets(self.command, self.path)), None)
            if fault and not fault.forward:
                self._answer(fault.status, {"content-type": "application/json", **fault.headers}, fault.body)
                return
            if not _whole(self.headers.get("content-range", ""), body):
                self._answer(400, {}, b"the range does not fit the bytes")
                return
            if fault and fault.part:
                body = body[: fault.part]
                start = int(self.headers["content-range"].removeprefix("bytes ").partition("-")[0])
                self.headers.replace_header("content-range", f"bytes {start}-{start + len(body) - 1}/*")
            with state.turn if state.in_turn else nullcontext():
                status, headers, answer = self._forward(body)
            if fault and fault.change:
                answer = fault.change(answer)
            elif fault and not fault.status and not fault.part:
                self.close_connection = True
                self.connection.close()
                return
            self._answer(status, headers, answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding", "") == "chunked":
                raise AssertionError("this proxy wants a length")
            return self.rfile.read(int(self.headers.get("content-length", 0)))

        def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
            if "Location" in kept:
                kept["Location"] = kept["Location"].replace(upstream, state.url)
            answer = response.read()
            connection.close()
            return response.status, kept, answer

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
