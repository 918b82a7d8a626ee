"""Rows judged and hashed here, for a source that can't hash them itself as BigQuery does (R25, R28, R36).

The source's rows stream through, each hashed in the worker by the canonical texts of :mod:`floodmark.core.checksum`; no
row is kept. That costs a read of the table, and no load of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.adapters.arrow.checksum import canonical
from floodmark.adapters.arrow.columns import LandingColumn
from floodmark.adapters.arrow.rows import OWN
from floodmark.core.bigquery.tables import CURSOR
from floodmark.core.carriage import Carriage
from floodmark.core.checksum import NULL, SEPARATOR, VALUE
from floodmark.core.ledger.balance import Census
from floodmark.core.reconcile import KEY_BITS, Scope, Standing
from floodmark.core.unheld import BadValues, unheld_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _LONGEST_DAY = timedelta(days=1), timedelta(hours=25)
_DECIMALS = ("NUMERIC", "BIGNUMERIC")
_YEAR_0 = "0000-"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One row: its key's hash, its own, and what it is to a comparison. ``moment`` None: it has none.

    ``bad``: it holds a value for which it is held out, or at which the read ends; ``keyless``: in its key.
    ``impossible``: its cursor is a day that no calendar has, which the source places among others all the same.
    """

    key: int
    row: int
    standing: Standing
    moment: datetime | None
    bad: bool
    keyless: bool
    impossible: bool


class RowJudge:
    """Judges rows of one table within ``scope``. ``carriages`` are by the columns' names in the target.

    ``rigid`` are the columns without which a row can't stand in the target; ``days``: the cursor is a date, so that a
    row may belong to any moment of its day; ``zoned``: a day of another zone than UTC. ``timed``: it has a cursor.
    """

    def __init__(
        self,
        carriages: Mapping[str, Carriage],
        scope: Scope,
        *,
        key: Sequence[str],
        timed: bool,
        bad_values: str,
        rigid: Sequence[str],
        days: bool = False,
        zoned: bool = False,
    ) -> None:
        self._ways = dict(carriages)
        self._columns = {
            name: LandingColumn(name, way) for name, way in (dict(carriages) | {CURSOR: OWN[CURSOR]}).items()
        }
        self._scope, self._timed, self._key = scope, timed, tuple(key)
        self._identity = tuple(scope.columns) if scope.by_row else tuple(key)
        self._encodes = bad_values == BadValues.ENCODE
        self._fails = bad_values == BadValues.FAIL
        self._rigid = frozenset(rigid) | {CURSOR}
        self._span = (_LONGEST_DAY if zoned else _DAY) if days else timedelta(0)

    def of(self, batch: Any, *, keys_only: bool = False) -> list[Judged]:
        """A raw batch's rows, in order."""
        landed: dict[str, Any] = {}
        bad: dict[str, Any] = {}
        for place, (name, column) in enumerate(self._columns.items()):
            array = batch.column(place)
            if (mask := column.bad(array)) is not None:
                bad[name] = (mask.to_pylist(), array)
                array = pc.if_else(mask, pa.scalar(None, array.type), array)
            landed[name] = column.cast(array)
        identity = self._joined(landed, self._identity, batch.num_rows)
        keys = _hashes(identity)
        rows = keys if keys_only else _hashes(self._whole(identity, landed, bad, batch.num_rows))
        moments = landed[CURSOR].view(pa.int64()).to_pylist()
        removed = self._removed(landed, batch.num_rows)
        impossible = self._impossible(bad, batch.num_rows)
        return [
            self._judged(
                keys[row], rows[row], moments[row], removed[row], {one for one in bad if bad[one][0][row]},
                impossible=impossible[row],
            )
            for row in range(batch.num_rows)
        ]  # fmt: skip

    def _impossible(self, bad: Mapping[str, Any], count: int) -> list[bool]:
        """By row: its cursor is 2026-02-31, or 2026-02-00. Days of the year 0 are no cursor at all (R22)."""
        if CURSOR not in bad:
            return [False] * count
        mask, array = bad[CURSOR]
        return [mask[row] and not str(array[row].as_py()).startswith(_YEAR_0) for row in range(count)]

    def _joined(self, landed: Mapping[str, Any], names: Sequence[str], count: int) -> Any:
        """One text for each row; an empty one where no column is named, as in a census of rows without a key."""
        texts = [self._canonical(name, landed[name]) for name in names]
        if not texts:
            return pa.array([""] * count, pa.large_string())
        return pc.binary_join_element_wise(*texts, pa.scalar(SEPARATOR, pa.large_string()))

    def _canonical(self, name: str, array: Any) -> Any:
        """By the type in the target, where that is another than the landing one."""
        way = self._ways[name]
        target = way.target.partition("(")[0]
        text = pa.types.is_string(array.type)
        if text and target == "BOOL":
            array = pc.equal(array, "true")
        elif text and target in _DECIMALS:
            point = pc.match_substring(array, ".")
            short = pc.utf8_rtrim(pc.utf8_rtrim(array, "0"), ".")
            array = pc.if_else(point, short, array)
        elif target == "FLOAT64" and pa.types.is_integer(array.type):
            array = array.cast(pa.float64())
        elif target == "JSON":
            array = pc.if_else(array.is_null(), pa.scalar(None, pa.string()), pa.scalar("", pa.string()))
        return canonical(array)

    def _whole(self, identity: Any, landed: Mapping[str, Any], bad: Mapping[str, Any], count: int) -> Any:
        beside = [NULL] * count
        if self._encodes:
            told = {one: bad[one] for one in bad if one not in self._rigid and one in self._scope.columns}
            for row in range(count):
                values = {one: self._columns[one].text(array, row) for one, (mask, array) in told.items() if mask[row]}
                if values:
                    beside[row] = VALUE + unheld_text(values)
        texts = [identity, self._joined(landed, self._scope.columns, count), pa.array(beside, pa.large_string())]
        return pc.binary_join_element_wise(*texts, pa.scalar(SEPARATOR, pa.large_string()))

    def _removed(self, landed: Mapping[str, Any], count: int) -> list[bool]:
        """By the soft delete column, as the merge decides it."""
        if not self._scope.soft:
            return [False] * count
        array = landed[self._scope.soft]
        if self._ways[self._scope.soft].target == "BOOL":
            truth = pc.equal(array, "true") if pa.types.is_string(array.type) else array
            return [bool(one) for one in truth.to_pylist()]
        return list(array.is_valid().to_pylist())

    def _judged(
        self, key: int, row: int, micros: int | None, removed: bool, bad: set[str], *, impossible: bool
    ) -> Judged:
        moment = None if micros is None else _EPOCH + timedelta(microseconds=micros)
        keyless = not bad.isdisjoint(self._key)
        out = bool(bad if not self._encodes else bad & self._rigid)
        standing = self._standing(moment, removed=removed, out=out, keyless=keyless, impossible=impossible)
        return Judged(
            key=key, row=row, standing=standing, moment=moment, bad=out, keyless=keyless, impossible=impossible
        )

    def _standing(  # noqa: PLR0911
        self, moment: datetime | None, *, removed: bool, out: bool, keyless: bool, impossible: bool
    ) -> Standing:
        """The order of the questions matters; bigquery/reconcile_parts.sql asks the same of current."""
        scope = self._scope
        if keyless:
            return Standing.OUTSIDE
        if self._timed and moment is None and not impossible:
            return Standing.LOOSE if scope.timeless else Standing.OUTSIDE
        if out:
            return Standing.LOOSE if self._fails else Standing.REMOVED
        if not self._timed:
            return Standing.SETTLED
        assert moment is not None
        if moment < scope.start and not scope.early:
            return Standing.OUTSIDE
        if moment < scope.start or self.is_sealed(moment):
            return Standing.REMOVED if removed else Standing.SETTLED
        return Standing.LOOSE

    def is_sealed(self, moment: datetime) -> bool:
        """Whether a row of this moment lies in what is sealed, its whole day where it is one."""
        latest = moment + self._span
        return any(one.low <= moment and latest < one.high for one in self._scope.sealed)

    def class_of(self, row: Judged, now: datetime) -> str:  # noqa: PLR0911
        """Which class of a census a row is in."""
        placed = row.impossible or row.moment is not None or not self._timed
        if row.keyless or (row.bad and (placed or self._scope.timeless)):
            return "bad"  # a cursor of zeros, too, where rows without one are to come: this one is held out
        if not self._timed:
            return "settled"
        if row.moment is None:
            return "timeless"
        if row.standing is Standing.REMOVED:
            return "deleted"
        if row.moment < self._scope.start:
            return "early"
        if self.is_sealed(row.moment):
            return "settled"
        return "future" if row.moment > now else "loose"


class ComparedRows:
    """The rows of one statement, judged as they come: ``batches`` may be read once."""

    def __init__(self, batches: Iterable[Any], judge: RowJudge) -> None:
        self._batches, self._judge = batches, judge

    def judged(self, *, keys_only: bool = False) -> Iterator[Judged]:
        """Every row."""
        for batch in self._batches:
            yield from self._judge.of(batch, keys_only=keys_only)

    def by_batch(self) -> Iterator[tuple[Any, list[Judged]]]:
        """Every raw batch, and its rows' keys."""
        for batch in self._batches:
            yield batch, self._judge.of(batch, keys_only=True)

    def census(self, now: datetime) -> Census:
        """How many there are of each class."""
        counted = Counter(self._judge.class_of(row, now) for row in self.judged(keys_only=True))
        return Census(**counted)


def _hashes(texts: Any) -> list[int]:
    """The first 60 bits of each text's MD5."""
    spare = 64 - KEY_BITS
    return [
        int.from_bytes(md5(one, usedforsecurity=False).digest()[:8]) >> spare
        for one in texts.cast(pa.large_binary()).to_pylist()
    ]
