"""A world's table reconciled, as one daily run does it."""

from __future__ import annotations

from typing import Any

from floodmark.pipeline.load import load
from floodmark.pipeline.outcome import Reconciliation
from floodmark.pipeline.reconcile import reconcile
from tests.pipeline.conftest import World


def compared(world: World, table: str = "orders", **changes: Any) -> Reconciliation:
    """What differs; nothing is healed."""
    return reconcile(world.table_run(table, **changes), "a report", heal=False)


def healed(world: World, table: str = "orders", run_id: str = "", **changes: Any) -> Reconciliation:
    """What differs, healed, and loaded if anything is staged."""
    found = reconcile(world.table_run(table, **changes), run_id or f"reconcile {world.open_transactions}", heal=True)
    if found.outcome and found.outcome.pending:
        load(world.table_run(table, **changes), found.outcome.read_at)
    return found


def counts(found: Reconciliation) -> tuple[int, int, int, int]:
    """Keys missing, changed and gone, and ranges left."""
    assert not found.skipped
    said = found.found
    return said.missing, said.changed, said.deleted, said.left
