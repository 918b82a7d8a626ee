"""A copy of the project in which one rule is broken, and what its named test says of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.mutants.mutant import Mutant

COPIED = ("plugins", "include", "state", "tests", "dags", "docs", "pyproject.toml")
TIMEOUT = 180
"""Seconds for one test. A rule whose breaking makes a step wait for ever is found by the clock."""
_SHORT = 100


class Unsound(Exception):
    """The trial itself went wrong: the unbroken test fails, or the broken one couldn't even begin."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the named test said. ``how`` is its failure in a few words; empty where the mutant survived."""

    mutant: Mutant
    how: str

    @property
    def killed(self) -> bool:
        """Whether the test failed, as it must."""
        return bool(self.how)


class Copy:
    """The checkout copied to ``folder``; nothing of the original is imported from there."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.db*")
        for name in COPIED:
            if (checkout / name).is_dir():
                shutil.copytree(checkout / name, folder / name, ignore=ignored)
            else:
                shutil.copy2(checkout / name, folder / name)

    def passes(self, tests: Iterable[str]) -> None:
        """See that the tests pass while nothing is broken. Raises ``Unsound``."""
        chosen = list(dict.fromkeys(tests))
        code, failures, output = self._run(["-n", "2", "--dist", "worksteal", *chosen], TIMEOUT * len(chosen))
        if code != 0:
            raise Unsound("without any mutant these fail:\n" + ("\n".join(failures) or output[-4000:]))

    def tried(self, mutant: Mutant) -> Verdict:
        """Break the rule, run its test, mend it again. Raises ``Unfit``, ``Unsound``."""
        file = self._folder / mutant.file
        whole, broken = file.read_text(encoding="utf-8"), mutant.broken(self._folder)
        file.write_text(broken, encoding="utf-8")
        try:
            code, failures, output = self._run(["-x", mutant.test], TIMEOUT)
        finally:
            file.write_text(whole, encoding="utf-8")
        if code is None:
            return Verdict(mutant=mutant, how=f"not done in {TIMEOUT} s")
        if code == 0:
            return Verdict(mutant=mutant, how="")
        if code != 1 or not failures:
            raise Unsound(f"{mutant}: pytest ended with {code} and no failed test:\n{output[-4000:]}")
        return Verdict(mutant=mutant, how=failures[0])

    def _run(self, chosen: list[str], timeout: float) -> tuple[int | None, list[str], str]:
        """pytest's exit code (None: out of time), the failures of tests (errors of fixtures don't count), its words."""
        report = self._folder / "report.xml"
        report.unlink(missing_ok=True)
        here = str(self._folder)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(self._folder / "plugins"), here]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FLOODMARK_MUTANT": here,
        }
        options = ["-q", "-p", "tests.mutants.imported", "-p", "no:cacheprovider", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", *options, f"--timeout={TIMEOUT - 30}", *chosen]
        code, output = _waited(command, here, environment, timeout)
        return code, _failures(report), output


def _waited(command: list[str], folder: str, environment: dict[str, str], timeout: float) -> tuple[int | None, str]:
    """Run to its end; past ``timeout`` interrupted first, so that servers are stopped, and only then killed."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        output, _ = process.communicate(timeout=timeout)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    try:
        output, _ = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    return None, output


def _failures(report: Path) -> list[str]:
    if not report.exists():
        return []
    found = ElementTree.parse(report).iter("failure")
    return [" ".join(str(one.get("message", "")).split())[:_SHORT] or "failed" for one in found]
