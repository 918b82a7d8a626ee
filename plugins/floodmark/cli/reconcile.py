"""``floodmark reconcile``: source and current compared key by key, and healed where that is asked for (R25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.screen import Json, Screen, described, report
from floodmark.cli.sources import Dsn, File
from floodmark.cli.steps import ended_by_signals, loaded, patiently, run_id
from floodmark.pipeline.table_run import TableRun, closing

if TYPE_CHECKING:
    from floodmark.pipeline.outcome import Outcome, Reconciliation


@dataclass(frozen=True, kw_only=True)
class Done:
    """One table: what was found, what became of the read that heals it, or an error."""

    table: str
    found: Reconciliation | None = None
    outcome: Outcome | None = None
    error: Exception | None = None

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for: what differs and is not healed now is a finding."""
        if self.error is not None or self.found is None:
            return code(self.error) if self.error else Exit.OK
        healed = self.found.found.complete and self.outcome is not None
        return Exit.OK if self.found.well or healed else Exit.FINDINGS

    def document(self) -> dict[str, Any]:
        """As plain values."""
        found = self.found.document() if self.found else {}
        state = {"healed": self.outcome.document() if self.outcome else None}
        return {"table": self.table} | found | state | {"error": described(self.error) if self.error else None}


def reconcile(
    *,
    file: File,
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE...]", help="The tables. Default: all with a key and a cursor."),
    ] = None,
    heal: Annotated[bool, typer.Option("--heal", help="Heal what differs: rows read anew or removed.")] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Compare source and current, key by key, and say what differs: hard deletes, changed keys, silent updates.

    Rows that are not sealed yet are left out. Exit 1 where something differs and is not healed. BigQuery bills the
    compared columns; the source reads the table once.
    """
    screen = Screen(json=as_json)
    source = sources.read(file)
    results: list[Done] = []
    with ended_by_signals(), closing(source.ports(dsn)) as ports:
        place = screen.ledger(ports.ledger)
        for table in source.tables(tables):
            if tables or table.sync not in ("append", "full"):
                results.append(_one(screen, source.table_run(table, ports, "reconcile"), heal=heal))
    if not results:
        screen.say(f"no table of {source.config.source} is incremental by its file, so none was compared")
    exit_code = worst([one.exit for one in results])
    documents = [one.document() for one in results]
    document = {"ok": exit_code is Exit.OK, "source": source.config.source, "ledger": place}
    screen.document({**document, "tables": documents})
    if not as_json:
        columns = ("table", "missing", "changed", "deleted", "left", "keys", "state")
        screen.table(columns, [_row(one, heal=heal) for one in results], title=source.config.source)
    if exit_code is not Exit.OK:
        raise typer.Exit(exit_code)


def _one(screen: Screen, run: TableRun, *, heal: bool) -> Done:
    from floodmark.pipeline.reconcile import reconcile as reconciled

    name, run_name = run.table.name, run_id()
    screen.say(f"{name}: comparing")
    try:
        found = patiently(lambda: reconciled(run, run_name, heal=heal), name, screen)
        outcome = loaded(run, found.outcome, screen) if found.outcome else None
    except Exception as error:  # a defect too is this table's alone
        if not screen.json:
            report(error, as_json=False)
        return Done(table=name, error=error)
    return Done(table=name, found=found, outcome=outcome)


def _row(one: Done, *, heal: bool) -> tuple[object, ...]:
    if one.found is None:
        return one.table, "", "", "", "", "", f"failed: {type(one.error).__name__}"
    if one.found.skipped:
        return one.table, "", "", "", "", "", f"not compared: {one.found.skipped}"
    counts = one.found.found
    examples = [f"{sort}: {'; '.join(keys)}" for sort, keys in one.found.examples.items() if keys]
    return one.table, counts.missing, counts.changed, counts.deleted, counts.left, examples, _state(one, heal=heal)


def _state(one: Done, *, heal: bool) -> list[str]:
    """In words, what was done and what remains."""
    assert one.found is not None
    counts = one.found.found
    told = "nothing differs" if one.found.well else "healed" if heal else "differs: --heal mends it"
    remaining = (
        [f"{counts.left:,} of {counts.of:,} ranges of keys differ and are left for the next reconcile"]
        if counts.left
        else []
    )
    return [
        told,
        *remaining,
        *(f"column {name} is compared but for what it holds: it is JSON" for name in counts.unlike),
        *one.found.notes,
    ]
