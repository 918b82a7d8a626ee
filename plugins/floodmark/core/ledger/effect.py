"""One BigQuery job, recorded whole before it is submitted (R17)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class EffectState(StrEnum):
    """What is known of a job (R17)."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    OCCUPIED = "occupied"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One job, recorded whole before it is submitted, so that any holder may submit it again (R17).

    ``step`` is a :class:`~floodmark.core.ledger.step.Step`, or a numbered one.
    """

    step: str
    attempt: int
    job_id: str
    location: str
    configuration: dict[str, Any]
    digest: str
    state: EffectState = EffectState.INTENDED
    statistics: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def concluded(self, state: EffectState, *, statistics: dict[str, Any] | None = None, error: str = "") -> Effect:
        """The same effect with what became of it."""
        return replace(self, state=state, statistics={**self.statistics, **(statistics or {})}, error=error)
