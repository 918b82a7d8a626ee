"""What helps who types: ``-h`` everywhere, and names on Tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from floodmark.cli import app
from tests.cli.shop import floodmark, written


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sources, and a file that is none."""
    written(tmp_path)
    crm = (
        (tmp_path / "shop.yml")
        .read_text()
        .replace("source: shop", "source: crm")
        .replace("dataset: shop", "dataset: crm")
    )
    (tmp_path / "crm.yml").write_text(crm.replace("products", "contacts"))
    (tmp_path / "broken.yml").write_text("source: [")
    monkeypatch.setenv("FLOODMARK_SOURCES", str(tmp_path))
    return tmp_path


def offered(line: str) -> list[str]:
    """What bash is offered for a line, after its last word."""
    words = line.split(" ")
    asked = {"_FLOODMARK_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    answer = CliRunner().invoke(app, [], env=asked, prog_name="floodmark")
    return answer.stdout.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("floodmark recon", ["reconcile"]),
        ("floodmark run ", ["crm", "shop"]),
        ("floodmark status s", ["shop"]),
        ("floodmark run shop -t ", ["orders", "products"]),
        ("floodmark run crm --table con", ["contacts"]),
        ("floodmark run nothing -t ", []),
    ],
)
def test_a_shell_is_offered_what_there_is(line: str, names: list[str]) -> None:
    assert offered(line) == names


def test_tables_of_a_source_named_by_its_file_are_offered(folder: Path) -> None:
    assert offered(f"floodmark run {folder}/crm.yml -t ") == ["contacts", "orders"]


@pytest.mark.parametrize("words", [[], ["run"], ["ledger"], ["ledger", "reads"]], ids=" ".join)
def test_h_explains_as_help_does(words: list[str]) -> None:
    short, long = floodmark(*words, "-h"), floodmark(*words, "--help")
    assert (short.code, short.out) == (0, long.out)
    assert "Usage: " in short.out
