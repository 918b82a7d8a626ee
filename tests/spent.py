"""Where the suite's time goes: a plugin of pytest that prints, for each file, processor seconds and who spent them.

``make test-spent``, or ``python -m pytest -p tests.spent ...``. Processor time is the same on a busy machine as on an
idle one (nearly); the time of the clock is not. Servers and fixtures count for the test during which they ran; those of
a session are started by the first test that asks for them.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

TICKS = os.sysconf("SC_CLK_TCK")
SERVERS = {"bigquery_launche": "BigQuery", "fake-gcs-server": "Storage", "postgres": "PostgreSQL"}
COLUMNS = ("clock", "CPU", "tests", "BigQuery", "Storage", "PostgreSQL", "other")
SHOWN = 40


def spent_until_now() -> Counter[str]:
    """Processor seconds of this process ("tests") and of all that it has started, by the kind of server."""
    seconds: Counter[str] = Counter({"tests": time.process_time()})
    children = defaultdict(list)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name, fields = _fields(process)
        except OSError:  # it has just ended
            continue
        children[int(fields[1])].append((int(process.name), name, fields))
    asked = [(os.getpid(), "")]
    while asked:
        parent, kind = asked.pop()
        for child, name, fields in children[parent]:
            its = kind or SERVERS.get(_spoken(child, name), "")
            seconds[its or "other"] += sum(map(int, fields[11:15])) / TICKS  # its own, and of children it waited for
            asked.append((child, its))
    ended = os.times()
    seconds["other"] += ended.children_user + ended.children_system
    return seconds


def _fields(process: Path) -> tuple[str, list[str]]:
    """The name in /proc/PID/stat, and the fields after it."""
    name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
    return name, rest.split()


def _spoken(process: int, name: str) -> str:
    """A process's name, or of a Python program the script's."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
    except OSError:
        return name
    return next((server for word in words for server in SERVERS if server in word), name)


def _between(before: Counter[str], after: Counter[str]) -> dict[str, float]:
    """Seconds by who spent them; all that a server ever spent counts as ``other`` from its end on, and is left out."""
    seconds = {name: after[name] - before[name] for name in COLUMNS[2:]}
    for name in SERVERS.values():
        if seconds[name] < 0:
            seconds["other"] += seconds[name]
            seconds[name] = 0.0
    return seconds


class Spent:
    """Measures each test where it runs, and adds up by file where the report is printed."""

    def __init__(self) -> None:
        self._last: tuple[float, Counter[str]] | None = None
        self._files: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        report = yield
        if call.when == "teardown":
            clock, until_now = time.monotonic(), spent_until_now()
            if self._last:
                seconds = _between(self._last[1], until_now)
                report.user_properties.append(("spent", {"clock": clock - self._last[0], **seconds}))
            self._last = clock, until_now
        return report

    def pytest_sessionstart(self) -> None:
        self._last = time.monotonic(), spent_until_now()

    def pytest_collection_finish(self) -> None:
        self._last = time.monotonic(), spent_until_now()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, seconds in report.user_properties:
            if name == "spent" and report.when == "teardown":
                file = self._files[report.nodeid.partition("::")[0]]
                file.update(seconds)
                file["CPU"] += sum(seconds[one] for one in COLUMNS[2:])
                file["count"] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        total: Counter[str] = sum(self._files.values(), Counter())
        lines = sorted(self._files.items(), key=lambda file: -file[1]["CPU"])
        terminalreporter.section("seconds spent, by file")
        terminalreporter.line(" ".join(f"{name:>10}" for name in COLUMNS) + "  file")
        for name, seconds in [("all", total), *lines[:SHOWN]]:
            numbers = " ".join(f"{seconds[column]:10.1f}" for column in COLUMNS)
            terminalreporter.line(f"{numbers}  {name} ({seconds['count']:.0f} tests)")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Spent(), "spent")
