"""ADBC's driver, which reads PostgreSQL: is it there, and is it a good one?"""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.adapters import adbc_library
from floodmark.cli.findings.finding import Finding, failed, note, ok


def of_driver() -> Iterator[Finding]:
    """One of the user's own is told; that of the package only where something better can be had."""
    own = adbc_library.own()
    about = adbc_library.OWN if own else adbc_library.PACKAGE
    try:
        optimised = adbc_library.optimised()
    except OSError as error:
        if own:
            remedy = f"name {adbc_library.NAME} by its whole path, or unset it"
            yield failed(about, f"{own!r}: {error.strerror}", remedy)
        return
    if not optimised:
        yield note(
            about,
            "was compiled without optimisation, so a read takes half as much CPU again",
            f'name a driver that was compiled with it in {adbc_library.OWN}: docs/deploy.md, "A faster driver"',
        )
    elif own:
        yield ok(about, own)
