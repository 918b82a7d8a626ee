"""Tables that share a task: each has its own outcome, and one bad table fails the task after the others."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from floodmark.airflow.side_by_side import WIDTH, SideBySide, each
from floodmark.errors import ExportRunning, FatalError, JobRunning, RetriableError, SourceRefused, SourceUnavailable
from floodmark.pipeline.outcome import Outcome

TABLES = tuple(f"t{number}" for number in range(6))


def done(name: str) -> Outcome:
    return Outcome(table=name, target=f"p.d.{name}")


def running() -> JobRunning:
    return JobRunning("still runs", job_id="j", location="EU")


def failing(errors: dict[str, Exception], finished: list[str]):
    def step(name: str) -> Outcome:
        if name in errors:
            raise errors[name]
        time.sleep(0.01)
        finished.append(name)
        return done(name)

    return step


def test_each_table_has_its_own_outcome_in_their_order():
    assert list(each(TABLES, done)) == list(TABLES)
    assert each(TABLES, done)["t3"].target == "p.d.t3"


def test_tables_run_side_by_side():
    many = [f"t{number}" for number in range(3 * WIDTH)]
    together, within = threading.Barrier(WIDTH, timeout=5), threading.Semaphore(WIDTH)

    def step(name: str) -> Outcome:
        assert within.acquire(blocking=False), "one more than there may be"
        together.wait()
        within.release()
        return done(name)

    assert list(each(many, step)) == many


@pytest.mark.parametrize("errors", [{}, {"t0": SourceUnavailable("gone")}])
def test_no_thread_is_left_when_it_returns(errors):
    before = set(threading.enumerate())
    for _ in range(20):
        with suppress(RetriableError):
            each(TABLES, failing(errors, []))
        assert set(threading.enumerate()) == before


def test_one_bad_table_fails_the_task_after_the_others_have_finished():
    finished: list[str] = []
    with pytest.raises(RetriableError, match=r"1 of 6 tables failed:\nt0: gone"):
        each(TABLES, failing({"t0": SourceUnavailable("gone")}, finished))
    assert sorted(finished) == list(TABLES[1:])


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ({"t1": SourceRefused("no")}, FatalError),
        ({"t1": SourceRefused("no"), "t2": SourceRefused("no")}, FatalError),
        ({"t1": SourceRefused("no"), "t2": SourceUnavailable("later")}, RetriableError),
        ({"t1": SourceRefused("no"), "t2": ValueError("a defect")}, RetriableError),
        ({"t1": SourceRefused("no"), "t2": running()}, RetriableError),
        ({"t1": running(), "t2": running()}, JobRunning),
    ],
)
def test_a_task_is_tried_again_unless_that_is_of_no_use_to_any_table(errors, expected):
    with pytest.raises(expected) as raised:
        each(TABLES, failing(errors, []))
    assert isinstance(raised.value, JobRunning) == (expected is JobRunning)


def test_what_several_say_alike_is_said_once():
    errors = {"t1": SourceRefused("no dataset"), "t2": SourceRefused("other"), "t3": SourceRefused("no dataset")}
    with pytest.raises(FatalError, match=r"^3 of 6 tables failed:\nt1, t3: no dataset\nt2: other$"):
        each(TABLES, failing(errors, []))


def test_a_job_that_runs_is_gone_on_with_and_nothing_else_is_begun_again():
    """Of whatever failed the task hears when the last is over."""
    begun: list[str] = []

    def step(name: str) -> Outcome:
        begun.append(name)
        if name == "t0":
            raise SourceUnavailable("gone")
        if name == "t1" and begun.count("t1") < 3:
            raise running()
        return done(name)

    batch = SideBySide(TABLES, step)
    for _ in range(2):
        with pytest.raises(JobRunning):
            batch.go_on()
    with pytest.raises(RetriableError, match=r"1 of 6 tables failed:\nt0: gone"):
        batch.go_on()
    assert sorted(begun) == sorted([*TABLES, "t1", "t1"])


def test_an_export_that_runs_comes_first_since_it_gives_the_worker_back():
    errors = {"t1": running(), "t2": ExportRunning("exports", job_id="o", location="i", pause=60)}
    with pytest.raises(ExportRunning):
        SideBySide(TABLES, failing(errors, [])).go_on()


def test_a_single_table_raises_its_own_error():
    with pytest.raises(SourceRefused, match=r"^no$"):
        each(("t1",), failing({"t1": SourceRefused("no")}, []))


def test_no_table_is_no_outcome():
    assert each((), done) == {}


ARROW = """
import json, sys, threading
from floodmark.airflow.side_by_side import each

def step(name):
    loaded = "pyarrow" in sys.modules
    import pyarrow
    pyarrow.array(list(range(100_000)))
    return loaded

assert "pyarrow" not in sys.modules
print("ANSWER", json.dumps([list(each(["a", "b"], step).values()) for _ in range(2)]))
"""


@pytest.mark.slow
def test_arrow_is_loaded_before_threads_that_end(python):
    """pyarrow 25 ends the process otherwise, when a second step allocates: no Python error tells of it."""
    assert python(ARROW) == [[True, True], [True, True]]
