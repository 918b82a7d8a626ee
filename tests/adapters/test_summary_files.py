"""Files of summaries beside those of their sources."""

from __future__ import annotations

from pathlib import Path

from floodmark.adapters import summary_files


def test_a_file_of_a_source_that_is_nowhere_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "summaries"
    folder.mkdir()
    (tmp_path / "crm.yml").write_text("version: 1\nsource: 'crm'  # theirs\n", encoding="utf-8")
    (tmp_path / "shop.yml").write_text("source: shop\n", encoding="utf-8")
    for name, source in (("a", "crm"), ("b", "shop"), ("c", "shpo")):
        (folder / f"{name}.sql").write_text(f"/* floodmark\nsource: {source}\n*/ SELECT 1 FROM x", encoding="utf-8")
    assert summary_files.of_nobody(tmp_path / "crm.yml") == [("summaries/c.sql", "shpo")]
    assert summary_files.of_nobody(tmp_path / "shop.yml") == []
