"""An Airflow of several DAGs, some of which have kept a page or an output, and its web server."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from floodmark.demo.servers.airflow import Part
from floodmark.demo.servers.process import HOST, free_port
from tests.airflow.conftest import AIRFLOW_2, SOURCE
from tests.airflow.conftest import DAG_FILE as DAGS_OF_SOURCES
from tests.airflow.web.plugin_as_installed import python_path
from tests.pipeline.page.of_now import OF_NOW

DAG_FILE = Path(__file__).with_name("dag_file_of_pages.py")
RIGHTS = "tests.airflow.web.rights_by_dag.RightsByDag"
USERS = {"admin": "admin", "reader": "viewer"}
PASSWORD = "a-password-of-a-test"
PREFIX = "/behind/a-proxy"
"""Before all paths, as a proxy has it."""
WITH_PAGES = ("shop", "stock", "forger")
LEDGER = "<img src=x onerror=alert(1)>&"
"""The folder of a ledger that isn't there, which is told: no page may obey it."""
WITH_OUTPUT = ("till", "vault")
FORM = {"action": "void", "tables": ["orders"], "start": None, "end": None}
"""Of a run of their commands, which fails: there is no ledger yet."""
RUN_AT = "2026-11-03T03:00:00+00:00"


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where it answers."""

    url: str
    variables: Mapping[str, str]
    logged_in: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, user: str = "") -> Visitor:
        """Somebody who has logged in, once: Airflow 2 refuses who does so too often; or nobody."""
        if user not in self.logged_in:
            self.logged_in[user] = self._log_in(user)
        return self.logged_in[user] if user else Visitor(url=self.url)

    def _log_in(self, user: str) -> Visitor:
        visitor = Visitor(url=self.url)
        if user and AIRFLOW_2:
            form = visitor.get("/login/").text
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
            assert token, form
            said = {"username": user, "password": PASSWORD, "csrf_token": token[1]}
            visitor.post("/login/", urllib.parse.urlencode(said).encode(), "application/x-www-form-urlencoded")
        elif user:
            said = {"username": user, "password": PASSWORD}
            token = visitor.post("/auth/token", json.dumps(said).encode(), "application/json")
            visitor.headers["Cookie"] = f"_token={json.loads(token.text)['access_token']}"
        return visitor


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    url: str
    headers: Message
    text: str


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A browser."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def get(self, path: str) -> Answer:
        """Ask for a page, by its path with a leading slash."""
        return self._ask(urllib.request.Request(self.url + path, headers=self.headers))

    def post(self, path: str, body: bytes, content_type: str) -> Answer:
        """Send a form."""
        headers = {**self.headers, "Content-Type": content_type}
        return self._ask(urllib.request.Request(self.url + path, data=body, headers=headers, method="POST"))

    def _ask(self, request: urllib.request.Request) -> Answer:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        try:
            answer = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            return Answer(status=answer.status, url=answer.url, headers=answer.headers, text=text)


class WebServer(Part):
    """Airflow's."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}{PREFIX}"
        self.folder = folder
        command = ["webserver"] if AIRFLOW_2 else ["api-server"]
        words = [*command, "--workers", "1", "--port", str(self.port), "--hostname" if AIRFLOW_2 else "--host", HOST]
        super().__init__(words, folder, _variables(folder, self.url), self._answers)

    def prepared(self, *dag_ids: str, at: str = RUN_AT) -> WebServer:
        """With its tables, its users, and DAGs, of which these have run."""
        (self.folder / "dags").mkdir()
        (self.folder / "dags" / "pages.py").write_text(DAG_FILE.read_text(encoding="utf-8"), encoding="utf-8")
        (self.folder / "dags" / "floodmark_dags.py").write_text(DAGS_OF_SOURCES, encoding="utf-8")
        (self.folder / "dags" / "sources").mkdir()
        for name in WITH_OUTPUT:
            own = {"source": name, "bigquery": SOURCE["bigquery"] | {"dataset": name}}
            (self.folder / "dags" / "sources" / f"{name}.yml").write_text(json.dumps(SOURCE | own), encoding="utf-8")
        self._run("-m", "tests.airflow.web.prepare", at, *(dag_ids or WITH_PAGES))
        for source in () if dag_ids else WITH_OUTPUT:
            form = json.dumps(FORM | {"confirm": source})
            self._run("-m", "airflow", "dags", "test", f"{source}__ops", at, "--conf", form, fails=True)
        if AIRFLOW_2:
            self._run("-m", "tests.airflow.web.users_of_airflow2")
        return self

    def site(self) -> Site:
        """Where it answers."""
        return Site(url=self.url, variables=self._variables)

    def _run(self, *words: str, fails: bool = False) -> None:
        done = subprocess.run(
            [sys.executable, *words], env=dict(self._variables), cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, f"{words}\n{done.stdout}"

    def _answers(self) -> None:
        path = "/health" if AIRFLOW_2 else "/api/v2/monitor/health"
        if (status := Visitor(url=self.url).get(path).status) != 200:
            raise ConnectionError(f"{path} answers {status}")


def _variables(folder: Path, url: str) -> dict[str, str]:
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(USERS, PASSWORD)), encoding="utf-8")
    settings = {
        "CORE__DAGS_FOLDER": str(folder / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__UNIT_TEST_MODE": "False",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder}/airflow.db",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    if AIRFLOW_2:
        settings |= {"WEBSERVER__SECRET_KEY": "a" * 32, "WEBSERVER__EXPOSE_CONFIG": "False", "WEBSERVER__BASE_URL": url}
    else:
        settings |= {
            "CORE__AUTH_MANAGER": RIGHTS,
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "API__BASE_URL": url,
            "API__SECRET_KEY": "a" * 32,
            "API_AUTH__JWT_SECRET": "b" * 64,
        }
    plain = {
        "AIRFLOW_HOME": str(folder), "HOME": str(folder), "LC_ALL": "C.UTF-8", "NO_PROXY": HOST,
        "PYTHONPATH": python_path(folder / "installed"), "FLOODMARK_STATE": str(folder / LEDGER),
    }  # fmt: skip
    of_now = {OF_NOW: os.environ[OF_NOW]} if OF_NOW in os.environ else {}
    return plain | of_now | {f"AIRFLOW__{name}": value for name, value in settings.items()}
