"""The first fifteen minutes, replayed: from ``pip install`` in an empty environment to a sealed table of one's own.

The wheel of this checkout is installed by pip, and what the README says under "Your first table" is typed as it stands
there, line by line, then ``status`` and ``prove``; against a PostgreSQL with a small business in it and the local
servers of Google's protocols, which are there before the watch is started, as a user's own are. Each line must end
well, and the last must say that every table is proved.

    python benchmarks/first_table.py                           # prints each line with its seconds
    python benchmarks/first_table.py --page docs/first-table.md
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(ROOT / "plugins"))

SHOWN = 14
"""Lines of a command's answer that the page has."""
AFTER = ("floodmark status shop", "floodmark prove shop")
PAGE = """# The first fifteen minutes

Written by `make first-table`: [what a new user types](index.md#your-first-table), as it stands there, in an empty
environment on a machine with two cores, with nothing in pip's cache. The database is a small business of five tables
and 72,000 rows, and nobody thought of a sync when it was made. Google's services are played by the local servers, whose
jobs take no time to speak of: the real BigQuery takes some seconds for each.

| typed | seconds |
| --- | --- |
{lines}

{answers}
"""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One line, how long it took in seconds, and what it said."""

    line: str
    seconds: float
    said: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who types: in a folder, with an environment of one's own and a few variables."""

    folder: Path
    variables: dict[str, str]

    def type(self, line: str, shown: str = "") -> Typed:
        """Run a line in a shell; ``shown`` is how it is told. Raises ``SystemExit`` where it doesn't end well."""
        began = time.monotonic()
        done = subprocess.run(
            line, shell=True, cwd=self.folder, env=self.variables, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said = done.stdout.replace(str(self.folder), "~")
        typed = Typed(line=shown or line, seconds=time.monotonic() - began, said=said)
        print(f"{typed.seconds:6.1f} s  {typed.line}", flush=True)
        if done.returncode:
            sys.exit(f"{line}: exit {done.returncode}\n{done.stdout}")
        return typed


def readme_lines() -> list[str]:
    """What the README has one type for a first table, without the remarks."""
    [block] = re.findall(r"## Your first table\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return [line.partition(" #")[0].strip() for line in block.splitlines()]


def replay(person: Person, wheel: Path) -> list[Typed]:
    """All of it, in order."""
    install, *lines = readme_lines()
    typed = [person.type(f"{install.replace('floodmark', str(wheel))} --quiet", install)]
    return typed + [person.type(line) for line in (*lines, *AFTER)]


def page(typed: list[Typed]) -> str:
    """The page's text."""
    lines = [f"| `{one.line}` | {one.seconds:.1f} |" for one in typed]
    lines.append(f"| all of it | {sum(one.seconds for one in typed):.0f} |")
    answers = [f"```\n$ {one.line}\n{_cut(one.said)}```" for one in typed[1:]]
    return PAGE.format(lines="\n".join(lines), answers="\n\n".join(answers))


def _cut(said: str) -> str:
    lines = [line.rstrip() for line in said.rstrip().splitlines()]
    more = [f"… and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    return "".join(f"{line}\n" for line in (*lines[:SHOWN], *more))


def main() -> None:
    """Print each line with its seconds; with ``--page``, write the page."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--page", type=Path, help="write the page there")
    asked = words.parse_args()

    from floodmark.demo.servers.all import FAST, PostgresServer, google_servers, temporary_folder

    with (
        temporary_folder() as folder,
        PostgresServer(folder=folder / "postgres", settings=FAST) as server,
        google_servers(folder=folder / "google") as google,
    ):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        [wheel] = (folder / "dist").glob("*.whl")
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        with psycopg2.connect(server.database().dsn) as connection, connection.cursor() as cursor:
            cursor.execute((HERE.parent / "first_table.sql").read_text())
        google.storage_client().create_bucket("first")
        client = google.bigquery_client()
        for name in ("shop", "shop_raw"):
            client.create_dataset(name)
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        person = Person(
            folder=folder,
            variables=kept | google.variables() | {
                "PATH": f"{folder / 'venv' / 'bin'}:{os.environ['PATH']}",
                "PIP_NO_CACHE_DIR": "1",
                "COLUMNS": "120",
                "FLOODMARK_STATE": str(folder / "state"),
                "FLOODMARK_BUCKET": "first",
                "FLOODMARK_PROJECT": client.project,
                "AIRFLOW_CONN_SHOP_DB": server.database().dsn,
            },
        )  # fmt: skip
        typed = replay(person, wheel)
    print(f"{sum(one.seconds for one in typed):6.1f} s in all")
    if asked.page:
        asked.page.write_text(page(typed), encoding="utf-8")


if __name__ == "__main__":
    main()
