"""The history of a table: a view over raw that has every version of each row (SCD type 2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.jobs import DIGEST_LABEL
from floodmark.core.bigquery.merge import SoftDelete, SoftMode
from floodmark.core.ledger.versions import Renewal
from floodmark.core.schema import Carried

ADDED = ("valid_from", "valid_to", "is_current")
"""The columns that a history has beside the table's own."""

_LABEL = re.compile(r"[\w-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the view shows of ``raw`` and ``current`` (``project.dataset.table``): ``columns``, by ``key``.

    ``since`` and ``renewals`` are the ledger's. ``unheld``: current has the column for texts of what it can't hold.
    """

    raw: str
    current: str
    columns: tuple[Carried, ...]
    key: tuple[str, ...]
    since: datetime | None = None
    renewals: tuple[Renewal, ...] = ()
    soft_delete: SoftDelete | None = None
    unheld: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ``ValueError`` where there is no key, or it isn't shown."""
        if not self.key or not set(self.key) <= {column.name for column in self.columns}:
            raise ValueError(f"{self.current}: a history needs the key's columns, it has: {', '.join(self.key)}")


def select(shown: Shown) -> str:
    """The view's own SELECT."""
    return _rendered(shown, "", ())


def create(shown: Shown, view: str) -> str:
    """The statement that makes the view, or makes it anew; one of its labels is :func:`digest`.

    Raises ``ValueError`` for a label that BigQuery would refuse.
    """
    labels = {**shown.labels, DIGEST_LABEL: digest(shown)}
    for label, value in labels.items():
        if not _LABEL.fullmatch(label) or not _LABEL.fullmatch(value):
            raise ValueError(f"{view}: can't be a label: {label}: {value}")
    return _rendered(shown, view, sorted(labels.items()))


def drop(view: str) -> str:
    """The statement that takes the view away, if it stands."""
    return statement("drop_view.sql", {"view": view})


def digest(shown: Shown) -> str:
    """What tells one text of the view from another, and its labels too."""
    return hashlib.sha256(repr((select(shown), sorted(shown.labels.items()))).encode()).hexdigest()[:32]


def _rendered(shown: Shown, view: str, labels: Sequence[tuple[str, str]]) -> str:
    soft = shown.soft_delete
    types = {column.name: column.target for column in shown.columns}
    return statement(
        "versions.sql",
        {
            "view": view,
            "labels": labels,
            "raw": shown.raw,
            "current": shown.current,
            "columns": shown.columns,
            "key": shown.key,
            "floats": [name for name in shown.key if types[name] == "FLOAT64"],
            "since": shown.since,
            "renewals": shown.renewals,
            "soft": soft.column if soft else "",
            "soft_boolean": soft is not None and types[soft.column] == "BOOL",
            "flag": soft is not None and soft.mode is SoftMode.FLAG,
            "unheld": shown.unheld,
        },
    )
