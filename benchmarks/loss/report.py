"""What came of the benchmark: on the terminal, as plain values, as a page."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from floodmark.demo.databases import Place, ask, connect, is_mysql
from floodmark.demo.loss.compare import per_million
from floodmark.demo.loss.race import Result
from floodmark.demo.loss.workload import Parameters, Written
from floodmark.demo.servers.environment import pins

PAGES = {False: Path(__file__).with_name("page.md"), True: Path(__file__).with_name("section_mysql.md")}
"""By whether the source was MariaDB: that is a section of the other's page."""
HEADINGS = ("", "lost", "stale", "doubled", "read", "read again", "a run")


@dataclass(frozen=True, kw_only=True)
class Report:
    """One benchmark. ``sealed`` says whether Floodmark's ledger proves the workload's whole time (see its promise).

    ``late`` are rows that turned up in slices after it had called them sealed.
    """

    parameters: Parameters
    closing: int
    written: Written
    results: list[Result]
    sealed: bool
    late: int
    machine: dict[str, str]
    began: datetime
    mysql: bool = False

    @property
    def proved(self) -> bool:
        """Whether Floodmark lost nothing, left nothing stale, doubled nothing, says so, and never said so too early."""
        [own] = [one for one in self.results if one.name == "Floodmark"]
        return own.difference.none and self.sealed and not self.late

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "began": self.began.isoformat(timespec="seconds"),
            "parameters": self.parameters.document(),
            "closing_runs": self.closing,
            "written": asdict(self.written),
            "sealed": self.sealed,
            "late": self.late,
            "proved": self.proved,
            "machine": self.machine,
            "results": [{**asdict(one), "per_million": self._per_million(one)} for one in self.results],
        }

    def _per_million(self, one: Result) -> dict[str, float]:
        return {name: round(per_million(count, self.written.rows), 1) for name, count in asdict(one.difference).items()}

    def lines(self, *, counts: bool) -> list[tuple[str, ...]]:
        """The table's lines, as under :data:`HEADINGS`; with the rows themselves beside those per million, or not."""
        return [self._line(one, with_counts=counts) for one in self.results]

    def _line(self, one: Result, *, with_counts: bool) -> tuple[str, ...]:
        rows = self.written.rows
        counts = (one.difference.lost, one.difference.stale, one.difference.doubled)
        share = one.again / (one.read - one.again) if one.read > one.again else 0.0
        return (
            one.name,
            *(
                f"{per_million(count, rows):,.0f}" + (f" ({count:,})" if count and with_counts else "")
                for count in counts
            ),
            f"{one.read:,}",
            f"{share:.1%}",
            f"{one.seconds:.2f} s",
        )


def _share(count: int, rows: int, *, with_counts: bool) -> str:
    share = f"{per_million(count, rows):,.0f}"
    return f"{share} ({count:,})" if count and with_counts else share


def _database(source: Place) -> dict[str, str]:
    """The source's server and what reads it."""
    mysql = is_mysql(source.dsn)
    with contextlib.closing(connect(source.dsn)) as connection:
        [(said,)] = ask(connection, "SELECT VERSION()" if mysql else "SHOW server_version")
    if mysql:
        return {"MariaDB": said, "PyMySQL": version("pymysql")}
    return {"PostgreSQL": said, "ADBC": version("adbc-driver-postgresql")}


def machine(source: Place, dlt: Path | None) -> dict[str, str]:
    """What it ran on."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    local = next(line for line in pins().splitlines() if line.startswith("local-bigquery=="))
    found = {
        "machine": f"{os.cpu_count()} cores, {gigabytes:.0f} GiB, {platform.system()} {platform.machine()}",
        "load average of 15 minutes": f"{os.getloadavg()[2]:.1f}",
        "Python": platform.python_version(),
        "Floodmark": version("floodmark"),
        **_database(source),
        "Arrow": version("pyarrow"),
        "BigQuery": local.replace("==", " "),
    }
    if dlt:
        code = "import dlt, duckdb, sqlalchemy as s; print(f'{dlt.__version__} (DuckDB {duckdb.__version__})')"
        asked = subprocess.run([str(dlt), "-c", code], capture_output=True, text=True, check=True)
        found["dlt"] = asked.stdout.strip()
    return found


def show(report: Report, console: Console) -> None:
    """The table, and what it is about."""
    table = Table(
        title=f"{report.written.rows:,} rows written, {report.written.spanning:,} transactions over a slice's end"
    )
    for place, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if place == 0 else "right")
    for line in report.lines(counts=False):
        table.add_row(*line)
    console.print(table)
    verdict = "exactly the source, and sealed" if report.proved else "NOT what it promises"
    console.print(f"Floodmark's target is {verdict}.")


def markdown(report: Report) -> str:
    """The page, or the section of it that is MariaDB's, with this report's numbers."""
    like = report.parameters
    heads = "| " + " | ".join(HEADINGS) + " |\n|" + " --- |" + " ---: |" * (len(HEADINGS) - 1)
    table = "\n".join([heads, *("| " + " | ".join(line) + " |" for line in report.lines(counts=True))])
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(report.written.transactions.items()))
    values = {name.replace("_", "-"): f"{value:g}" for name, value in like.document().items()}
    given = "\n".join(f"| `{name}` | {value} |" for name, value in values.items())
    return (
        PAGES[report.mysql]
        .read_text(encoding="utf-8")
        .format(
            table=table,
            rows=f"{report.written.rows:,}",
            spanning=f"{report.written.spanning:,}",
            kinds=kinds,
            skipped=report.written.skipped,
            parameters=f"| parameter | value |\n| --- | --- |\n{given}",
            inline=", ".join(f"`{name}` {value}" for name, value in values.items()),
            closing=report.closing,
            late=f"{max(one.late for one in report.results) * 1000:.0f}",
            width=f"{like.width.total_seconds():g}",
            minute=f"{like.width.total_seconds() / 60 * 1000:.0f}",
            ten=f"{like.width.total_seconds() / 6 * 1000:.0f}",
            times=f"{3600 / like.width.total_seconds():.0f}",
            machine="; ".join(
                value if name == "machine" else f"{name} {value}" for name, value in report.machine.items()
            ),
            date=f"{report.began:%Y-%m-%d}",
        )
    )
