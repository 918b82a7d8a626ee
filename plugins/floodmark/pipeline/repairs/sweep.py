"""Take old files off the stage: ``retention: {stage: 7d}``. Raw's partitions expire by themselves."""

from __future__ import annotations

import logging
from datetime import datetime

from floodmark.core.config.source import SourceConfig
from floodmark.core.time.units import DAY
from floodmark.pipeline.table_run import Ports

log = logging.getLogger(__name__)

MARGIN = DAY
"""So far may the clocks of the source, by which reads are named, and of object storage lie apart."""


def sweep(config: SourceConfig, ports: Ports, now: datetime) -> int:
    """Delete the source's files that are older than its retention, and than a day; how many.

    What an open read staged stays, however old: nothing else has it. ``now`` is UTC.
    """
    if config.retention.stage is None:
        return 0
    moment = now - max(config.retention.stage, MARGIN)
    for target in ports.ledger.targets():
        open_read = ports.ledger.head(target).open
        if open_read is not None:
            moment = min(moment, open_read.read_at - MARGIN)
    deleted = ports.stage.delete_before(config.source, moment)
    log.info("%s: %d files older than %s deleted from the stage", config.source, deleted, moment.isoformat())
    return deleted
