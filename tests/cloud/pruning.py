"""What the product's own statements read of a partitioned table, by dry runs (R20)."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.googlesql import literal
from floodmark.core.bigquery.tables import READ_AT
from floodmark.core.ledger.step import is_apply
from floodmark.pipeline import targets
from floodmark.pipeline.table_run import TableRun
from tests.cloud.finding import Finding, held
from tests.cloud.place import Place

SHARE = 4
"""Of current, a statement may read one part in so many: the hours of the suite lie in fewer partitions."""


def pruned(place: Place, run: TableRun, about: str) -> Iterator[Finding]:
    """The MERGE of the last read, as it stands in the ledger, and the question for late rows that goes before it."""
    read, head = run.ports.ledger.reads(run.target)[-1], run.ports.ledger.head(run.target)
    merge = targets.merge_of(run, read, targets.tables(run, head, read, run.ports.ledger.uuid))
    [apply] = [effect for effect in read.effects if is_apply(effect.step)]
    whole = place.would_process(f"SELECT * FROM `{merge.current}`")
    in_raw = place.would_process(f"SELECT * FROM `{merge.raw}` WHERE {READ_AT} = {literal(read.read_at)}")
    most = in_raw + whole // SHARE
    expected = f"at most {most:,} bytes: the read's day in raw, {in_raw:,}, and a quarter of current's {whole:,}"
    late = merges.late(merge, [span.interval for span in read.spans])
    for asked, came in (
        ("the MERGE of that hour, by a dry run", place.would_process(apply.configuration["query"]["query"])),
        ("the same, as its job says that it did", int(apply.statistics.get("bytes_processed") or 0)),
        ("the question for late rows of that hour, by a dry run", place.would_process(late)),
    ):
        yield held(f"{about}: pruning", asked=asked, expected=expected, came=f"{came:,} bytes", well=0 < came <= most)
