"""Give a worker back and be called again later, from an operator that is no sensor.

Airflow 3 looks at the moment of any task that was rescheduled; Airflow 2.11 only where the operator says, as its
sensors do, that it depends on that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from floodmark.airflow.compat.version import AIRFLOW_2

Operator = TypeVar("Operator", bound=type[Any])


def reschedulable(operator: Operator) -> Operator:
    """A class of operators whose tasks may call :func:`come_back`."""
    if AIRFLOW_2:
        from airflow.ti_deps.deps.ready_to_reschedule import ReadyToRescheduleDep

        fields = frozenset(operator.get_serialized_fields() | {"reschedule"})
        operator.deps = operator.deps | {ReadyToRescheduleDep()}
        operator.reschedule = True
        operator.get_serialized_fields = classmethod(lambda _: fields)
    return operator


def come_back(after: timedelta) -> NoReturn:
    """End this try of the task without a verdict: its next begins ``after`` that, and counts as the same."""
    from airflow.exceptions import AirflowRescheduleException

    raise AirflowRescheduleException(datetime.now(UTC) + after)  # type: ignore[no-untyped-call]
