"""Every command is documented, and the page is current."""

from __future__ import annotations

from pathlib import Path

from floodmark.cli import reference
from floodmark.cli.exits import MEANINGS
from tests.cli.shop import floodmark

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    said = "run: python -m floodmark.cli.reference > docs/cli.md"
    assert PAGE.read_text(encoding="utf-8") == reference.text(), said


def test_every_command_has_a_section_and_every_option_its_words() -> None:
    text = PAGE.read_text(encoding="utf-8")
    commands = [
        "init",
        "check",
        "doctor",
        "plan",
        "run",
        "reload",
        "balance",
        "status",
        "prove",
        "verify",
        "cost",
        "unblock",
        "void",
        "demo",
        "ledger reads",
        "ledger rebuild",
    ]
    for command in commands:
        assert f"### floodmark {command}\n" in text
        answer = floodmark(*command.split(), "--help")
        assert answer.code == 0
    assert "|  |" not in text


def test_exit_codes_are_in_the_help_and_on_the_page() -> None:
    text, shown = PAGE.read_text(encoding="utf-8"), " ".join(floodmark("--help").out.split())
    for code, meaning in MEANINGS.items():
        assert f"| {code.value} | {meaning} |" in text
        assert f"{code.value}: {meaning}" in shown
