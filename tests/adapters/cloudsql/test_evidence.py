"""What an export's own evidence proves, and what it doesn't: pure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from floodmark.adapters.cloudsql.evidence import believed_end, evidence, is_flushed
from floodmark.adapters.cloudsql.look import LOOKED, STARTED
from floodmark.adapters.cloudsql.unspoiled import CANARY, SETTINGS
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.errors import SourceRefused, SourceUnavailable

LOOK = Snapshot(
    base=700,
    server="7301",
    place={
        "timeline": "00000002", "lsn": "0/10", "next": "900",
        STARTED: "2026-11-01 00:00:00+00", LOOKED: "2026-11-01T11:00:05+00:00",
    },
)  # fmt: skip
HELD = {"all": 3, "bad": 0, "views": 0, "secured": [], "filtered": []}
TOLD: dict[str, Any] = {
    "canary": CANARY, "nothing": [None, ""], "began": "2026-11-01T06:00:05.000001-05:00",
    "user": "cloudsqlimportexport", "standby": False, "system": "7301", "timeline": "00000002", "lsn": "0/20",
    "started": "2026-10-31T20:00:00-04:00", "strings": "on", "held": HELD, "set": list(SETTINGS.values()),
    "following": "900",
}  # fmt: skip


def judged(*, offload: bool = False, **changes: Any) -> str:
    line = json.dumps(TOLD | changes, ensure_ascii=False)
    return evidence(line, LOOK, "public.orders", offload=offload).lsn


def test_an_export_that_began_after_the_look_on_the_same_running_server_is_believed() -> None:
    assert judged() == "0/20"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"began": "2026-11-01T11:00:05+00:00"}, "began before the look ended"),
        ({"system": "7302"}, "a restart or a failover came between"),
        ({"timeline": "00000003"}, "a restart or a failover came between"),
        ({"started": "2026-11-01T10:59:00+00:00"}, "a restart or a failover came between"),
        ({"held": HELD | {"bad": 1}}, "1 of its 3 physical tables were changed"),
        ({"held": HELD | {"all": 0}}, "0 of its 0 physical tables"),
        ({"renamed": 2}, "2 of its columns changed between"),
    ],
)
def test_what_another_attempt_may_mend_is_unavailable(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceUnavailable, match=words):
        judged(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"standby": True}, "read from a standby"),
        ({"held": HELD | {"filtered": ["orders"]}}, 'TO "cloudsqlimportexport" USING'),
        ({"held": HELD | {"views": 1, "secured": ["orders"]}}, "behind the view"),
        ({"canary": CANARY.replace("é", "?")}, "spoils texts"),
        ({"nothing": [None, None]}, "spoils texts"),
        ({"strings": "off"}, "standard_conforming_strings"),
        ({"set": [*[*SETTINGS.values()][:-1], "on"]}, "quote_all_identifiers is on"),
    ],
)
def test_what_no_attempt_mends_is_refused_with_its_remedy(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceRefused, match=words):
        judged(**changes)


def test_security_that_hides_nothing_is_none_and_a_views_tables_count() -> None:
    assert judged(held=HELD | {"secured": ["orders"]}) == "0/20"


def test_a_copy_whose_transactions_do_not_reach_the_look_is_older() -> None:
    with pytest.raises(SourceUnavailable, match="older than the look"):
        judged(offload=True, following="899")


def test_of_a_copy_neither_place_nor_time_is_asked_but_what_is_hidden_is() -> None:
    assert judged(offload=True, system="1", started="2026-11-02T00:00:00Z", began="2026-10-01T00:00:00Z") == "0/20"
    with pytest.raises(SourceUnavailable, match="physical tables"):
        judged(offload=True, held=HELD | {"bad": 1})


def test_a_file_that_begins_otherwise_proves_nothing() -> None:
    with pytest.raises(SourceUnavailable, match="does not begin with its evidence"):
        evidence("2026,1", LOOK, "public.orders", offload=False)


def test_settings_must_stand_at_the_end_too() -> None:
    end = {"set": list(SETTINGS.values()), "flushed": "0/30"}
    assert believed_end(json.dumps(end), "public.orders") == "0/30"
    with pytest.raises(SourceRefused, match="timezone is America/New_York"):
        believed_end(json.dumps(end | {"set": ["America/New_York", *[*SETTINGS.values()][1:]]}), "public.orders")


@pytest.mark.parametrize(
    ("lsn", "flushed", "durable"),
    [("0/20", "0/20", True), ("1/0", "0/FFFFFFFF", False), ("0/20", "", False), ("", "0/20", False)],
)
def test_it_is_durable_where_the_log_was_flushed_as_far(lsn: str, flushed: str, durable: bool) -> None:
    assert is_flushed(lsn, flushed) is durable
