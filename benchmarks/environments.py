"""Environments of other tools, each made once on a machine from a file of pins, below the cache's folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from floodmark.demo.servers.interpreters import cache_folder, find_python, find_uv, index_settings
from floodmark.errors import ServerFailed


def environment(pins: Path, version: str, say: Callable[[str], None] = print) -> Path:
    """The interpreter of what ``pins`` (a requirements file) names, on Python ``version``, made where it is missing.

    Raises ``ServerFailed`` with the reason, and leaves nothing that looks whole.
    """
    name, digest = pins.stem, hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"{name}-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists() and python.exists():
        return python
    uv = find_uv()
    if uv is None:
        raise ServerFailed(f"{name}'s environment: uv is not on PATH; install it: pip install uv")
    say(f"making {name}'s environment, once per machine")
    _run(name, [uv, "venv", "--quiet", "--clear", "--python", find_python(version) or version, folder])
    _run(name, [uv, "pip", "install", "--quiet", "--no-deps", "--python", python, "--requirement", pins])
    ready.touch()
    return python


def _run(name: str, words: list[Any]) -> None:
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
        raise ServerFailed(f"{name}'s environment could not be made:\n{reason}")
