"""Every error once, without traceback, with its exit code; tables that can be read."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.screen import Json, PlainErrors, Screen, described, documents_kept, report, shown
from floodmark.errors import ConfigurationError, LeaseTaken, Problem, SourceRefused

PROBLEMS = [Problem(file="f.yml", path=name, message="is wrong", remedy="mend it") for name in ("a", "b")]
ERRORS = [
    (ConfigurationError(PROBLEMS), 2, "f.yml: a: is wrong; mend it\nf.yml: b: is wrong; mend it\n"),
    (LeaseTaken("held by another"), 3, "error: held by another\n"),
    (SourceRefused("no privilege"), 1, "error: no privilege\n"),
    (KeyError("x"), 4, "error: unexpected KeyError: 'x'\nThis is a defect; FLOODMARK_DEBUG=1 shows where.\n"),
    (KeyboardInterrupt(), 130, "interrupted; leases are released, the next run goes on from the ledger\n"),
]


def _app(error: BaseException) -> typer.Typer:
    app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)

    @app.command()
    def fail(as_json: Json = False) -> None:
        raise error

    @app.command()
    def other() -> None:
        """A second one makes it a group."""

    return app


@pytest.mark.parametrize(("error", "exit_code", "said"), ERRORS)
def test_an_error_is_said_once_and_has_its_code(error: BaseException, exit_code: int, said: str) -> None:
    result = CliRunner().invoke(_app(error), ["fail"])
    assert (result.exit_code, result.stderr, result.stdout) == (exit_code, said, "")


@pytest.mark.parametrize(("error", "exit_code", "said"), ERRORS[:-1])
def test_with_json_it_is_a_document_and_nothing_else(error: Exception, exit_code: int, said: str) -> None:
    result = CliRunner().invoke(_app(error), ["fail", "--json"])
    found = json.loads(result.stdout)["error"]
    assert (found["kind"], found["exit_code"], result.exit_code) == (type(error).__name__, exit_code, exit_code)
    assert result.stderr == ""


def test_a_traceback_is_shown_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOODMARK_DEBUG", "1")
    assert "Traceback" in CliRunner().invoke(_app(KeyError("x")), ["fail"]).stderr


def test_unknown_words_are_typers_own_to_refuse() -> None:
    assert CliRunner().invoke(_app(KeyError("x")), ["fail", "--nonsense"]).exit_code == 2


def test_what_needs_a_person_comes_before_what_needs_time() -> None:
    assert worst([Exit.OK, Exit.RETRY, Exit.FINDINGS]) is Exit.FINDINGS
    assert worst([Exit.OK, Exit.RETRY]) is Exit.RETRY
    assert worst([]) is Exit.OK
    assert code(ValueError()) is Exit.DEFECT


def test_a_document_is_kept_beside_what_people_see_and_only_there(capsys: pytest.CaptureFixture[str]) -> None:
    kept: list[object] = []
    with documents_kept(kept):
        screen = Screen()
        screen.document({"at": datetime(2026, 11, 2, tzinfo=UTC)})
        screen.line("for people")
    screen.document({"at": "later"})
    assert kept == [{"at": "2026-11-02T00:00:00+00:00"}]
    assert capsys.readouterr().out == "for people\n"


def test_values_are_shown_as_people_read_them() -> None:
    moment = datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert [shown(one) for one in (None, moment, 1234567, True, ("a", 2), 0, "")] == [
        "", "2026-11-01 06:00:00", "1,234,567", "True", "a\n2", "0", "",
    ]  # fmt: skip


TOLD = """
import sys, typer
from floodmark.cli.screen import PlainErrors, Screen
app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)
rows = [("\u5217\u8868", "2026-11-01 06:00:00", "a\\nb"), ("caf\u00e9 \U0001f600", None, 7), ("short", "failed")]
@app.command()
def table(): Screen().table(("table", "sealed up to", "state"), rows, title="shop")
@app.command()
def document(): Screen(json=True).document({"tables": [row[0] for row in rows]})
app()
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_name_that_the_terminals_encoding_lacks_is_written_as_json_escapes_it(encoding: str) -> None:
    said = {
        command: subprocess.run(
            [sys.executable, "-c", TOLD, command],
            env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=True,
        ).stdout.decode(encoding)
        for command in ("table", "document")
    }  # fmt: skip
    assert json.loads(said["document"]) == {"tables": ["列表", "café 😀", "short"]}
    assert ("列表" if encoding == "utf-8" else "\\u5217\\u8868") in said["table"]
    assert ("caf\\u00e9 \\ud83d\\ude00" if encoding == "ascii" else "café ") in said["table"]


@pytest.mark.parametrize(("width", "whole"), [(28, False), (100, True)])
def test_in_a_window_that_would_break_its_words_a_table_is_lines(width: int, whole: bool) -> None:
    ours, theirs = pty.openpty()
    variables = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    subprocess.run([sys.executable, "-c", TOLD, "table"], env=variables, stdout=theirs, check=True)
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    lines = "\r\n".join(
        ("table: 列表", "  sealed up to: 2026-11-01 06:00:00", "  state: a", "    b", "table: café 😀", "  state: 7",
         "table: short", "  sealed up to: failed")
    )  # fmt: skip
    assert ("┃" in said) is whole
    assert (lines in re.sub(r"\x1b\[\d*m", "", said)) is not whole


@pytest.mark.parametrize("command", ["table", "document"])
def test_a_full_disk_behind_stdout_is_no_defect(command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", TOLD, command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (
        3,
        "error: this machine: No space left on device; free some of the disk\n",
    )


FAILED = """
import sys, typer
from floodmark.cli.screen import Json, PlainErrors, Screen
from floodmark.errors import SourceUnavailable
app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)
@app.command()
def fail(as_json: Json = False):
    if not as_json: sys.stdout.write("said before")
    raise SourceUnavailable("db:5432/shop: no answer")
@app.command()
def other(): ...
app()
"""


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("stdout", ["full", "without a reader"])
def test_an_error_is_told_with_its_code_though_stdout_takes_nothing(options: list[str], stdout: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open("/dev/full" if stdout == "full" else writing, "wb") as taken:
        done = subprocess.run(
            [sys.executable, "-c", FAILED, "fail", *options],
            env=os.environ | {"PYTHONUNBUFFERED": ""}, stdout=taken, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, "error: db:5432/shop: no answer\n")


def test_work_goes_on_where_its_progress_cannot_be_written() -> None:
    words = "from floodmark.cli.screen import Screen; Screen().say('halfway'); print('done')"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", words], stdout=subprocess.PIPE, stderr=full, text=True, check=False
        )
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_an_error_has_its_code_where_neither_stream_takes_anything() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", FAILED, "fail"], stdout=full, stderr=full, check=False)
    assert done.returncode == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stream_that_is_closed_swallows_what_is_written_to_it(closed: str) -> None:
    words = f'exec "$0" -c "$1" document {closed}'
    done = subprocess.run(["sh", "-c", words, sys.executable, TOLD], capture_output=True, check=False)
    assert (done.returncode, done.stderr, bool(done.stdout)) == (0, b"", closed == "2>&-")


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), 2, "error: /a/b: Permission denied; give this"),
        (OSError(errno.EROFS, "Read-only file system", "/a/b"), 2, "error: /a/b: Read-only file system; name a place"),
        (OSError(errno.EMFILE, "Too many open files"), 3, "error: this machine: Too many open files; let a process"),
        (OSError(errno.ENOTTY, "Not a typewriter"), 4, "error: unexpected OSError: [Errno 25] Not a typewriter"),
        (ssl.SSLError(errno.EPERM, "a number of OpenSSL's"), 4, "error: unexpected SSLError: "),
    ],
)
def test_what_the_machine_refuses_is_no_defect(error: OSError, exit_code: int, said: str) -> None:
    result = CliRunner().invoke(_app(error), ["fail"])
    assert (result.exit_code, result.stderr[: len(said)], result.stdout) == (exit_code, said, "")
    result = CliRunner().invoke(_app(error), ["fail", "--json"])
    assert (json.loads(result.stdout)["error"]["exit_code"], result.stderr) == (exit_code, "")


def test_what_the_machine_refuses_one_table_of_several_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    """Each table's error is kept, told and counted by itself."""
    error = OSError(errno.ENOSPC, "No space left on device")
    said = "this machine: No space left on device; free some of the disk"
    document = {"kind": "RetriableError", "exit_code": 3, "message": said}
    assert (code(error), described(error)) == (Exit.RETRY, document)
    report(error, as_json=False)
    assert capsys.readouterr().err == f"error: {said}\n"


INTERRUPTED = """
import runpy, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "floodmark.core":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
sys.argv = ["floodmark", "status"]
runpy.run_module("floodmark", run_name="__main__")
"""


def test_ctrl_c_while_the_command_line_is_imported_is_a_line() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted before anything was done\n")
