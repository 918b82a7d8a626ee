"""dlt beside the others: its own environment, made once from pins, and its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from environments import environment

from floodmark.core.time.interval import Interval
from floodmark.demo.databases import Place
from floodmark.demo.loss.compare import Row
from floodmark.errors import ServerFailed

HERE = Path(__file__).parent
PINS = HERE / "dlt.txt"
PYTHON = "3.11"


def dlt_python(say: Callable[[str], None] = print) -> Path:
    """The interpreter of dlt's environment, which is made at the first use on a machine. Raises ``ServerFailed``."""
    try:
        return environment(PINS, PYTHON, say)
    except ServerFailed as error:
        raise ServerFailed(f"{error}\nwithout it: --without-dlt") from error


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
