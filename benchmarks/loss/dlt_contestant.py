"""dlt beside the others: its own environment, made once from pins, and its own process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from floodmark.core.time.interval import Interval
from floodmark.demo.databases import Place
from floodmark.demo.loss.compare import Row
from floodmark.demo.servers.interpreters import cache_folder, find_python, find_uv, index_settings
from floodmark.errors import ServerFailed

HERE = Path(__file__).parent
PINS = HERE / "dlt.txt"
PYTHON = "3.11"


def dlt_python(say: Callable[[str], None] = print) -> Path:
    """The interpreter of dlt's environment, which is made at the first use on a machine. Raises ``ServerFailed``."""
    digest = hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"dlt-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists() and python.exists():
        return python
    uv = find_uv()
    if uv is None:
        raise ServerFailed("dlt's environment: uv is not on PATH; install it: pip install uv")
    say("making dlt's environment, once per machine")
    _run([uv, "venv", "--quiet", "--clear", "--python", find_python(PYTHON) or PYTHON, folder])
    _run([uv, "pip", "install", "--quiet", "--no-deps", "--python", python, "--requirement", PINS])
    ready.touch()
    return python


def _run(words: list[Any]) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        env={**index_settings(), **os.environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise ServerFailed(f"dlt's environment could not be made; without it: --without-dlt\n{reason}")


class Dlt:
    """Implements :class:`floodmark.demo.loss.contestants.Contestant` by a process that has dlt loaded.

    A run reads up to now, not up to its slice's end: that is how dlt's cursor works.
    """

    def __init__(self, name: str, *, python: Path, source: Place, folder: Path, lag: timedelta | None) -> None:
        self.name = name
        folder.mkdir(parents=True)
        self._log = (folder / "dlt.log").open("w")
        url = source.dsn.replace("postgresql:", "postgresql+psycopg2:", 1).replace("mysql:", "mysql+pymysql:", 1)
        words = [python, HERE / "dlt_worker.py", url, folder, "-" if lag is None else lag.total_seconds()]
        self._process = subprocess.Popen(
            [str(word) for word in words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            text=True,
            bufsize=1,
        )
        self._read()

    def run(self, interval: Interval) -> None:
        """One run of its pipeline."""
        self._ask("run")

    def rows(self) -> Sequence[Row]:
        """Its target."""
        return [(key, version) for key, version in json.loads(self._ask("rows"))["rows"]]

    def reads(self) -> tuple[int, int]:
        """Rows that the source returned, and those that it had returned before."""
        found = json.loads(self._ask("rows"))
        return found["read"], found["again"]

    def close(self) -> None:
        """End its process."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(timeout=30)
            self._process.stdout.close()
        self._log.close()

    def _ask(self, word: str) -> str:
        if self._process.stdin is None:
            raise ServerFailed(f"{self.name}: no way to its process")
        self._process.stdin.write(word + "\n")
        return self._read()

    def _read(self) -> str:
        answer = self._process.stdout.readline() if self._process.stdout else ""
        if not answer:
            log = Path(self._log.name)
            last = "\n".join(log.read_text().splitlines()[-12:])
            raise ServerFailed(
                f"{self.name}: its process ended with {self._process.poll()}; the end of its log:\n{last}"
            )
        return answer
