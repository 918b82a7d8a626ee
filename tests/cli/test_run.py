"""``floodmark run`` and ``reload`` on real servers: rows arrive, and every wrong word is refused."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from floodmark.cli.run import Done
from floodmark.cli.run import _row as cells
from floodmark.cli.steps import standing
from floodmark.core.ledger.portion import Kind
from floodmark.core.time import slices
from floodmark.core.time.cadence import Cron
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.table_run import Request
from tests.cli.shop import Shop, floodmark, hour

Rows = Callable[[str], list[dict[str, Any]]]
HALF = timedelta(minutes=30)


@pytest.mark.slow
def test_the_last_full_slice_and_whole_tables_arrive(shop: Shop, current: Rows) -> None:
    shop.order(1, hour(1) + HALF, "paid")
    shop.order(2, hour(2) + HALF)  # of the slice before: not asked for
    answer = floodmark("run", shop.file, "--json")
    assert answer.code == 0, answer.out + answer.err
    found = {one["table"]: one for one in answer.document["runs"]}
    assert [(row["id"], row["status"]) for row in current("orders")] == [(1, "paid")]
    assert [(row["id"], row["name"]) for row in current("products")] == [(1, "cup"), (2, "pot")]
    assert found["orders"]["interval"] == [hour(1).isoformat(), hour().isoformat()]
    assert (found["orders"]["state"], found["orders"]["rows"], found["products"]["rows"]) == ("applied", 1, 2)
    assert "orders: reading" in answer.err


def test_a_result_is_told_to_people_in_words_and_to_the_second() -> None:
    told = Outcome(
        table="orders", target="p.d.orders", read_at="2026-11-29T04:21:43.127889+00:00", state="applied", rows=1234,
        held_by="pid 7 (app) open since 2026-11-29T03:00:00+00:00; pid 8 (app) open since 2026-11-29T04:00:00+00:00",
        sealed_up_to="2026-11-29T02:59:59.873641+00:00", sealed_basis="proved",
    )  # fmt: skip
    done = Done(table="orders", request=Request(kind=Kind.SLICE, run_id="r"), outcome=told.document())
    *_, stands, held_by = cells(done)
    assert stands == "sealed up to 2026-11-29 02:59:59 UTC (proved)"
    assert len(held_by) == 2
    whole = Outcome(table="t", target="p.d.t", as_of="2026-11-29T04:21:48.608207+00:00").document()
    assert standing(whole) == "as of 2026-11-29 04:21:48 UTC (whole)"
    assert standing(Outcome(table="t", target="p.d.t").document()) == "nothing sealed yet"


@pytest.mark.slow
def test_an_interval_of_several_slices_is_read_as_one(shop: Shop, current: Rows) -> None:
    for back in range(1, 5):
        shop.order(back, hour(back) + HALF)
    answer = floodmark("run", shop.file, "-t", "orders", "--last", "3h", "--json")
    assert answer.code == 0, answer.out + answer.err
    [one] = answer.document["runs"]
    assert one["interval"] == [hour(3).isoformat(), hour().isoformat()]
    assert [row["id"] for row in current("orders")] == [1, 2, 3]
    assert re.search(r"orders: 3 rows staged, \d+\.\d kB in \d+\.\d s", answer.err)
    assert re.search(r"orders: applied, 3 rows; .+, after \d+\.\d s", answer.err)


@pytest.mark.slow
def test_gaps_are_filled_and_then_nothing_is_left(shop: Shop, current: Rows) -> None:
    for back in (1, 2, 3):
        shop.order(back, hour(back) + HALF)
    for back in (3, 1):
        times = (f"{hour(back):%Y-%m-%dT%H:%MZ}", f"{hour(back - 1):%Y-%m-%dT%H:%MZ}")
        assert floodmark("run", shop.file, "-t", "orders", "--from", times[0], "--to", times[1]).code == 0
    assert [row["id"] for row in current("orders")] == [1, 3]
    state = floodmark("status", shop.file, "--json")
    [orders, _] = state.document["sources"][0]["tables"]
    assert [hour(2).isoformat(), hour(1).isoformat()] in orders["gaps"]
    assert state.code == 1
    assert floodmark("prove", shop.file, "-t", "orders").code == 1

    filled = floodmark("run", shop.file, "-t", "orders", "--gaps", "--json")
    assert filled.code == 0, filled.err
    assert [row["id"] for row in current("orders")] == [1, 2, 3]
    assert floodmark("run", shop.file, "-t", "orders", "--gaps", "--json").document["runs"] == []
    state = floodmark("status", shop.file, "--json")
    assert state.code == 0, state.out
    assert state.document["sources"][0]["tables"][0]["sealed_up_to"] == hour().isoformat()
    assert floodmark("balance", shop.file, "orders").code == 0
    proof = floodmark("prove", shop.file, "-t", "orders", "--strict", "--json")
    assert proof.code == 0, proof.out
    assert proof.document["tables"][0]["sealed_up_to"] == hour().isoformat()


@pytest.mark.slow
def test_a_reload_replaces_what_a_slice_would_never_see(shop: Shop, current: Rows) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    shop.execute("DELETE FROM orders")
    shop.order(2, hour(5) + HALF)
    answer = floodmark("reload", shop.file, "orders", "--json")
    assert answer.code == 0, answer.out + answer.err
    assert answer.document["runs"][0]["kind"] == "reload"
    assert [row["id"] for row in current("orders")] == [2]


@pytest.mark.slow
def test_a_prepared_transaction_keeps_a_slice_provisional_until_it_is_read_again(shop: Shop, current: Rows) -> None:
    shop.order(1, hour(1) + HALF)
    writer = psycopg2.connect(shop.database.dsn)
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (2, 'late', %s, %s)", (hour(1) + HALF, hour(1) + HALF))
        cursor.execute("PREPARE TRANSACTION 'slow'")
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    [orders, _] = floodmark("status", shop.file, "--json").document["sources"][0]["tables"]
    assert orders["provisional"] == [[hour(1).isoformat(), hour().isoformat()]]
    assert orders["sealed_up_to"] is None
    writer.close()
    shop.execute("COMMIT PREPARED 'slow'")

    planned = floodmark("plan", shop.file, "-t", "orders", "--json")
    assert planned.document["plans"][0]["again"] == [[hour(1).isoformat(), hour().isoformat()]]
    times = (f"{hour(2):%Y-%m-%dT%H:%MZ}", f"{hour(1):%Y-%m-%dT%H:%MZ}")
    answer = floodmark("run", shop.file, "-t", "orders", "--from", times[0], "--to", times[1], "--json")
    assert answer.code == 0, answer.out + answer.err
    assert [row["id"] for row in current("orders")] == [1, 2]
    [orders, _] = floodmark("status", shop.file, "--json").document["sources"][0]["tables"]
    assert (orders["provisional"], orders["late"]) == ([], 0)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_a_signal_ends_the_run_at_once_and_frees_the_lease(source: Shop, number: signal.Signals, code: int) -> None:
    holder = psycopg2.connect(source.database.dsn)
    with holder.cursor() as cursor:
        cursor.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        words = [sys.executable, "-m", "floodmark", "run", str(source.file), "-t", "orders"]
        child = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        deadline = time.monotonic() + 30
        while source.execute(waiting) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        child.send_signal(number)
        _, said = child.communicate(timeout=25)
    holder.close()
    assert (child.returncode, time.monotonic() - began < 15) == (code, True), said
    assert "Traceback" not in said
    [orders, _] = floodmark("status", source.file, "--json").document["sources"][0]["tables"]
    assert (orders["lease"], orders["open"]) == (None, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--last", "1"], '--last: "1" is not a duration'),
        (["--last", "0"], '--last: "0" is no time at all'),
        (["--from", "2026-11-01T10:00"], "has no time zone; add Z"),
        (["--from", "noon"], "is not a date"),
        (["--to", "2026-11-01"], "has no --from"),
        (["--last", "1h", "--gaps"], "--last and --gaps: can't be had together"),
        (["--from", f"{hour(3):%Y-%m-%dT%H:%M:%SZ}", "--to", f"{hour(3):%Y-%m-%dT%H:%M:%SZ}"], "is not before"),
        (["--from", f"{hour(3) + HALF:%Y-%m-%dT%H:%M:%SZ}"], "is no boundary of the cadence, 1h; write"),
        (["--from", f"{hour(3):%Y-%m-%dT%H:%M:%SZ}", "--to", f"{hour(-9):%Y-%m-%dT%H:%M:%SZ}"], "after the last full"),
        (["--table", "order"], 'no table "order"; it has: orders, products'),
    ],
)
def test_wrong_words_are_refused_before_anything_is_read(source: Shop, words: list[str], said: str) -> None:
    answer = floodmark("run", source.file, *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert answer.out == ""


def test_a_database_out_of_reach_is_for_later(source: Shop) -> None:
    answer = floodmark("run", source.file, "--last", "1h", "--dsn", "postgresql://u:s3cret@127.0.0.1:1/none", "--json")
    assert answer.code == 3
    assert {one["error"]["kind"] for one in answer.document["runs"]} == {"SourceUnavailable"}
    assert "s3cret" not in answer.out + answer.err


def test_a_missing_connection_is_named_with_its_variable(source: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SHOP_DB")
    answer = floodmark("run", source.file, "-t", "orders")
    assert answer.code == 2
    assert "AIRFLOW_CONN_SHOP_DB: is not set; set AIRFLOW_CONN_SHOP_DB=postgres://" in answer.err


@pytest.mark.slow
def test_one_bad_table_does_not_stop_the_others(shop: Shop, current: Rows) -> None:
    shop.execute("ALTER TABLE orders RENAME TO gone")
    answer = floodmark("run", shop.file, "--json")
    assert answer.code == 1
    found = {one["table"]: one for one in answer.document["runs"]}
    assert "orders" in found["orders"]["error"]["message"]
    assert found["products"]["error"] is None
    assert [row["id"] for row in current("products")] == [1, 2]


@pytest.mark.slow
def test_a_defect_in_one_table_does_not_stop_the_others(
    shop: Shop, current: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    from floodmark.pipeline import extract as extracting

    def broken(run: Any, *rest: Any) -> Any:
        if run.table.name == "orders":
            raise ZeroDivisionError("our own")
        return decide(run, *rest)

    decide = extracting.decide
    monkeypatch.setattr(extracting, "decide", broken)
    answer = floodmark("run", shop.file, "--json")
    assert answer.code == 4
    found = {one["table"]: one for one in answer.document["runs"]}
    assert found["orders"]["error"] == {"kind": "ZeroDivisionError", "exit_code": 4, "message": "our own"}
    assert found["products"]["error"] is None
    status = floodmark("status", shop.file, "--json")
    assert status.code == 1
    assert {one["table"]: one["error"] for one in status.document["sources"][0]["tables"]} == {
        "orders": "ZeroDivisionError: our own", "products": "",
    }  # fmt: skip


def test_a_refused_login_names_its_connection(source: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", f"{source.database.dsn}_nowhere")
    answer = floodmark("run", source.file, "--last", "1h", "--no-wait", "--json")
    assert answer.code == 2
    assert all("connection shop_db: " in one["error"]["message"] for one in answer.document["runs"])


@pytest.mark.slow
def test_a_crons_slices_are_those_of_every_command(shop: Shop, current: Rows) -> None:
    """In a zone of quarter hours, each day's last slice an hour shorter than the others."""
    cadence = Cron("0 */5 * * *", "Asia/Kathmandu")
    written = '{orders: {cadence: {cron: "0 */5 * * *", timezone: Asia/Kathmandu}}}'
    text = shop.file.read_text()
    shop.file.write_text(text[: text.index("tables:")] + f"tables: {written}\n")
    newest = slices.newest(datetime.now(UTC), cadence)
    before = slices.newest(newest.low, cadence)
    for number, moment in enumerate((newest.low, newest.high - HALF, before.low, newest.high), start=1):
        shop.order(number, moment)
    ran = floodmark("run", shop.file, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["runs"][0]["interval"] == [newest.low.isoformat(), newest.high.isoformat()]
    assert [row["id"] for row in current("orders")] == [1, 2]
    odd = floodmark("run", shop.file, "--from", f"{newest.low + HALF:%Y-%m-%dT%H:%M:%SZ}")
    assert (odd.code, "is no boundary of the cadence, 0 */5 * * * Asia/Kathmandu" in odd.err) == (2, True)
    assert floodmark("run", shop.file, "--gaps").code == 0
    assert [row["id"] for row in current("orders")] == [1, 2, 3]
    assert floodmark("balance", shop.file).code == 0
    assert floodmark("prove", shop.file).code == 0
    [table] = floodmark("status", shop.file, "--json").document["sources"][0]["tables"]
    assert table["gaps"] == []
