"""What the demo asks of Airflow, by its public API: unpause, backfill, trigger, and what became of the runs."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.core.time.interval import Interval
from floodmark.errors import ServerFailed


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of a DAG. ``kind`` is scheduled, backfill or manual; ``interval`` None where it has none."""

    id: str
    kind: str
    state: str
    interval: Interval | None

    @property
    def ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.state in ("success", "failed")


class AirflowClient:
    """Airflow's REST API, version 2."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._headers = {"Content-Type": "application/json"}
        token = self._ask("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        self._headers = {**self._headers, "Authorization": f"Bearer {token}"}

    def schedule(self, dag: str) -> str:
        """The DAG's cron expression as it was parsed last; empty where the DAG isn't there yet."""
        try:
            return str(self._ask("GET", f"/api/v2/dags/{dag}")["timetable_summary"] or "")
        except KeyError:
            return ""

    def import_errors(self) -> list[str]:
        """Why DAG files could not be parsed."""
        found = self._ask("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{one['filename']}: {one['stack_trace'].strip().splitlines()[-1]}" for one in found]

    def pause(self, dag: str, paused: bool) -> None:
        """Pause or unpause a DAG."""
        self._ask("PATCH", f"/api/v2/dags/{dag}?update_mask=is_paused", {"is_paused": paused})

    def backfill(self, dag: str, first: datetime, last: datetime, at_once: int) -> None:
        """Run the intervals that start from ``first`` to ``last``, both included."""
        body = {"dag_id": dag, "from_date": _iso(first), "to_date": _iso(last), "max_active_runs": at_once}
        self._ask("POST", "/api/v2/backfills", body)

    def trigger(self, dag: str, interval: Interval) -> None:
        """Run one interval by hand. Its logical date is a second past the end: no scheduled run has it."""
        body = {
            "logical_date": _iso(interval.high + timedelta(seconds=1)),
            "data_interval_start": _iso(interval.low),
            "data_interval_end": _iso(interval.high),
        }
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", body)

    def runs(self, dag: str) -> list[Run]:
        """The runs of a DAG, oldest interval first."""
        found = self._ask("GET", f"/api/v2/dags/{dag}/dagRuns?limit=100")["dag_runs"]
        runs = [
            Run(id=one["dag_run_id"], kind=one["run_type"], state=one["state"], interval=_interval(one))
            for one in found
        ]
        return sorted(runs, key=lambda run: run.interval.low if run.interval else datetime.min.replace(tzinfo=UTC))

    def failed_tasks(self, dag: str, run: str) -> list[str]:
        """The tasks of a run that have failed."""
        place = f"/api/v2/dags/{dag}/dagRuns/{urllib.parse.quote(run, safe='')}/taskInstances?limit=100&state=failed"
        return [one["task_id"] for one in self._ask("GET", place)["task_instances"]]

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. Raises KeyError for what isn't there, ServerFailed for any other refusal."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, method=method, headers=self._headers)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise KeyError(path) from None
            said = error.read().decode(errors="replace")[:500]
            raise ServerFailed(f"Airflow refused {method} {path}: {error.code} {error.reason}: {said}") from None
        except OSError as error:
            raise ServerFailed(f"Airflow did not answer {method} {path}: {error}") from error


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _interval(run: Mapping[str, Any]) -> Interval | None:
    low, high = run["data_interval_start"], run["data_interval_end"]
    if not low or not high or low == high:
        return None
    return Interval(low=datetime.fromisoformat(low), high=datetime.fromisoformat(high))
