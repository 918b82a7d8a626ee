"""Every command line that a message, a page or a help prints is one that the command line understands.

Collected from the product's string literals, README and docs; read by the real commands against a source that is there,
and not run. A bare name of a command in running text is only a mention: it must exist.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

from floodmark.cli import app, sources
from floodmark.errors import ConfigurationError
from tests.cli.shop import written

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "plugins" / "floodmark"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "state/README.md"]
COMMAND = typer.main.get_command(app)

VALUES = {
    "run.config.source": "shop", "config.source": "shop", "source.said": "shop", "source": "shop", "named": "shop",
    "run.table.name": "orders", "table.name": "orders", "table": "orders", "name": "orders", "again": "-t orders",
    "file": "shop", "*(table.name for table in tables)": "orders products", "*names": "daily",
    "path": "sources/shop.yml", "str(path)": "sources/shop.yml",
    "self.dags.source(SHOP)": "sources/shop.yml", "dags/sources/shop.yml": "shop",
    "self.named or self.config.source": "shop", "airflow": "shop", "floodmark_shop.json": "shop",
    "<source>": "shop", "<table>": "orders", "SOURCE": "shop", "TABLE": "orders",
}  # fmt: skip
"""What stands in a line that is printed, in place of what it is filled with. What isn't listed is no line."""

MISUSED = typer.BadParameter.__mro__[1]
"""Click's UsageError, of Click or of the copy of it that Typer has."""

BEGIN = r"(?<![\w/.`-])(?:floodmark)((?: +[^\s;,:`|()…]+)+)"


@dataclass(frozen=True)
class Line:
    """One command line as it is printed, and where."""

    where: str
    words: str
    exact: bool

    def __str__(self) -> str:
        return f"{self.where} floodmark {self.words}"


def literals() -> Iterator[Line]:
    """What the product prints: literals, and calls of ``run.command("words", "--option")``. Docstrings are mentions,
    but for those of the commands, which are their help."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.is_relative_to(PACKAGE / "demo" / "loss"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documents = {id(body[0].value) for body in bodies(tree) if isinstance(body[0], ast.Expr)}
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            where = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and (words := composed(node)):
                yield Line(where, words, True)
            elif isinstance(node, ast.JoinedStr):
                yield from found(where, "".join(map(shown, node.values)), exact=True)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                yield from found(where, node.value, exact=id(node) not in documents)


def composed(node: ast.Call) -> str:
    """The line that ``run.command("words", "--option")`` or ``command_line("words", name)`` makes; else nothing."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called not in ("command", "command_line") or not node.args or not isinstance(node.args[0], ast.Constant):
        return ""
    words = [one.value if isinstance(one, ast.Constant) else VALUES[ast.unparse(one)] for one in node.args]
    return " ".join([words[0], "shop", *words[1:], "orders"] if called == "command" else words)


def bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return (node.body for node in ast.walk(tree) if isinstance(node, kinds) and node.body)


def shown(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return VALUES.get(ast.unparse(part.value), f"<{ast.unparse(part.value)}>".replace(" ", ""))


def found(where: str, text: str, *, exact: bool) -> Iterator[Line]:
    for match in re.finditer(BEGIN, text):
        words = match[1].strip().rstrip(".'\"")
        if words.split()[0] in COMMAND.commands:  # type: ignore[attr-defined]
            yield Line(where, words, exact)


def pages() -> Iterator[Line]:
    """Whole code blocks and inline code of the pages, but for usages, which say what may be filled in."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for number, block in enumerate(re.split(r"^```.*$", text, flags=re.MULTILINE)):
            code = [block] if number % 2 else re.findall(r"`([^`\n]+)`", block)
            for part in code:
                for line in part.splitlines():
                    bare = line.partition(" #")[0].strip().removeprefix("$ ")
                    if bare.startswith("floodmark ") and "[OPTIONS]" not in bare:
                        words = bare.removeprefix("floodmark ").replace("\\|", "|")
                        yield Line(path.name, words, bool(number % 2))


LINES = sorted({str(line): line for line in [*literals(), *pages()]}.items())


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One source, ``shop``, with the table ``orders``."""
    (tmp_path / "sources").mkdir()
    written(tmp_path / "sources")
    monkeypatch.setenv("FLOODMARK_SOURCES", str(tmp_path / "sources"))
    monkeypatch.chdir(tmp_path)


def understood(words: list[str]) -> None:
    """Read the words as the command line does, and find the source and the tables that they name."""
    group, name = COMMAND, "floodmark"
    while hasattr(group, "commands"):
        assert words, f"{name} needs a command"
        name, words = words[0], words[1:]
        assert name in group.commands, f"no command {name}"  # type: ignore[attr-defined]
        group = group.commands[name]  # type: ignore[attr-defined]
    with group.make_context(name, list(words)) as context:
        given = context.params
    if file := given.get("file"):
        named = given.get("tables") or given.get("table") or []
        sources.read(file).tables([named] if isinstance(named, str) else named)
    for file in given.get("files") or ():
        sources.read(file)


@pytest.mark.parametrize("line", [line for _, line in LINES], ids=[name for name, _ in LINES])
def test_it_is_understood(line: Line) -> None:
    words = [VALUES.get(word, word) for word in shlex.split(line.words)]
    group = COMMAND.commands[words[0]]  # type: ignore[attr-defined]
    mention = words[:2] if hasattr(group, "commands") else words[:1]
    if words == mention and not line.exact:
        assert not hasattr(group, "commands") or words[1] in group.commands
        return
    if line.exact or len(words) > len(mention):
        understood(words)


@pytest.mark.parametrize(
    "broken", ["unblock shop.yml order", "prove shopp", "run --gaps", "reload --again shop orders", "mend shop orders"]
)
def test_a_line_that_does_not_work_is_told(broken: str) -> None:
    with pytest.raises((MISUSED, ConfigurationError, AssertionError)):
        understood(broken.split())


def test_lines_are_found_in_every_place() -> None:
    places = {line.where.partition(":")[0] for _, line in LINES}
    assert {"README.md", "deploy.md", "pipeline/table_run.py", "pipeline/extract.py", "cli/ledger.py"} <= places
    assert len(LINES) > 40
