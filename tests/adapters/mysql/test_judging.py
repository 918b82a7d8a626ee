"""What a look at MySQL proves: each way of judging it otherwise loses rows (M5-M12; the measured table is M6's)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from floodmark.adapters.mysql.judging import SHORT, WAIT, judge
from floodmark.adapters.mysql.witnesses import Server, Session, Transaction, Witnesses
from floodmark.core.ledger.watermark import Basis, Look, Watermark, watermark_of

CLOCK = datetime(2026, 11, 1, 12, 0, 0, 700_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SERVER = Server(identity="m", account="'reader'@'%'", started=CLOCK - timedelta(days=3))


def ago(seconds: float) -> datetime:
    return CLOCK - timedelta(seconds=seconds)


def runs(pid: int, seconds: float | None, **also: str) -> Session:
    return Session(id=pid, elapsed=None if seconds is None else timedelta(seconds=seconds), **also)


def changed(pid: int, seconds: float, name: str = "T1", at: datetime = CLOCK) -> Transaction:
    return Transaction(id=name, session=pid, started=(at - timedelta(seconds=seconds)).replace(microsecond=0))


def seen(*parts: Session | Transaction, at: datetime = CLOCK, **also: object) -> Witnesses:
    sessions = tuple(one for one in parts if isinstance(one, Session))
    transactions = tuple(one for one in parts if isinstance(one, Transaction))
    return replace(Witnesses(server=SERVER, clock=at, sessions=sessions, transactions=transactions), **also)


def watermark(look: Look) -> Watermark:
    return watermark_of(look, settle=timedelta(0))


def follow(*looks: Witnesses) -> Look:
    """Each held against all before it; the last."""
    found: list[Look] = []
    for one in looks:
        found.append(judge(one, [look.seen for look in found if look.seen]))
    return found[-1]


def test_with_nobody_at_work_everything_up_to_the_clock_is_proved() -> None:
    assert watermark(judge(seen())) == Watermark(at=CLOCK)


def test_a_statement_that_runs_holds_from_its_own_start() -> None:
    """12:00:00.7 - 5.2 s, in whole seconds; nothing of it is in InnoDB yet."""
    found = judge(seen(runs(7, 5.2)))
    assert [(one.pid, one.since) for one in found.open_transactions] == [(7, ago(5.7))]
    assert watermark(found).at == ago(5.7)


@pytest.mark.parametrize("command", ["Sleep", "Daemon", "Binlog Dump", "Binlog Dump GTID"])
def test_who_runs_no_statement_holds_nothing(command: str) -> None:
    assert judge(seen(runs(7, 9000, command=command))).open_transactions == ()


def test_a_transaction_holds_from_before_its_first_row_since_its_statement_may_have_waited() -> None:
    """M5: trx_started is when it touched its first row; that bears the statement's start, WAIT earlier at most."""
    [one] = judge(seen(changed(7, 10))).open_transactions
    assert one.since == (CLOCK - 10 * SECOND).replace(microsecond=0) - WAIT
    assert one.transaction == "T1"


def test_a_session_that_runs_and_has_a_transaction_holds_from_the_earlier_of_both() -> None:
    assert watermark(judge(seen(changed(7, 10), runs(7, 90)))).at == ago(90.7)
    assert watermark(judge(seen(changed(7, 10), runs(7, 1)))).at == ago(10.7) - WAIT


def test_a_statement_seen_to_run_is_known_however_long_it_waits_before_its_first_row() -> None:
    """M8: it waited an hour for a lock, then wrote, and its transaction is open: trx_started says a second ago."""
    hour = timedelta(hours=1)
    found = follow(seen(runs(7, 60), at=CLOCK - hour), seen(changed(7, 1)))
    assert watermark(found).at == (CLOCK - hour - 60 * SECOND).replace(microsecond=0)


def test_who_was_seen_idle_began_later_and_no_wait_is_taken_off() -> None:
    """M8: without it the transaction would hold from WAIT before its first row."""
    found = follow(seen(at=ago(20)), seen(changed(7, 10)))
    assert watermark(found).at == ago(20)
    assert watermark(follow(seen(at=ago(90)), seen(changed(7, 10)))).at == ago(10.7) - WAIT  # that is later


def test_all_suspects_of_a_look_cleared_prove_its_clock_though_there_are_others() -> None:
    first = seen(runs(7, 100), changed(8, 100), at=ago(20))
    assert watermark(follow(first, seen(changed(9, 1), runs(10, 0.1)))).at == ago(20)
    assert watermark(follow(first, seen(changed(9, 1), changed(8, 100 - 20)))).at < ago(100)


def test_a_transaction_of_the_same_session_after_another_began_later() -> None:
    """Its statement at the first look had its rows in T1, which is over."""
    first = seen(changed(7, 100, "T1", at=ago(20)), runs(7, 99), at=ago(20))
    assert watermark(follow(first, seen(changed(7, 5, "T2")))).at == ago(20)


def test_the_same_transaction_keeps_its_start_whatever_came_between() -> None:
    first = follow(seen(at=ago(60)), seen(changed(7, 5, at=ago(40)), at=ago(40)))
    later = follow(seen(at=ago(60)), seen(changed(7, 5, at=ago(40)), at=ago(40)), seen(changed(7, 45)))
    assert [one.identity for one in first.open_transactions] == [one.identity for one in later.open_transactions]
    assert watermark(later).at == ago(60)


def test_a_short_statement_that_was_seen_is_not_taken_for_one_that_waits() -> None:
    """A pool that is always at work would never be sealed; one that waits is seen to wait."""
    short, long = (CLOCK - timedelta(hours=1), SHORT), (CLOCK - timedelta(hours=1), SHORT + SECOND)
    for (at, ran), sealed in ((short, True), (long, False)):
        found = follow(seen(runs(7, ran.total_seconds() - 0.7), at=at), seen(changed(7, 1)))
        assert (watermark(found).at == ago(1.7) - WAIT) is sealed


def test_another_server_or_one_that_was_restarted_gives_its_ids_anew() -> None:
    for server in (replace(SERVER, identity="other"), replace(SERVER, started=ago(3700))):
        before = replace(seen(at=ago(5)), server=server)
        assert watermark(follow(before, seen(changed(7, 1)))).at == ago(1.7) - WAIT


def test_the_start_of_a_server_is_told_in_whole_seconds_give_or_take() -> None:
    before = seen(at=ago(20), server=replace(SERVER, started=SERVER.started + SECOND))
    found = follow(before, seen(changed(7, 1)))
    assert watermark(found).at == ago(20)
    assert found.seen is not None
    assert found.seen.era == (SERVER.started + SECOND).replace(microsecond=0).isoformat()


def test_a_statement_keeps_its_name_though_its_start_is_told_a_moment_otherwise() -> None:
    first, later = (
        follow(seen(runs(7, 60.65), at=ago(10))),
        follow(seen(runs(7, 60.65), at=ago(10)), seen(runs(7, 70.8))),
    )
    assert later.open_transactions[0].since == first.open_transactions[0].since - SECOND
    again = follow(seen(runs(7, 60.75), at=ago(10)), seen(runs(7, 70.65)))
    assert again.open_transactions[0].since == ago(10 + 60.7 + 1)


@pytest.mark.parametrize(("command", "proved"), [("Connect", True), ("Query", False)])
def test_of_whom_the_server_tells_no_time_nothing_is_proved_unless_it_is_logging_in(command: str, proved: bool) -> None:
    found = watermark(judge(seen(runs(7, None, command=command))))
    assert (found.at is not None) is proved


def test_a_prepared_transaction_without_a_session_blocks_by_name() -> None:
    """M5: after a restart its start is told as the restart's."""
    found = judge(seen(changed(0, 1), prepared=("gid1",)))
    assert watermark(found).at is None
    assert "'gid1': when its statements began can't be known; XA COMMIT" in found.blockers[0]
    assert found.open_transactions[0].named
    assert judge(seen(changed(7, 1), prepared=("gid1",))).blockers == ()  # its session lives


def test_without_the_list_nothing_is_proved_and_nobody_is_taken_for_absent() -> None:
    found = judge(seen(runs(7, 1), transactions=None, unseen="GRANT PROCESS ON *.* TO 'reader'@'%'"))
    assert (watermark(found).at, found.blockers, found.seen) == (None, ("GRANT PROCESS ON *.* TO 'reader'@'%'",), None)


def test_too_many_suspects_to_remember_are_not_remembered_at_all() -> None:
    many = [changed(pid, 1, f"T{pid}") for pid in range(1, 1002)]
    assert judge(seen(*many)).seen is None
    assert judge(seen(*many[:-1])).seen is not None


@pytest.mark.parametrize(
    ("witnesses", "words"),
    [
        (seen(Session(id=3, user="system user", command="Slave_SQL")), "applies another server's changes"),
        (seen(Session(id=3, user="system user", command="Sleep")), "applies another server's changes"),
        (seen(server=replace(SERVER, replica=True)), "applies another server's changes"),
        (seen(server=replace(SERVER, read_only=True)), "it is read_only"),
        (seen(server=replace(SERVER, read_only=True, members="a group")), "it is read_only"),
    ],
)
def test_a_replica_blocks_and_names_what_to_do(witnesses: Witnesses, words: str) -> None:
    [blocker] = judge(witnesses).blockers
    assert words in blocker
    assert "seal_connection" in blocker


def test_the_daemons_of_the_server_itself_apply_nothing() -> None:
    assert judge(seen(Session(id=3, user="system user", command="Daemon"))).blockers == ()


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (replace(SERVER, members="the other nodes' transactions can't be seen"), "other nodes"),
        (replace(SERVER, replica=None, grant="SLAVE MONITOR"), "GRANT SLAVE MONITOR ON *.* TO 'reader'@'%'"),
    ],
)
def test_what_the_server_does_not_show_is_assumed_and_named(server: Server, words: str) -> None:
    applier = Session(id=3, user="system user", command="Sleep")
    found = watermark(judge(seen(*[applier] if server.members else [], server=server)))
    assert found.basis is Basis.ASSUMED
    assert words in found.reasons[0]
