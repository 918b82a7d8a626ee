"""ADBC's driver, which reads PostgreSQL: is it there, and is it a good one?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from floodmark.adapters import adbc_library
from floodmark.cli.findings.finding import Finding, failed, note, ok, warning

NO_CRASHES = (1, 11)
"""From this version on a lost server is an error; before, it may end the process (ADBC's issue 3878)."""


def of_driver() -> Iterator[Finding]:
    """One of the user's own is told; that of the package only where something better can be had."""
    own, about = adbc_library.own(), adbc_library.OWN if adbc_library.own() else adbc_library.PACKAGE
    try:
        optimised = adbc_library.optimised()
    except OSError as error:
        if own:
            remedy = f"name {adbc_library.NAME} by its whole path, or unset it"
            yield failed(about, f"{own!r}: {error.strerror}", remedy)
        return
    if not own and (installed := _installed()) and _crashes(installed):
        least = ".".join(map(str, NO_CRASHES))
        said = f"{installed}: a server that goes away may end the whole process"
        yield warning(about, said, f"pip install --upgrade '{adbc_library.PACKAGE}>={least}'")
    if not optimised:
        yield note(
            about,
            "was compiled without optimisation, so a read takes half as much CPU again",
            f'name a driver that was compiled with it in {adbc_library.OWN}: docs/deploy.md, "A faster driver"',
        )
    elif own:
        yield ok(about, own)


def _installed() -> str:
    try:
        return version(adbc_library.PACKAGE)
    except PackageNotFoundError:
        return ""


def _crashes(installed: str) -> bool:
    return tuple(int(part) for part in installed.split(".")[:2]) < NO_CRASHES
