"""MariaDB's programs: those on PATH, else Debian's packages unpacked into a folder of ours, which needs no root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from floodmark.errors import ServerFailed

PACKAGES = ("mariadb-server-core", "mariadb-client-core")
LIBRARIES = ("libaio1", "libaio1t64", "liburing2", "libnuma1", "libmariadb3")
"""What the packages need beyond a bare Debian or Ubuntu; one that this release doesn't have is left out."""
INSTALL = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
"""The remedy where they can't be had otherwise."""
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
MINIMAL = ("--no-defaults", "--innodb-log-file-size=8M", "--skip-log-bin")


@dataclass(frozen=True, kw_only=True)
class Programs:
    """Where the programs and their files lie: ``base`` is /usr or its like; ``libraries`` beyond the system's."""

    base: Path
    libraries: str = ""

    @property
    def variables(self) -> Mapping[str, str]:
        """What their environment must say."""
        return {"LC_ALL": "C.UTF-8"} | ({"LD_LIBRARY_PATH": self.libraries} if self.libraries else {})

    def path(self, name: str) -> Path:
        """The program called ``name``."""
        for folder in ("sbin", "bin", "libexec"):
            if (self.base / folder / name).exists():
                return self.base / folder / name
        raise ServerFailed(f"MariaDB: {self.base} has no {name}; install it: {INSTALL}")


def programs() -> Programs:
    """The programs of this machine. Raises ServerFailed, with the command that installs them."""
    if installed := shutil.which("mariadbd", path=PATH):
        return Programs(base=Path(installed).resolve().parent.parent)
    return _unpacked(_kept("programs", _unpack))


def prepared_data(found: Programs) -> Path:
    """A data folder that was made once on this machine, to be copied: root without password, no other database."""

    def prepare(folder: Path) -> None:
        words = [*MINIMAL, f"--basedir={found.base}", f"--datadir={folder}", f"--tmpdir={folder}"]
        words += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
        words += ["--user=root"] if os.geteuid() == 0 else []
        environment = {"PATH": PATH, **found.variables}
        _run([str(found.path("mariadb-install-db")), *words], folder, environment)

    version = found.path("mariadbd").stat().st_mtime_ns
    return _kept(f"data-{version}", prepare)


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that ``make`` filled once; whoever comes second uses it."""
    kept = Path(tempfile.gettempdir()) / f"floodmark-mariadb-{name}-{os.geteuid()}"
    if not kept.is_dir():
        beside = Path(tempfile.mkdtemp(prefix=kept.name + ".", dir=kept.parent))
        beside.chmod(0o755)
        try:
            make(beside)
            with suppress(OSError):  # another process was first
                beside.rename(kept)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    if not kept.is_dir() or kept.stat().st_uid != os.geteuid():
        raise ServerFailed(f"MariaDB: {kept} belongs to another user and can't be trusted; remove it and try again")
    return kept


def _unpack(folder: Path) -> None:
    """Fetch the packages from the archive that this machine is set up with, and unpack them."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ServerFailed(f"MariaDB: mariadbd is not on PATH; on Debian and Ubuntu: {INSTALL}")
    download = ["apt-get", "-qq", "download", *PACKAGES]
    try:
        _run(download, folder)
    except ServerFailed:
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "-qq", "update"], folder)
        _run(download, folder)
    for library in LIBRARIES:
        subprocess.run(["apt-get", "-qq", "download", library], cwd=folder, capture_output=True, check=False)
    for package in folder.glob("*.deb"):
        _run(["dpkg", "-x", package.name, "."], folder)
        package.unlink()
    _run([str(_unpacked(folder).path("mariadbd")), "--version"], folder, _unpacked(folder).variables)


def _unpacked(folder: Path) -> Programs:
    libraries = [str(path) for path in (*folder.glob("usr/lib/*-linux-gnu*"), *folder.glob("lib/*-linux-gnu*"))]
    return Programs(base=folder / "usr", libraries=os.pathsep.join(libraries))


def _run(command: list[str], folder: Path, variables: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip()[-400:]
        raise ServerFailed(f"MariaDB can't be had: {command[0]} ended with {done.returncode}: {last}\n{INSTALL}")
