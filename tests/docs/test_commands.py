"""Every command that a page shows can be typed: targets of make with their variables, programs, Python's modules.

Floodmark's own command lines are read by the real commands in ``tests/cli/test_printed_commands.py``.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest

from tests.docs.pages import PAGES, ROOT, code, name

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z0-9-]+):", MAKEFILE, flags=re.MULTILINE))
VARIABLES = set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)", MAKEFILE))

LINES = sorted({(name(page), line.partition(" #")[0].strip()) for page in PAGES for line in code(page)})
MAKES = [line for line in LINES if re.match(r"make [a-z]", line[1])]
MODULES = [line for line in LINES if re.search(r"\bpython3? -m ", line[1])]


@pytest.mark.parametrize("line", MAKES, ids=[f"{page} {words}" for page, words in MAKES])
def test_make_knows_it(line: tuple[str, str]) -> None:
    target, *rest = line[1].partition("  ")[0].split()[1:]
    assert target in TARGETS
    for word in rest:
        assert re.fullmatch(r"[A-Z_]+=\S+|\"?[A-Z0-9 ]+\"?", word), f"make takes no {word}"
        assert word.partition("=")[0] in VARIABLES, f"the Makefile reads no {word.partition('=')[0]}"


@pytest.mark.parametrize("line", MODULES, ids=[f"{page} {words}" for page, words in MODULES])
def test_python_finds_it(line: tuple[str, str]) -> None:
    module = re.split(r"python3? -m ", line[1])[1].split()[0]
    assert importlib.util.find_spec(module) is not None


def test_a_program_of_the_environment_is_one_that_a_package_brings() -> None:
    brought = {"python", "pytest", "ruff", "mypy", "lint-imports", "airflow"}
    brought |= set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"])
    shown = {match for _, line in LINES for match in re.findall(r"\.venv(?:-\w+)?/bin/([\w-]+)", line)}
    assert shown
    assert shown <= brought


def test_every_target_is_told_by_make_and_is_no_file() -> None:
    told = set(re.findall(r"^([a-z0-9-]+):.*##", MAKEFILE, flags=re.MULTILINE))
    phony = set(
        " ".join(re.findall(r"^\.PHONY:((?:.*\\\n)*.*)", MAKEFILE, flags=re.MULTILINE)).replace("\\", " ").split()
    )
    assert told == TARGETS
    assert phony == TARGETS


def test_what_pip_installs_is_this_package_or_a_known_tool() -> None:
    installed = {word for _, line in LINES for word in re.findall(r"pip install (?:--?[\w-]+ )*([^\s`]+)", line)}
    assert {re.split(r"[\[=<>]", word.strip("'\""))[0] for word in installed} <= {"floodmark", "pre-commit", "uv"}
