"""The Admin API's HTTP side: ``v1`` and ``sql/v1beta4`` paths, on 127.0.0.1 and a free port.

with CloudSqlServer(Instance(dsn, storage_url)) as server:
    server.url
"""

from __future__ import annotations

import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.requests import RequestRefused
from floodmark.demo.servers.process import HOST

_ROUTE = re.compile(r"/(?:sql/v1beta4|v1)/projects/([^/]+)/(instances|operations)(?:/([^/?]+))?(?:/(\w+))?$")


class CloudSqlServer:
    """Serves one instance while it is open."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._server = ThreadingHTTPServer((HOST, 0), _handler(instance))
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(instance: Instance) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
            try:
                found = _answered(instance, self.command, url.path, query, body)
            except RequestRefused as refused:
                return self._answer(refused.status, refused.body)
            if self.path.endswith("/export") and instance.conduct.lose_replies:
                instance.conduct.lose_replies -= 1  # accepted, and the client never hears of it
                self.close_connection = True
                return None
            return self._answer(200, found)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _answered(
    instance: Instance, method: str, path: str, query: dict[str, str], body: dict[str, Any]
) -> dict[str, Any]:
    """The answer to one request. Raises ``RequestRefused``."""
    matched = _ROUTE.match(path)
    project, kind, name, verb = matched.groups() if matched else ("", "", "", "")
    if instance.conduct.refuse:
        raise instance.conduct.refuse.pop(0)
    named = name if kind == "instances" else query.get("instance", instance.name)
    if matched and (project, named) != (instance.project, instance.name):
        raise RequestRefused(404, "instanceDoesNotExist", "The Cloud SQL instance does not exist.")
    match (method, kind, verb):
        case ("GET", "instances", None) if name:
            return instance.described()
        case ("POST", "instances", "export"):
            return _shown(instance.export(body))
        case ("POST", "instances", "executeSql"):
            return instance.execute_sql(body)
        case ("POST", "operations", "cancel"):
            instance.operation(name)["_cancelled"] = True
            return {}
        case ("GET", "operations", None) if name:
            return _shown(instance.operation(name))
        case ("GET", "operations", None):
            page = instance.listed(int(query.get("maxResults", 100)), int(query.get("pageToken", 0)))
            return {**page, "items": [_shown(one) for one in page["items"]]}
    raise RequestRefused(404, "notFound", f"{method} {path}")


def _shown(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in operation.items() if not name.startswith("_")}
