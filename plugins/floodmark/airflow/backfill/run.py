"""What ``airflow dags backfill`` does on Airflow 3: make a backfill by Airflow's own command, and wait for it."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import datetime

LOOK_EVERY = 2.0
INTERRUPTED = 130
BEHAVIOUR = "completed"
"""Intervals that ran before are run again. Airflow's own default, ``none``, would pass over them without a word."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A backfill as it stands. ``states`` counts its runs by state, ``left_out`` gives intervals' starts by reason."""

    states: dict[str, int]
    failed: tuple[str, ...]
    left_out: dict[datetime, str]
    completed: bool

    def __str__(self) -> str:
        total = sum(self.states.values())
        ended = self.states.get("success", 0) + self.states.get("failed", 0)
        others = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()) if state != "success")
        return f"{ended} of {total} runs have ended" + (f" ({others})" if others else "")


def backfill(args: argparse.Namespace) -> None:
    """The command. Ends with 1 where a run failed or none could be made, with 130 by Ctrl-C."""
    first, last = args.start_date or args.end_date, args.end_date or args.start_date
    if first is None:
        raise SystemExit("airflow dags backfill: give -s START, -e END, or both")
    _say(f"airflow backfill create --dag-id {args.dag_id} --from-date {first.isoformat()} --to-date {last.isoformat()}")
    _say(f"  --reprocess-behavior {BEHAVIOUR}: intervals that ran before run again")
    goes_on = "no backfill was made"
    try:
        if not args.dry_run:
            _wait_for_turn(args.dag_id)
        _create(args, first, last)
        if args.dry_run:
            return
        number, paused = _newest(args.dag_id)
        goes_on = f"backfill {number} goes on, and Airflow's UI shows how far it is and can cancel it"
        if paused:
            _say(f"{args.dag_id} is paused: its runs wait for `airflow dags unpause {args.dag_id}`")
        ended = _wait(number)
    except KeyboardInterrupt:
        _say(f"\nno longer waiting; {goes_on}")
        raise SystemExit(INTERRUPTED) from None
    for moment, reason in ended.left_out.items():
        _say(f"left out: {moment.isoformat()}: {reason}")
    if ended.failed:
        raise SystemExit(f"backfill {number}: failed: {', '.join(ended.failed)}")


def _wait_for_turn(dag_id: str) -> None:
    """Until the DAG has no open backfill: Airflow takes one at a time, and closes it up to 30 s after its last run."""
    told = None
    while (number := _open(dag_id)) is not None:
        if number != told:
            told = number
            _say(f"backfill {number} of {dag_id} is not closed yet, and Airflow takes one at a time: waiting for it")
        time.sleep(LOOK_EVERY)


def _open(dag_id: str) -> int | None:
    from airflow.models.backfill import Backfill
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    with create_session() as session:
        query = select(func.max(Backfill.id)).where(Backfill.dag_id == dag_id, Backfill.completed_at.is_(None))
        return session.scalar(query)


def _create(args: argparse.Namespace, first: datetime, last: datetime) -> None:
    """By Airflow's own command line, whose words outlast its functions' parameters."""
    from airflow.cli.cli_parser import get_parser
    from airflow.providers.common.compat.sdk import AirflowException

    words = ["backfill", "create", "--dag-id", args.dag_id, "--reprocess-behavior", BEHAVIOUR]
    words += ["--from-date", first.isoformat(), "--to-date", last.isoformat()]
    # Without one, a run that is done again keeps its former conf: an hour of one table would stay one of that table.
    words += ["--dag-run-conf", args.conf or "{}"]
    words += ["--max-active-runs", str(args.max_active_runs)] if args.max_active_runs else []
    words += ["--run-backwards"] if args.run_backwards else []
    words += ["--dry-run"] if args.dry_run else []
    created = get_parser().parse_args(words)
    try:
        created.func(created)
    except (AirflowException, ValueError) as error:
        raise SystemExit(f"airflow dags backfill: {type(error).__name__}: {error}") from error


def _newest(dag_id: str) -> tuple[int, bool]:
    """The number of the DAG's newest backfill, which is the one just made, and whether the DAG is paused."""
    from airflow.models import DagModel
    from airflow.models.backfill import Backfill
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    with create_session() as session:
        number = session.scalar(select(func.max(Backfill.id)).where(Backfill.dag_id == dag_id))
        paused = session.scalar(select(DagModel.is_paused).where(DagModel.dag_id == dag_id))
    if number is None:
        raise SystemExit(f"airflow dags backfill: Airflow has made no backfill of {dag_id}")
    return number, bool(paused)


def _wait(number: int) -> Progress:
    """Until Airflow has closed the backfill: before that it would refuse the DAG's next one."""
    told = ""
    while True:
        progress = _progress(number)
        if str(progress) != told:
            told = str(progress)
            _say(f"backfill {number}: {told}")
        if progress.completed:
            return progress
        time.sleep(LOOK_EVERY)


def _progress(number: int) -> Progress:
    from airflow.models import DagRun
    from airflow.models.backfill import Backfill, BackfillDagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    joined = select(BackfillDagRun.logical_date, BackfillDagRun.exception_reason, DagRun.run_id, DagRun.state)
    joined = joined.outerjoin(DagRun, DagRun.id == BackfillDagRun.dag_run_id)
    with create_session() as session:
        completed = session.scalar(select(Backfill.completed_at).where(Backfill.id == number))
        rows = session.execute(
            joined.where(BackfillDagRun.backfill_id == number).order_by(BackfillDagRun.sort_ordinal)
        ).all()
    states: dict[str, int] = {}
    for row in rows:
        if row.run_id:
            states[str(row.state)] = states.get(str(row.state), 0) + 1
    return Progress(
        states=states,
        failed=tuple(row.run_id for row in rows if str(row.state) == "failed"),
        left_out={row.logical_date: row.exception_reason for row in rows if row.exception_reason},
        completed=completed is not None,
    )


def _say(line: str) -> None:
    print(line, flush=True)
