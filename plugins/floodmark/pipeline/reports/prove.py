"""Is what the ledger promises borne out by its own records: coverage without a hole, evidence for every read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from floodmark.core.checksum import COUNTS
from floodmark.core.command_line import command_line
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.fingerprint import Consequence, changes, excluded
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.levels import Levels, levels, of_table
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Step
from floodmark.core.ledger.watermark import Basis
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError
from floodmark.pipeline.changed import in_file
from floodmark.pipeline.reports import balance as balances


class Verdict(StrEnum):
    """What ``prove`` may say (R36)."""

    PROVED = "proved"
    ASSUMED = "assumed"
    NOT_PROVED = "not proved"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is shown of one table. Empty ``doubts``: it holds what the promise says, up to ``sealed_up_to`` (UTC).

    A table without a cursor is shown as of its last whole read, ``as_of``. ``basis`` is ``assumed`` where any sealed
    slice is. ``level`` is the level of check that every slice has at least, ``levels`` that of each (R28).
    ``looked`` and ``unlooked`` say what the balance held against the source, and what it didn't; ``told`` what isn't in
    current, or is there beyond the source, without being a fault; ``held_out`` counts rows that BigQuery can't hold,
    ``but`` says by which others the two ends differ.
    """

    table: str
    target: str
    verdict: Verdict = Verdict.NOT_PROVED
    sealed_up_to: datetime | None = None
    as_of: datetime | None = None
    basis: Basis = Basis.PROVED
    level: str = COUNTS
    levels: Levels = ()
    reads: int = 0
    doubts: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    held_out: int = 0
    looked: tuple[str, ...] = ()
    unlooked: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    but: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """The verdict in words (R36)."""
        held = (f"{self.held_out:,} rows held out by name",) if self.held_out else ()
        excepted = f", all but {', '.join((*held, *self.but))}" if held or self.but else ""
        match self.verdict:
            case Verdict.NOT_PROVED:
                return f"not proved, because {'; '.join(self.doubts)}"
            case Verdict.ASSUMED:
                return f"assumed{excepted}, because {'; '.join(self.assumptions) or 'something was taken on trust'}"
        return f"proved{excepted}"


def prove(
    config: SourceConfig,
    tables: Sequence[TableConfig],
    ledger: Ledger,
    now: datetime | None = None,
    *,
    named: str = "",
    own_select: Callable[[TableConfig], str] | None = None,
) -> list[Proof]:
    """Each table's proof, from every read in the ledger. Nothing is written, and no other service asked.

    ``named`` is how a command line names the source, where not by its name. ``own_select`` gives the text of a table's
    own SELECT, as it is by now; where it can't be had, that is a doubt of this table alone.
    """
    asked = _Asked(
        now=now or datetime.now(UTC), config=config, named=named or config.source, own_select=own_select
    )  # fmt: skip
    return [_with_verdict(_of(asked, table, ledger)) for table in tables]


def _with_verdict(proof: Proof) -> Proof:
    if proof.doubts:
        return proof
    return replace(proof, verdict=Verdict.ASSUMED if proof.basis is Basis.ASSUMED else Verdict.PROVED)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Of what a proof is wanted: when (UTC), of which source, by which name; and what gives a table's own SELECT."""

    now: datetime
    config: SourceConfig
    named: str
    own_select: Callable[[TableConfig], str] | None


def _of(asked: _Asked, table: TableConfig, ledger: Ledger) -> Proof:
    config, now, named = asked.config, asked.now, asked.named
    name = config.bigquery.current_table(table)
    head, reads = ledger.head(name), ledger.reads(name)
    applied = [read for read in reads if read.state is State.APPLIED]
    has_cursor = bool(head.coverage)
    sealed = coverages.sealed_up_to(head.coverage, table.start) if has_cursor else None
    assumed = coverages.sealed(head.coverage, Basis.ASSUMED)
    found = levels(applied) if has_cursor else ()
    return Proof(
        table=table.name,
        target=name,
        sealed_up_to=sealed,
        as_of=applied[-1].read_at if applied and not has_cursor else None,
        basis=Basis.ASSUMED if assumed else Basis.PROVED,
        level=of_table(found, applied),
        levels=found,
        reads=len(applied),
        doubts=(
            *_of_head(table, head, applied, named),
            *(_of_identity(table, applied[-1], named, asked.own_select) if applied else ()),
            *(doubt for read in applied for doubt in _of_read(read)),
            *(balances.faults(table, head, now, named) if applied else ()),
        ),
        assumptions=_assumptions(applied),
        held_out=balances.held_out(head),
        looked=balances.looked(head, now),
        unlooked=balances.unlooked(table, head, now),
        told=balances.told(table, head),
        but=balances.but(table, head),
    )


def _assumptions(applied: Sequence[Read]) -> tuple[str, ...]:
    """What the newest read on an assumed basis took on trust."""
    reasons = [read.reasons for read in applied if read.basis is Basis.ASSUMED]
    return reasons[-1] if reasons else ()


def _of_head(table: TableConfig, head: Head, applied: Sequence[Read], named: str) -> Iterator[str]:
    if not applied:
        yield "nothing has been read"
        return
    if head.error:
        yield f"blocked: {head.error}"
    for one, two in pairwise(applied):
        if not one.read_at < two.read_at:
            yield f"the reads of {one.read_at.isoformat()} and {two.read_at.isoformat()} are out of order (R15)"
    if head.coverage != folded(applied):
        yield "the head's coverage is not what its applied reads amount to"
    if applied[-1].portion.continues:
        yield "its first load is under way: nothing is covered before its last part is applied"
    if head.coverage:
        yield from _holes(table, head.coverage, named)


def _of_identity(
    table: TableConfig, last: Read, named: str, own_select: Callable[[TableConfig], str] | None
) -> Iterator[str]:
    """What the file says by now (R29), and what left the source otherwise than row by row (R32)."""
    before, text = last.fingerprint, None
    try:
        text = own_select(table) if own_select else None
    except ConfigurationError as error:
        yield f"its own SELECT can't be read: {error}"
    if before is not None:
        now = in_file(table, before, text)
        plan = command_line("plan", named, "--table", table.name)
        for change in changes(before, now):
            if change.consequence is not Consequence.NOTHING:
                yield f"what was read counts no more, by the file as it is now: {change.words}; the next run: {plan}"
        if removed := excluded(before, now):
            yield f"the file excludes or masks {', '.join(removed)} by now: the next run takes that from both tables"
    reload = command_line("reload", named, table.name)
    for one in last.partial:
        if one.filled:
            when = f"{one.read_at:%Y-%m-%d %H:%M:%S}"
            yield f'rows read before {when} lack the default of the new column "{one.column}": {reload}'
    heal = reload if last.append else command_line("reconcile --heal", named, table.name)
    yield from (f"{leftover}; they are removed by: {heal}" for leftover in last.leftovers)


def folded(applied: Sequence[Read]) -> Coverage:
    """The coverage that applied reads amount to, in their order."""
    coverage: Coverage = ()
    for read in applied:
        coverage = coverages.after(coverage, read)
    return coverage


def _holes(table: TableConfig, coverage: Coverage, named: str) -> Iterator[str]:
    """What lies between the start and the newest sealed moment without being sealed."""
    sealed = coverages.sealed(coverage)
    if not sealed:
        yield "nothing is sealed yet"
        return
    watermark = sealed[-1].high
    for gap in coverages.gaps(coverage, table.start, watermark):
        again = command_line("run --gaps", named, "--table", table.name)
        yield f"no read covers {gap}; it is read by: {again}"
    whole = Interval(low=table.start, high=watermark) if table.start < watermark else None
    for interval in coverages.provisional(coverage):
        if whole and (inside := interval.intersect(whole)):
            yield f"{inside} is provisional, before sealed slices; the next run reads it again"


def _of_read(read: Read) -> Iterator[str]:
    """Whether a read's own records fit together (R16, R17, R28)."""
    name = read.read_at.isoformat()
    manifest = read.manifest
    if manifest is None:
        yield f"the read of {name} has no manifest"
        return
    if sum(one.rows for one in manifest.objects) != manifest.rows:
        yield f"the read of {name}: its objects don't hold the {manifest.rows} rows of its manifest"
    if read.watermark is not None and read.watermark > read.read_at:
        yield f"the read of {name} has a watermark after it: {read.watermark.isoformat()}"
    if not read.changed and not read.effects:
        return  # nothing to load: empty, or a refresh equal to the last one (R16, R23)
    loaded = _done(read, Step.LOAD)
    if manifest.rows and loaded is None:
        yield f"the read of {name}: no load is done"
    if loaded is not None and loaded.statistics.get("output_rows") != manifest.rows:
        yield f"the read of {name}: loaded {loaded.statistics.get('output_rows')} rows of {manifest.rows}"
    applies = [Step.APPLY] if manifest.rows or read.portion.renewed else []
    for step in dict.fromkeys([*applies, *(effect.step for effect in read.effects if effect.step != Step.LOAD)]):
        if _done(read, step) is None:
            yield f"the read of {name}: no {step} is done"


def _done(read: Read, step: str) -> Effect | None:
    return next((effect for effect in read.attempts(step) if effect.state is EffectState.DONE), None)
