"""The outside world as the pipeline sees it. Adapters stand behind these; tests bring fakes of their own."""

from floodmark.core.ports.export import Exporter, NotBegun
from floodmark.core.ports.inspection import Advice, Inspection, Server
from floodmark.core.ports.ledger import Conflict, Ledger
from floodmark.core.ports.rows import Rows
from floodmark.core.ports.source import Comparison, Reading, Selection, Source
from floodmark.core.ports.stage import Stage
from floodmark.core.ports.warehouse import Job, JobResult, TargetTable, Warehouse

__all__ = [
    "Advice", "Comparison", "Conflict", "Exporter", "Inspection", "Job", "JobResult", "Ledger", "NotBegun", "Reading",
    "Rows", "Selection", "Server", "Source", "Stage", "TargetTable", "Warehouse",
]  # fmt: skip
