"""``floodmark cost``: what BigQuery billed, as the ledger has it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import File, Tables
from floodmark.core.bigquery.price import PRICE_PER_TIB, price
from floodmark.core.ledger.spending import KEPT, Bill
from floodmark.pipeline.clock import now
from floodmark.pipeline.reports.cost import Cost, costs, summed
from floodmark.pipeline.table_run import closing


def cost(
    file: File,
    table: Tables = None,
    days: Annotated[
        int, typer.Option(min=1, max=KEPT.days, help="So many days (UTC) back, today among them; the ledger keeps 35.")
    ] = 30,
    price_per_tib: Annotated[
        float, typer.Option(min=0, help="Price of a TiB billed; the default is in US dollars, on demand.")
    ] = PRICE_PER_TIB,
    as_json: Json = False,
) -> None:
    """What BigQuery billed, by table, step and day, with its price; the dear ones first.

    From the ledger alone: BigQuery isn't asked. Loads are free, and so is what bills no bytes.
    """
    screen = Screen(json=as_json)
    source = sources.read(file)
    since = now().astimezone(UTC).date() - timedelta(days=days - 1)
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        found = costs(source.config, source.tables(table), ports.ledger, since, others=not table)
    total = sum((one.bill for one in found), Bill())
    if as_json:
        bills = [
            {"table": one.table, "step": one.step, "day": one.day, **_bill(one.bill, price_per_tib)} for one in found
        ]
        document = {"source": source.config.source, "ledger": place, "since": since, "bills": bills}
        screen.document({**document, "total": _bill(total, price_per_tib)})
        return
    _show(screen, found, total, price_per_tib, title=f"{source.config.source}, since {since}")


def _show(screen: Screen, found: tuple[Cost, ...], total: Bill, price_per_tib: float, *, title: str) -> None:
    by_step = summed(found, lambda one: (one.table, one.step))
    rows = [(table, step, *_cells(bill, price_per_tib)) for (table, step), bill in by_step.items()]
    screen.table(("table", "step", "jobs", "bytes billed", "price"), rows, title=title)
    by_day = sorted(summed(found, lambda one: one.day).items())
    rows = [(day.isoformat(), *_cells(bill, price_per_tib)) for day, bill in by_day]
    screen.table(("day", "jobs", "bytes billed", "price"), rows)
    screen.line(f"in all {total.bytes:,} bytes, {price(total.bytes, price_per_tib):.2f}")


def _cells(bill: Bill, price_per_tib: float) -> tuple[object, ...]:
    return bill.jobs, f"{bill.bytes:,}", f"{price(bill.bytes, price_per_tib):.2f}"


def _bill(bill: Bill, price_per_tib: float) -> dict[str, Any]:
    return {"jobs": bill.jobs, "bytes": bill.bytes, "price": price(bill.bytes, price_per_tib)}
