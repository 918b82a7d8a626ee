"""Jobs: whose ids are taken, what a statement counts, and what is billed at least (R17, R20)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from floodmark.core.config.limits import BILLED_AT_LEAST
from tests.cloud.finding import Check, Finding, held
from tests.cloud.place import LABELS, Place


def _insert(place: Place, job: str, sql: str) -> str:
    """``jobs.insert`` under an id of ours: ``taken``, ``refused``, ``failed`` or ``accepted``."""
    from google.api_core.exceptions import BadRequest, Conflict

    resource = {
        "jobReference": {"projectId": place.project, "jobId": job, "location": place.location},
        "configuration": {"query": {"query": sql, "useLegacySql": False}, "labels": LABELS},
    }
    try:
        place.bigquery._connection.api_request(method="POST", path=f"/projects/{place.project}/jobs", data=resource)
    except Conflict:
        return "taken (409)"
    except BadRequest:
        return "refused (400)"
    done = place.bigquery.get_job(job, location=place.location)
    done.exception()  # waits
    return "failed" if done.error_result else "accepted"


def ids(place: Place) -> Iterator[Finding]:
    """An id is taken once and for all: by a job that went well, and by one that failed."""
    good, bad, wrong = (f"floodmark_cloud_{uuid.uuid4().hex}" for _ in range(3))
    came = [_insert(place, good, sql) for sql in ("SELECT 1", "SELECT 1", "SELECT 2")]
    expected = ["accepted", "taken (409)", "taken (409)"]
    yield _ids("a job's id asked for twice, and for another statement", expected, came)
    came = [_insert(place, bad, sql) for sql in ("SELECT ERROR('on purpose')", "SELECT 1")]
    yield _ids("the id of a job that failed, asked for again", ["failed", "taken (409)"], came)
    came = [_insert(place, wrong, sql) for sql in ("SELEC 1", "SELECT 1")]
    either = (["refused (400)", "accepted"], ["failed", "taken (409)"])
    yield held(
        "a job's id", asked="a statement that can't be parsed, then another under its id",
        expected=" or ".join(map(", ".join, either)), came=", ".join(came), well=came in either,
    )  # fmt: skip


def _ids(asked: str, expected: list[str], came: list[str]) -> Finding:
    return held("a job's id", asked=asked, expected=", ".join(expected), came=", ".join(came), well=came == expected)


def least(place: Place) -> Iterator[Finding]:
    """What is billed at least, and what isn't billed."""
    one, two = place.table("billed_one"), place.table("billed_two")
    for name in (one, two):
        place.query(f"CREATE TABLE `{name}` AS SELECT 1 AS id")
    count = place.query(f"SELECT COUNT(*) FROM `{one}`")
    yield _billed("SELECT COUNT(*) without a filter", 0, count)
    yield _billed("a query of two tables of one row", 2 * BILLED_AT_LEAST, place.query(
        f"SELECT a.id FROM `{one}` AS a JOIN `{two}` AS b ON a.id = b.id"
    ))  # fmt: skip
    refused = place.refusal(place.query, f"SELECT id FROM `{one}`", maximum_bytes_billed=BILLED_AT_LEAST - 1)
    yield held(
        "bytes billed", asked="a query that may bill a byte less than that", expected="refused",
        came=refused or "it ran", well=bool(refused),
    )  # fmt: skip


def _billed(asked: str, expected: int, job: Any) -> Finding:
    billed = int(job.total_bytes_billed or 0)
    return held("bytes billed", asked=asked, expected=f"{expected:,} bytes", came=f"{billed:,} bytes",
                well=billed == expected)  # fmt: skip


CHECKS = (Check(name="a job's id", ask=ids), Check(name="bytes billed", ask=least))
