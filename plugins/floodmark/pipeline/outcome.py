"""What a step reports: small, plain, and fit for XCom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from floodmark.core.head import Head
from floodmark.core.read import Read, State


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a table stands after a step. Moments are ISO texts in UTC; ``mark`` is empty where nothing is proved."""

    table: str
    target: str
    read_at: str = ""
    state: str = ""
    rows: int = 0
    mark: str = ""
    basis: str = ""
    held_by: str = ""
    late: int = 0
    quarantined: int = 0
    changed: bool = False

    @property
    def pending(self) -> bool:
        """Whether something is left to load."""
        return self.state in (State.STAGED, State.LOADED)

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def outcome(table: str, head: Head, read: Read | None) -> Outcome:
    """What became of ``read``; of nothing, where nothing was to be read."""
    if read is None:
        return Outcome(table=table, target=head.target)
    return Outcome(
        table=table,
        target=head.target,
        read_at=read.read_at.isoformat(),
        state=read.state.value,
        rows=read.rows,
        mark=read.mark.isoformat() if read.mark else "",
        basis=read.basis.value,
        held_by="; ".join(str(holder) for holder in read.held_by[:3]),
        late=read.late,
        quarantined=read.manifest.quarantined if read.manifest else 0,
        changed=read.changed or read.state in (State.STAGED, State.LOADED),
    )
