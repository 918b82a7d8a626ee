"""Cloud Storage and BigQuery on this machine: fake-gcs-server and local-bigquery.

Google's own clients reach them, unmodified.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from floodmark.demo.servers.environment import ServersEnvironment
from floodmark.demo.servers.process import HOST, Server, free_port

if TYPE_CHECKING:
    from google.cloud import bigquery, storage

PROJECT = "proj"
LAUNCHER = Path(__file__).with_name("bigquery_launcher.py")
TIME_ZONE = "FLOODMARK_BIGQUERY_TIME_ZONE"
"""The variable that sets the project's ``default_time_zone`` (BigQuery's page "Manage configuration settings")."""


def fetch(url: str) -> bytes:
    """The body behind ``url``. Raises OSError (URLError, HTTPError) unless it is a success. No proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


class StorageServer(Server):
    """Cloud Storage; objects are files under ``folder/gcs``."""

    name = "the Cloud Storage server (fake-gcs-server)"

    def __init__(self, *, folder: Path, environment: ServersEnvironment) -> None:
        super().__init__(log=folder / "gcs.log")
        self._folder, self._environment = folder, environment
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"

    def begin(self) -> None:
        """Launch it, without waiting."""
        root = self._folder / "gcs"
        root.mkdir(parents=True, exist_ok=True)
        options = {
            "scheme": "http",
            "host": HOST,
            "port": str(self.port),
            "external-url": self.url,
            "public-host": f"{HOST}:{self.port}",
            "backend": "filesystem",
            "filesystem-root": str(root),
            "log-level": "warn",
        }
        words = [word for name, value in options.items() for word in ("-" + name, value)]
        self.launch([self._environment.fake_gcs, *words], variables={"HOME": str(self._folder)}, cwd=self._folder)

    def probe(self) -> None:
        """List the buckets."""
        fetch(f"{self.url}/storage/v1/b?project={PROJECT}")


class BigQueryServer(Server):
    """BigQuery; it reads ``gs://`` from the Cloud Storage server at ``storage_url``."""

    name = "the BigQuery server (local-bigquery)"
    stop_signal = signal.SIGINT

    def __init__(self, *, folder: Path, environment: ServersEnvironment, storage_url: str) -> None:
        super().__init__(log=folder / "bigquery.log")
        self._folder, self._environment, self._storage_url = folder, environment, storage_url
        self.port, self.grpc_port = free_port(), free_port()
        self.url = f"http://{HOST}:{self.port}"

    def begin(self) -> None:
        """Launch it, without waiting."""
        data = self._folder / "bigquery"
        data.mkdir(parents=True, exist_ok=True)
        options = {
            "host": HOST,
            "port": str(self.port),
            "grpc-port": str(self.grpc_port),
            "data-dir": str(data),
            "project": PROJECT,
        }
        words = [word for name, value in options.items() for word in ("--" + name, value)]
        variables = {"HOME": str(self._environment.home), "STORAGE_EMULATOR_HOST": self._storage_url}
        variables[TIME_ZONE] = os.environ.get(TIME_ZONE, "")
        # -P: beside the launcher lies this very module, which must not stand for Google's own package there.
        self.launch([self._environment.python, "-P", LAUNCHER, *words], variables=variables, cwd=self._folder)

    def gate(self) -> dict[str, Any]:
        """What the gate before it is, and did: ``analyzer``, or ``missing`` and why; numbers of statements."""
        told: dict[str, Any] = json.loads(fetch(f"{self.url}/floodmark/gate"))
        return told

    def wait(self) -> None:
        """As every server; and say it loudly where the gate before it is open."""
        super().wait()
        if missing := self.gate().get("missing"):
            print(f"floodmark: THE GATE IS OPEN: Google's analyzer could not be loaded: {missing}", file=sys.stderr)

    def probe(self) -> None:
        """List the datasets: it has loaded its extensions when it can."""
        fetch(f"{self.url}/bigquery/v2/projects/{PROJECT}/datasets")


class GoogleServers:
    """Both servers, the variables that lead clients to them, and clients."""

    project = PROJECT

    def __init__(self, *, folder: Path, environment: ServersEnvironment) -> None:
        """``folder`` takes data and logs; it stays when the servers stop."""
        folder.mkdir(parents=True, exist_ok=True)
        self.storage = StorageServer(folder=folder, environment=environment)
        self.bigquery = BigQueryServer(folder=folder, environment=environment, storage_url=self.storage.url)

    def start(self) -> Self:
        """Start both, side by side. Raises ServerFailed, with neither left running."""
        try:
            self.storage.begin()
            self.bigquery.begin()
            self.storage.wait()
            self.bigquery.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop both."""
        self.bigquery.stop()
        self.storage.stop()

    def variables(self) -> dict[str, str]:
        """The environment variables that make Google's clients, and Airflow's hooks, talk to these servers."""
        already = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        without_proxy = f"{already},{HOST}" if already else HOST  # else a machine behind a proxy asks it for 127.0.0.1
        connection = {"conn_type": "google_cloud_platform", "extra": {"is_anonymous": True, "project": PROJECT}}
        return {
            "BIGQUERY_EMULATOR_HOST": self.bigquery.url,
            "STORAGE_EMULATOR_HOST": self.storage.url,
            "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": json.dumps(connection),
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "NO_PROXY": without_proxy,
            "no_proxy": without_proxy,
        }

    def bigquery_client(self) -> bigquery.Client:
        """A client of Google's, with anonymous credentials."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        credentials = AnonymousCredentials()
        options = {"api_endpoint": self.bigquery.url}
        return bigquery.Client(project=PROJECT, credentials=credentials, client_options=options)

    def storage_client(self) -> storage.Client:
        """A client of Google's, with anonymous credentials."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        credentials = AnonymousCredentials()
        options = {"api_endpoint": self.storage.url}
        return storage.Client(project=PROJECT, credentials=credentials, client_options=options)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
