"""Files of summaries beside those of their sources."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from floodmark.adapters import summary_files, yaml_file
from tests.adapters.test_source_folder import written
from tests.adapters.unreadable import WAYS, Break


def test_a_file_of_a_source_that_is_nowhere_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "summaries"
    folder.mkdir()
    (tmp_path / "crm.yml").write_text("version: 1\nsource: 'crm'  # theirs\n", encoding="utf-8")
    (tmp_path / "shop.yml").write_text("source: shop\n", encoding="utf-8")
    for name, source in (("a", "crm"), ("b", "shop"), ("c", "shpo")):
        (folder / f"{name}.sql").write_text(f"/* floodmark\nsource: {source}\n*/ SELECT 1 FROM x", encoding="utf-8")
    assert summary_files.of_nobody(tmp_path / "crm.yml") == [("summaries/c.sql", "shpo")]
    assert summary_files.of_nobody(tmp_path / "shop.yml") == []


@pytest.mark.parametrize(("way", "told"), WAYS.items())
def test_a_folder_that_cant_be_looked_into_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: Break, told: str
) -> None:
    path = written(tmp_path, "shop.yml", "shop")
    config = yaml_file.load(path, {})
    assert summary_files.load(path, config) == ((), [])
    way(tmp_path / "summaries", monkeypatch)
    resolved, problems = summary_files.load(path, config)
    assert (resolved, [str(one) for one in problems]) == ((), [f"summaries: {told}"])
    assert summary_files.of_nobody(path) == []
    with caplog.at_level(logging.WARNING):
        assert summary_files.targets(path, config) == [], "a table's budget goes by those that are known"
    assert [f"can't be counted: summaries: {told}" in one for one in caplog.messages] == [True]


@pytest.mark.parametrize(
    "told", ["is not UTF-8 (byte 0); save it as UTF-8", "can't be read: No such file or directory"]
)
def test_a_file_that_cant_be_read_is_told_and_leaves_the_others(tmp_path: Path, told: str) -> None:
    path = written(tmp_path, "shop.yml", "shop")
    folder = tmp_path / "summaries"
    folder.mkdir()
    (folder / "daily.sql").write_text("SELECT 1 AS x FROM orders", encoding="utf-8")
    if "UTF-8" in told:
        (folder / "latest.sql").write_bytes(b"\xff\xfe")
    else:
        (folder / "latest.sql").symlink_to(folder / "nothing")
    config = yaml_file.load(path, {})
    resolved, problems = summary_files.load(path, config)
    assert [one.summary.name for one in resolved] == ["daily"]
    assert [str(one) for one in problems] == [f"summaries/latest.sql: {told}"]
    assert summary_files.targets(path, config) == ["proj.shop.daily", "proj.shop.latest"]
