"""Rows of some keys leave current, raw and the stage for good, and what is kept names nobody."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.ledger.documents import document
from floodmark.core.config.names import Folder
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.errors import BudgetReached, ConfigurationError, FatalError
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.repairs import forget as repair
from floodmark.pipeline.repairs.forget import forget, standing
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.returned import questions
from floodmark.pipeline.staging import left_elsewhere
from floodmark.pipeline.table_run import Request
from floodmark.pipeline.wiring import ports
from tests.pipeline.conftest import START, World, hour

pytestmark = pytest.mark.slow

ALICE = "alice-5c1f"


def people(world: World) -> None:
    """Two people, read twice: the second read has a newer version of the first one's row."""
    world.tables = "{people: {}}"
    world.sql(
        "CREATE TABLE people (mail text PRIMARY KEY, note text, updated_at timestamptz NOT NULL)",
        f"INSERT INTO people VALUES ('{ALICE}', 'one', '2026-11-01 00:30Z'), ('bob', 'two', '2026-11-01 00:30Z')",
    )
    world.run("people", hour(0))
    world.sql(f"UPDATE people SET note = 'three', updated_at = '2026-11-01 01:30Z' WHERE mail = '{ALICE}'")
    world.run("people", hour(1))


def test_rows_leave_current_raw_and_the_stage_and_no_place_names_whom(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    people(world)
    caplog.set_level(logging.DEBUG)
    act, before = forget(world.table_run("people"), [ALICE, "nobody-77"])
    assert (act.keys, act.unknown, act.current, act.raw) == (2, 1, 1, 2)
    assert before.unknown == (2,)
    assert world.current("people", "mail") == [("bob",)]
    assert world.raw("people", "mail") == [("bob",)]
    stored = b"".join(blob.download_as_bytes() for blob in blobs(world))
    assert act.files == 4
    assert stored == b""
    assert ALICE not in json.dumps(document(Head, world.head("people")))
    assert ALICE not in caplog.text
    jobs = world.google.bigquery_client().list_jobs(max_results=40)
    assert [job.query for job in jobs if ALICE in json.dumps(job.to_api_repr(), default=str)] == []


def test_the_content_of_a_table_that_is_read_whole_is_compared_without_what_was_forgotten(world: World) -> None:
    world.tables = "{people: {sync: full}}"
    world.sql("CREATE TABLE people (mail text PRIMARY KEY)", f"INSERT INTO people VALUES ('{ALICE}'), ('bob')")
    world.run("people", hour(0))
    before = balance(world.table_run("people")).balance.content
    forget(world.table_run("people"), [ALICE])
    after = balance(world.table_run("people")).balance.content
    assert before is not None
    assert after is not None
    assert [(one.differs, one.total and one.total.rows) for one in (before, after)] == [(False, 2), (False, 1)]


def test_a_key_that_is_named_twice_is_one_and_the_others_keep_their_places(world: World) -> None:
    people(world)
    act, before = forget(world.table_run("people"), [ALICE, ALICE, "nobody-77", "nobody-78", "nobody-77"])
    assert (act.keys, act.unknown, act.current) == (3, 2, 1)
    assert before.unknown == (3, 4)


def test_what_is_asked_for_their_sake_is_counted_to_the_budget(world: World) -> None:
    people(world)
    run, head = world.table_run("people"), world.head("people")
    assert head.last is not None
    assert list(questions(run, head, head.last)) == []
    forget(run, [ALICE])
    world.place = ", budget: {run: 36MB}"  # merge and doubled keys bill 31.5 by three least bills
    world.sql("UPDATE people SET updated_at = '2026-11-01 02:30Z' WHERE mail = 'bob'")
    with pytest.raises(BudgetReached):
        world.run("people", hour(2))


def test_the_runs_after_it_take_nothing_for_somebody_elses_deed(world: World) -> None:
    people(world)
    forget(world.table_run("people"), [ALICE])
    world.sql(f"DELETE FROM people WHERE mail = '{ALICE}'", "UPDATE people SET updated_at = '2026-11-01 02:30Z'")
    assert world.run("people", hour(2)).state == "applied"
    head = world.head("people")
    assert (head.error, head.target_rows, head.forgotten.returned) == ("", 1, 0)


def test_a_key_that_comes_again_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    people(world)
    forget(world.table_run("people"), [ALICE])
    world.sql("UPDATE people SET updated_at = '2026-11-01 02:30Z'")
    outcome = world.run("people", hour(2))
    assert "brings 1 rows of keys that were forgotten" in caplog.text
    assert world.current("people", "mail") == [(ALICE,), ("bob",)]
    forgotten = world.head("people").forgotten
    assert forgotten.returned == 1
    assert forgotten.returned_at is not None
    assert forgotten.returned_at.isoformat() == outcome.read_at
    run = world.table_run("people")
    [told] = status(run.config, run.ports.ledger, START)
    assert told.forgotten == forgotten
    forget(world.table_run("people"), [ALICE])
    forgotten = world.head("people").forgotten
    assert (len(forgotten.digests), len(forgotten.acts), forgotten.returned) == (1, 2, 0)


def test_a_death_on_the_way_needs_the_same_command_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two tables: the next hour runs, and the command, said again, does the rest."""
    people(world)
    delete = repair._delete

    def dies(run: Any, lease: Any, before: Any) -> None:
        delete(run, lease, before)
        raise KeyboardInterrupt

    monkeypatch.setattr(repair, "_delete", dies)
    with pytest.raises(KeyboardInterrupt):
        forget(world.table_run("people"), [ALICE])
    monkeypatch.undo()
    world.sql("UPDATE people SET updated_at = '2026-11-01 02:30Z' WHERE mail = 'bob'")
    assert world.run("people", hour(2)).state == "applied"
    assert world.head("people").error == ""
    act, _ = forget(world.table_run("people"), [ALICE])
    assert (act.unknown, act.current, act.raw) == (1, 0, 0)
    assert world.head("people").target_rows == 1


def test_a_key_of_two_columns_and_of_a_type_that_is_converted(world: World) -> None:
    world.tables = "{visits: {}}"
    world.sql(
        "CREATE TABLE visits (shop text, at timestamp, note text, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (shop, at))",
        "INSERT INTO visits SELECT shop, at, 'x', '2026-11-01 00:30Z' FROM unnest(ARRAY['a', 'b']) AS shop, "
        "unnest(ARRAY['2026-11-01 10:00', '2026-11-01 11:00']::timestamp[]) AS at",
    )
    world.run("visits", hour(0))
    act, _ = forget(world.table_run("visits"), ['["b", "2026-11-01 10:00:00"]'])
    assert (act.current, act.raw) == (1, 1)
    assert sorted(world.current("visits", "shop, EXTRACT(HOUR FROM `at`)")) == [("a", 10), ("a", 11), ("b", 11)]


def test_nothing_goes_while_a_read_is_open_or_where_there_is_no_key(world: World) -> None:
    people(world)
    world.sql("UPDATE people SET updated_at = '2026-11-01 02:30Z'")
    pending = extract(world.table_run("people"), Request(kind=Kind.SLICE, run_id="r", interval=hour(2)))
    assert pending.pending
    with pytest.raises(
        FatalError, match="is under way and may bring such rows: finish it first: floodmark run shop --table people"
    ):
        forget(world.table_run("people"), [ALICE])
    world.tables = "{log: {sync: append, cursor: at}}"
    world.sql("CREATE TABLE log (note text, at timestamptz)", "INSERT INTO log VALUES ('x', '2026-11-01 00:30Z')")
    with pytest.raises(FatalError, match="nothing was read into it yet"):
        standing(world.table_run("log"), ["x"])
    world.run("log", hour(0))
    with pytest.raises(FatalError, match="has no key by which rows could be named"):
        forget(world.table_run("log"), ["x"])


def test_a_read_of_another_table_of_the_same_relation_holds_it_too(world: World) -> None:
    """Its files lie in the same folder."""
    people(world)
    world.tables = "{people: {}, copies: {from: public.people}}"
    pending = extract(world.table_run("copies"), Request(kind=Kind.SLICE, run_id="r", interval=hour(1)))
    with pytest.raises(FatalError, match=r"is under way.*: floodmark run shop --table copies"):
        forget(world.table_run("people"), [ALICE])
    load(world.table_run("copies"), pending.read_at)
    act, _ = forget(world.table_run("people"), [ALICE])
    assert (act.current, world.current("people", "mail")) == (1, [("bob",)])
    assert world.current("copies", "mail") == [(ALICE,)]


def test_keys_that_cannot_be_ones_are_named_by_their_place_before_anything_goes(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01 00:30Z')")
    world.run("orders", hour(0))
    with pytest.raises(ConfigurationError) as refused:
        forget(world.table_run("orders"), ["1", "secret-x", "1.5"])
    assert str(refused.value) == (
        "key 2: id: is no INT64; write it as BigQuery shows it\nkey 3: id: is no INT64; write it as BigQuery shows it"
    )
    assert world.current("orders", "id") == [(1,)]
    with pytest.raises(ConfigurationError, match="names 1001 keys; at most 1000 at once"):
        forget(world.table_run("orders"), [str(number) for number in range(1001)])


def test_files_of_a_table_with_a_longer_name_stay(world: World) -> None:
    people(world)
    world.tables = "{people: {}, people2: {}}"
    world.sql("CREATE TABLE people2 (LIKE people INCLUDING ALL)", "INSERT INTO people2 SELECT * FROM people")
    world.run("people2", hour(1))
    forget(world.table_run("people"), [ALICE])
    assert {blob.name.split("/")[2] for blob in blobs(world)} == {"public.people2"}


def test_files_that_lie_where_the_stage_was_before_go_too(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """No sweep looks there any more, and no listing of the stage names them."""
    people(world)
    before = {blob.name for blob in blobs(world)}
    config = world.table_run("people").config
    config = config.model_copy(update={"stage": Folder(bucket=world.bucket, prefix="moved")})
    wired = ports(config, LocalConnections(os.environ, dsns={"shop_db": world.database.dsn}))
    world.opened.append(wired)
    changes = {"config": config, "ports": wired}
    told = f"files of earlier reads lie in gs://{world.bucket}/stage/shop/public.people, and the stage is gs://"
    assert told in left_elsewhere(config, world.head("people").last)
    world.sql(f"UPDATE people SET note = 'four', updated_at = '2026-11-01 02:30Z' WHERE mail = '{ALICE}'")
    world.run("people", hour(2), **changes)
    assert [told in one for one in caplog.messages].count(True) == 1
    assert len(before) == 4
    act, _ = forget(world.table_run("people", **changes), [ALICE])
    assert (act.files, blobs(world)) == (6, [])
    assert left_elsewhere(config, world.head("people").last) == ""


def blobs(world: World) -> list[Any]:
    client = world.google.storage_client()
    return list(client.list_blobs(world.bucket))
