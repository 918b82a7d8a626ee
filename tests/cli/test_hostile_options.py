"""Whatever stands behind an option, a command ends with a code of its own and a short word of what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floodmark.cli import app
from tests.cli.shop import floodmark, written

WORDS = (
    "", " ", "-", "--", "-1", "0", "nan", "9" * 400, "1e999", "1h", "-1h", "99999999999d", "2026-13-01", "2026-11-01",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "soon", "{}", "[1", '["a", 1]', "[]", '{"a": 1}', "null",
    "orders", "Orders", "orders,products", "shop", "public.orders", '"', "'", "`", "\\", ";", "$(x)", "${HOME}",
    "{{ x }}", "%s", "../../etc/passwd", "/dev/null", "/", "x" * 100_000, "列" * 50_000, "a\nb", "\x1b[31m", "\u202e",
    "\udcff", "\U0001f600", "postgresql://me:hunter2@nowhere/x", "host=nowhere password=hunter2", "gs://bucket/x", "sqlite:///",
)  # fmt: skip
GIVEN = {"file": "shop.yml", "files": "shop.yml", "table": "orders", "tables": "orders", "path": "shop.yml"}
"""What a command must have beside the one that is tried."""


def places(command: Any, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every argument and every option with a value, each behind its command; of `demo` none, which starts servers."""
    found = []
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            found += places(inner, (*above, name))
        elif name != "demo":
            found += [((*above, name), one) for one in inner.params if not getattr(one, "is_flag", False)]
    return found


ROOT = typer.main.get_command(app)
PLACES = places(ROOT)


def words(command: tuple[str, ...], tried: Any, word: str) -> list[str]:
    """The command line: all that the command must have, and that word in its place."""
    inner: Any = ROOT
    for part in command:
        inner = inner.commands[part]
    line = list(command)
    for one in inner.params:
        if one.param_type_name == "argument" and one.name != tried.name and one.required:
            line.append(GIVEN[one.name])
    if tried.param_type_name == "option":
        return [*line, f"{max(tried.opts, key=len)}={word}"]
    return [*line, "--", word]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source's file, and no service that it names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    return written(tmp_path)


@pytest.mark.parametrize(
    ("command", "tried"), PLACES, ids=[f"{' '.join(command)} {one.name}" for command, one in PLACES]
)
@settings(
    max_examples=int(os.environ.get("HARD_EXAMPLES", "3")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(WORDS), st.booleans())
def test_a_word_is_taken_or_refused_in_short(
    shop: Path, command: tuple[str, ...], tried: Any, word: str, as_json: bool
) -> None:
    if tried.name == "folder":  # it is written to
        word = word.replace("/", "_").replace("..", "_")
    line = words(command, tried, word)
    answer = floodmark(*line[: len(command)], *(["--json"] if as_json else []), *line[len(command) :])
    said = answer.out + answer.err
    assert answer.code in (0, 1, 2, 3), said[:2_000]
    assert "Traceback" not in said
    assert len(said) < 20_000, said[:2_000]
    assert "\x1b" not in said
    assert answer.code == 0 or "hunter2" not in said
