"""Find a fitting Python and uv on a machine that may have little.

Standard library only, and no syntax newer than Python 3.8: ``bootstrap.py`` loads this file by its path, with whatever
``python3`` there is, before any environment exists. ``environment.py`` uses it as a part of the package.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); print(getattr(sys, '_base_executable', sys.executable))"
"""Prints the version, and the interpreter itself where it was asked through a shim or a virtual environment."""

OLDEST_UV = (0, 8)
"""The first whose ``uv venv`` knows ``--clear``."""


def probe(python: Path) -> tuple[str, Path] | None:
    """``("3.13", its own path)`` for a working interpreter at ``python``, None for anything else."""
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", PROBE], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines()
    return (lines[0], Path(lines[1])) if answer.returncode == 0 and len(lines) == 2 else None


def version_of(python: Path) -> str | None:
    """``"3.13"`` for a working interpreter at ``python``, None for anything else. Called by ``bootstrap.py``."""
    answer = probe(python)
    return answer[0] if answer else None


def candidates(version: str) -> list[Path]:
    """Where an interpreter of ``version`` may be: ourselves, PATH, then pyenv's versions, the newest patch first."""
    pythons = []
    if version == "%d.%d" % sys.version_info[:2]:  # noqa: UP031
        pythons.append(Path(sys.executable))
    on_path = shutil.which("python" + version)
    if on_path:
        pythons.append(Path(on_path))
    try:
        names = os.listdir(str(pyenv_versions()))
    except OSError:  # there is no pyenv, or its folder can't be read by us: then none of its versions can be run either
        names = []
    fitting = [name for name in names if re.fullmatch(re.escape(version) + r"\.\d+", name)]
    fitting.sort(key=lambda name: int(name.rsplit(".", 1)[1]), reverse=True)
    return pythons + [pyenv_versions() / name / "bin" / "python" for name in fitting]


def pyenv_versions() -> Path:
    """Where pyenv keeps its versions, whether or not there is a pyenv."""
    return Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / "versions"


def find_python(version: str) -> Path | None:
    """A working interpreter of ``version`` ("3.13"); None where there is none."""
    for python in candidates(version):
        probed = probe(python)
        if probed and probed[0] == version:
            return probed[1]
    return None


def find_uv() -> Path | None:
    """The uv on PATH, or the one that pip installed beside this interpreter; None where neither fits."""
    for place in (shutil.which("uv"), str(Path(sys.executable).parent / "uv")):
        if place and is_fitting_uv(Path(place)):
            return Path(place)
    return None


def is_fitting_uv(uv: Path) -> bool:
    """Whether it answers, and is new enough: pyenv's shims are on PATH even where no version has the program."""
    try:
        answer = subprocess.run([str(uv), "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.match(r"uv (\d+)\.(\d+)", answer.stdout)
    return match is not None and tuple(int(part) for part in match.groups()) >= OLDEST_UV


def cache_folder() -> Path:
    """``FLOODMARK_CACHE``, else ``floodmark`` in ``XDG_CACHE_HOME`` or ``~/.cache``: shared by a user's checkouts."""
    chosen = os.environ.get("FLOODMARK_CACHE")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")) / "floodmark"


@functools.lru_cache(maxsize=None)  # noqa: UP033
def index_settings() -> dict[str, str]:
    """Variables that make uv use the package index and the certificates that pip is configured for.

    No index where uv has a configuration of its own, or pip has none. The values may hold a password: pass them on,
    never print them.
    """
    settings = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the newer and the older name; pip trusts those too
    pip = pip_settings()
    if "cert" in pip:
        settings["SSL_CERT_FILE"] = pip["cert"]
    own_files = [
        Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))) / "uv" / "uv.toml",
        Path("/etc/uv/uv.toml"),
    ]
    own_variables = {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE", "UV_OFFLINE"}
    if own_variables & set(os.environ) or any(file.exists() for file in own_files):
        return settings
    if "index-url" in pip:
        settings["UV_DEFAULT_INDEX"] = pip["index-url"]
    if "extra-index-url" in pip:
        settings["UV_INDEX"] = " ".join(pip["extra-index-url"].split())
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does: all indexes are equals
    return settings


def pip_settings() -> dict[str, str]:
    """What pip is configured to, by file or variable: ``{"index-url": ...}``; empty where there is no pip.

    Of its sections, ``install`` outweighs ``global``, and a variable outweighs both, as for pip itself.
    """
    beside = shutil.which("pip3") or shutil.which("pip")
    commands = [[sys.executable, "-m", "pip"]] + ([[beside]] if beside else [])
    for command in commands:
        asked = [*command, "--disable-pip-version-check", "config", "list"]
        try:
            answer = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0:
            settings = re.findall(r"^(global|install|:env:)\.([a-z-]+)='(.*)'$", answer.stdout, re.MULTILINE)
            order = ["global", "install", ":env:"]
            return {key: value for _, key, value in sorted(settings, key=lambda setting: order.index(setting[0]))}
    return {}
