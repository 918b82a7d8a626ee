"""Which ledger a command reads: it says so, and only what writes makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import Shop, floodmark, written

READING = [
    ("status", "{file}"),
    ("prove", "{file}"),
    ("verify", "{file}"),
    ("unblock", "{file}", "orders"),
    ("void", "{file}", "orders"),
    ("ledger", "reads", "{file}", "orders"),
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_command_that_reads_finds_no_ledger_and_makes_none(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = written(tmp_path)
    answer = floodmark(*(word.format(file=file) for word in words))
    assert answer.code == 2
    place = f"sqlite:///{tmp_path}/state/floodmark.db"
    assert f"ledger {place}: there is none; the first run makes it" in answer.err
    assert "FLOODMARK_STATE" in answer.err
    assert not (tmp_path / "state").exists()


def test_reconcile_finds_no_ledger_and_makes_none(source: Shop, tmp_path: Path) -> None:
    assert floodmark("reconcile", source.file, "orders").code == 2
    assert not (tmp_path / "state").exists()


def test_check_plan_and_doctor_make_no_ledger(source: Shop, tmp_path: Path) -> None:
    assert floodmark("check", source.file, "--online").code == 0
    planned = floodmark("plan", source.file, "--source-only")
    assert planned.code == 0, planned.err
    place = f"sqlite:///{tmp_path}/state/floodmark.db (none there yet; the first run makes it)"
    assert planned.out.splitlines()[0] == f"ledger: {place}"
    document = floodmark("plan", source.file, "--source-only", "--json").document
    assert document["ledger"] == place
    assert f"ledger: {place}" in floodmark("doctor", source.file, "--no-write").out
    assert not (tmp_path / "state").exists()


def test_every_command_says_which_ledger_it_reads(source: Shop, tmp_path: Path) -> None:
    source.execute("ALTER TABLE orders RENAME TO gone")
    place = f"sqlite:///{tmp_path}/state/floodmark.db"
    ran = floodmark("run", source.file, "-t", "orders", "--no-wait")
    assert ran.out.splitlines()[0] == f"ledger: {place}"
    for words in (("status",), ("prove",), ("verify",), ("unblock", "orders"), ("reconcile", "products")):
        command, *rest = words
        assert floodmark(command, source.file, *rest).out.splitlines()[0] == f"ledger: {place}", words
    assert floodmark("ledger", "reads", source.file, "orders").out.splitlines()[0] == f"ledger: {place}"
    assert floodmark("status", source.file, "--json").document["sources"][0]["ledger"] == place
    for words in (("prove",), ("verify",), ("unblock", "orders"), ("reconcile", "products"), ("run", "-t", "orders")):
        command, *rest = words
        assert floodmark(command, source.file, *rest, "--json").document["ledger"] == place, words
    assert floodmark("ledger", "reads", source.file, "orders", "--json").document["ledger"] == place


def test_a_source_is_named_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources").mkdir()
    file = written(tmp_path / "sources")
    monkeypatch.setenv("FLOODMARK_SOURCES", str(file.parent))
    assert floodmark("check", "shop").code == 0
    assert floodmark("check").out == floodmark("check", "shop").out
    unknown = floodmark("prove", "shopp")
    assert unknown.code == 2
    assert 'no source is named "shopp"; there are: shop' in unknown.err
    monkeypatch.delenv("FLOODMARK_SOURCES")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    (tmp_path / "sources").rename(tmp_path / "dags" / "sources")
    assert floodmark("check", "shop").code == 0


def test_two_files_that_fill_one_table_are_refused_by_check(tmp_path: Path) -> None:
    file = written(tmp_path)
    (tmp_path / "copy.yml").write_text(file.read_text().replace("source: shop", "source: copy"))
    answer = floodmark("check", tmp_path)
    assert answer.code == 2
    assert "proj.shop.orders is filled by tables.orders of copy.yml too" in answer.err
