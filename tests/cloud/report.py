"""The report, in Markdown: fit to be pasted into an issue, since it names no project, bucket or account."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from itertools import groupby

from floodmark.core.bigquery.price import PRICE_PER_TIB
from tests.cloud.finding import Finding, Verdict
from tests.cloud.place import Place

_VERSIONS = (
    "floodmark", "google-cloud-bigquery", "google-cloud-storage", "google-api-core", "pyarrow",
    "adbc-driver-postgresql", "psycopg2-binary",
)  # fmt: skip
_MARKS = {Verdict.PASS: "pass", Verdict.DIFFERS: "**differs**", Verdict.NOT_ASKABLE: "not askable here"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that one run came to. ``began`` is in UTC; ``postgres`` the version of the source's server."""

    place: Place
    began: datetime
    postgres: str
    findings: Sequence[Finding]

    @property
    def well(self) -> bool:
        """Whether something was asked, and nothing differs."""
        counted = Counter(finding.verdict for finding in self.findings)
        return bool(counted[Verdict.PASS]) and not counted[Verdict.DIFFERS]

    @property
    def summary(self) -> str:
        """In one line."""
        counted = Counter(finding.verdict for finding in self.findings)
        return ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict)

    def markdown(self) -> str:
        """The whole of it."""
        parts = ["# Floodmark on a Google project\n", *self._head()]
        if differing := [finding for finding in self.findings if finding.verdict is Verdict.DIFFERS]:
            parts += ["\n## What differs\n", *(self._at_length(finding) for finding in differing)]
        parts += [
            "\n## All that was asked\n",
            "| check | asked | expected | came | |",
            "| --- | --- | --- | --- | --- |",
        ]
        parts += [
            self._line(finding) for _, group in groupby(self.findings, lambda one: one.about) for finding in group
        ]
        return "\n".join(parts) + "\n"

    def _head(self) -> list[str]:
        bill = self.place.bill
        server = "local servers, behind the gate: not the real service" if self.place.is_local else "Google's own"
        return [
            "| | |",
            "| --- | --- |",
            f"| result | {self.summary} |",
            f"| servers | {server} |",
            f"| location | {self.place.location} |",
            f"| began | {self.began:%Y-%m-%d %H:%M} UTC, took {bill.took:.0f} s |",
            f"| billed | {bill.billed:,} bytes by {len(bill.jobs)} queries: {bill.price:.4f} US dollars at the list "
            f"price of {PRICE_PER_TIB} per TiB |",
            f"| source | {self.postgres} |",
            f"| Python | {platform.python_version()}, {platform.system()} {platform.machine()} |",
            *(f"| {name} | {metadata.version(name)} |" for name in _VERSIONS),
        ]

    def _at_length(self, finding: Finding) -> str:
        return (
            f"- **{finding.about}**: {self._cell(finding.asked)}\n  - expected: {self._cell(finding.expected)}\n"
            f"  - came: {self._cell(finding.came)}"
        )

    def _line(self, finding: Finding) -> str:
        texts = (finding.about, finding.asked, finding.expected, finding.came)
        return f"| {' | '.join(self._cell(text)[:300] for text in texts)} | {_MARKS[finding.verdict]} |"

    def _cell(self, text: str) -> str:
        """A text as a cell of a table takes it: redacted first, since a name that is cut off would be known no more."""
        return " ".join(self.place.redacted(text).split()).replace("|", "\\|").replace("<", "&lt;")
