"""What BigQuery is asked of current in a reconcile, and what it says (R25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import Merge
from floodmark.core.checksum import LOW, Sum
from floodmark.core.reconcile import DIGITS, Ranges, TargetRow, shift
from floodmark.core.schema import Carried

Parameters = Mapping[str, str]


def extent(merge: Merge, start: datetime) -> str:
    """Counts current's ``rows``, the ``early`` and the ``timeless`` among them. Bills its cursor column."""
    return statement("reconcile_extent.sql", {"table": merge.current, "instead": merge.instead, "start": start})


def sums(
    merge: Merge, columns: Sequence[str], bits: int, *, keys_only: bool = False, stretch: Ranges | None = None
) -> str:
    """What current's rows come to, by bucket; see :func:`leaving_out` for its parameters. Bills all ``columns``.

    Of keys alone, or of some ranges of them, where that is wanted (R36).
    """
    values = {**_values(merge, columns), "shift": shift(bits), "low": LOW, "keys_only": keys_only, "stretch": stretch}
    return statement("reconcile_sums.sql", values)


def rows(merge: Merge, columns: Sequence[str], bits: int) -> str:
    """Current's rows in some buckets; see :func:`looking_into` for its parameters. Bills all ``columns``."""
    kept = [(column, f"k{place}") for place, column in enumerate(merge.key)]
    cut = [(merge.partitioning.column, "cut")] if merge.partitioning else []
    return statement("reconcile_rows.sql", {**_values(merge, columns), "shift": shift(bits), "kept": [*kept, *cut]})


def leaving_out(loose: Iterable[int]) -> Parameters:
    """The parameters of :func:`sums`: the keys' hashes that are left out."""
    return {"loose": ",".join(map(str, loose))}


def looking_into(buckets: Iterable[int]) -> Parameters:
    """The parameters of :func:`rows`: the buckets' numbers."""
    return {"buckets": ",".join(map(str, buckets))}


def sums_of(found: Sequence[Mapping[str, Any]]) -> dict[int, Sum]:
    """The rows of :func:`sums`, by bucket."""
    return {int(row["bucket"]): Sum(rows=int(row["rows"]), sum=int(row["sum"]), xor=int(row["xor"])) for row in found}


def rows_of(merge: Merge, found: Sequence[Mapping[str, Any]]) -> list[tuple[int, TargetRow]]:
    """The rows of :func:`rows`, each with its key's hash."""
    places = [f"k{place}" for place, _ in enumerate(merge.key)]
    return [
        (
            int(row["key_hash"]),
            TargetRow(hash=int(row["row_hash"]), key=tuple(row[place] for place in places), cut=row.get("cut")),
        )
        for row in found
    ]


def unlike(columns: Iterable[Carried]) -> tuple[str, ...]:
    """Those of which only whether they hold a value is compared: PostgreSQL and BigQuery write no JSON alike."""
    return tuple(column.name for column in columns if column.target == "JSON")


def _values(merge: Merge, columns: Sequence[str]) -> dict[str, Any]:
    types = {column.name: column.target.partition("(")[0] for column in merge.columns}
    types |= dict.fromkeys(unlike(merge.columns), "IS SET")
    types |= dict.fromkeys(merge.absent, "ABSENT")
    return {
        "table": merge.current,
        "instead": merge.instead,
        "columns": [(name, types[name]) for name in columns],
        "identity": [columns.index(name) for name in merge.key or columns],
        "digits": DIGITS,
        "unheld": merge.unheld,
    }
