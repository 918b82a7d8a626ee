"""Headless Chromium, installed by the system's packages where it is missing and these run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where it is."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], check=True, stdin=subprocess.DEVNULL)
        found = _found()
    assert found, "these tests need Chromium: run apt-get update and apt-get install -y chromium, as root"
    return found


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass(frozen=True)
class Opened:
    """A page as it stands once its script has run, and what was said on its console."""

    dom: str
    console: tuple[str, ...]


def opened(path: Path, fragment: str = "") -> Opened:
    """Open a file."""
    command = [
        chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
        f"--user-data-dir={path.parent / 'profile'}", "--virtual-time-budget=2000", "--dump-dom",
        f"{path.as_uri()}{fragment}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return Opened(dom=done.stdout, console=tuple(line for line in done.stderr.splitlines() if "CONSOLE" in line))
