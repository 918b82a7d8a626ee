"""``python -m tests.cloud [--report FILE] [--only WORD ...]``: the suite for a real Google project (docs/cloud.md).

Exit 0 where all that could be asked is as expected, 1 where something differs or stays behind, 2 where it can't begin.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from floodmark.demo.servers.all import FAST, PostgresServer, stopped_by_signals, temporary_folder
from floodmark.errors import FloodmarkError
from tests.cloud import suite
from tests.cloud.checks.every import CHECKS
from tests.cloud.finding import Finding, first_line
from tests.cloud.kinds import KINDS
from tests.cloud.place import NotSetUp, Place, place_of
from tests.cloud.report import Report


def main(words: Sequence[str] | None = None) -> int:
    """Run it; the process's exit."""
    parser = argparse.ArgumentParser(prog="python -m tests.cloud", description=__doc__)
    parser.add_argument("--report", type=Path, default=Path("cloud-report.md"), metavar="FILE", help="written there")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="checks and tables whose name has it")
    given = parser.parse_args(words)
    try:
        place = place_of(os.environ)
        with stopped_by_signals():
            report = asked(place, given.only)
    except (NotSetUp, FloodmarkError) as error:
        print(f"make cloud: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("make cloud: stopped; nothing is left behind", file=sys.stderr)
        return 130
    text = report.markdown()
    given.report.write_text(text, encoding="utf-8")
    print(text)
    print(f"make cloud: {report.summary}; the report is in {given.report}")
    return 0 if report.well else 1


def asked(place: Place, only: Sequence[str] = ()) -> Report:
    """Ask everything, or what has one of these words in its name. Raises ``NotSetUp`` where Google lets nobody in."""

    def wanted(one: Any) -> bool:
        return not only or any(word in one.name for word in only)

    kinds, checks = [kind for kind in KINDS if wanted(kind)], [check for check in CHECKS if wanted(check)]
    began = datetime.now(UTC)
    _greet(place)
    with temporary_folder() as folder, PostgresServer(folder=folder / "postgres", settings=FAST) as postgres:
        version = _version(postgres)
        found: list[Finding] = suite.run(place, postgres, folder, _say, kinds=kinds, checks=checks)
    return Report(place=place, began=began, postgres=version, findings=found)


def _greet(place: Place) -> None:
    """See that project and bucket let us in, before anything is made."""
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError

    try:
        place.would_process("SELECT 1")
        next(iter(place.storage.list_blobs(place.bucket, max_results=1)), None)
    except (GoogleAPICallError, GoogleAuthError) as error:
        raise NotSetUp(f"Google refuses: {first_line(error)}; docs/cloud.md has the roles that it takes") from error


def _version(postgres: PostgresServer) -> str:
    connection = psycopg2.connect(postgres.database().dsn)
    try:
        number = connection.server_version
    finally:
        connection.close()
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"


def _say(line: str) -> None:
    print(f"make cloud: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
