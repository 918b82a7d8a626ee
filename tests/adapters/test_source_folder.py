"""Folders of sources: each has its name and its tables for itself, and a name means a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floodmark.adapters import source_folder, yaml_file
from floodmark.errors import ConfigurationError
from tests.adapters.unreadable import WAYS, Break


def written(folder: Path, file: str, source: str, *, dataset: str = "", table: str = "orders: ") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_text(
        f"version: 1\nsource: {source}\nconnection: db\nstage: gs://bucket/x\nstart: 2026-11-01\n"
        f"bigquery: {{project: proj, location: EU, dataset: {dataset or source}}}\ntables: {{{table}}}\n"
    )
    return path


def told(folder: Path) -> list[str]:
    error = source_folder.load(source_folder.files(folder), {}).error()
    return [str(problem) for problem in error.problems] if error else []


def test_two_files_with_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yaml", "shop", dataset="other")
    assert told(tmp_path) == ['b.yaml: source: "shop" is the source of a.yml too; give one of them another name']


@pytest.mark.parametrize(("dataset", "table"), [("shop", "{from: orders2, to: orders}"), ("shop", "{}")])
def test_two_files_that_fill_one_table_are_refused(tmp_path: Path, dataset: str, table: str) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yml", "copy", dataset=dataset, table=f"orders: {table}")
    problems = told(tmp_path)
    assert len(problems) == 2
    assert problems[0].startswith("b.yml: tables.orders: proj.shop.orders is filled by tables.orders of a.yml too")
    assert problems[1].startswith("b.yml: tables.orders: proj.shop_raw.orders is filled by")


def test_two_files_whose_tables_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    """BigQuery tells them apart only where the dataset isn't ``is_case_insensitive``."""
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yml", "copy", dataset="shop", table="orders: {to: Orders}")
    assert told(tmp_path)[0].startswith(
        "b.yml: tables.orders: proj.shop.Orders is filled by tables.orders of a.yml too"
    )


def test_raw_of_one_source_is_not_current_of_another(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yml", "copy", dataset="shop_raw")
    assert ["proj.shop_raw.orders is filled by" in problem for problem in told(tmp_path)] == [True]


def test_files_that_share_a_dataset_but_no_table_stand_beside_each_other(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yml", "copy", dataset="shop", table="orders: {to: copied}")
    assert told(tmp_path) == []


def test_problems_of_all_files_come_at_once_and_in_order_of_name(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "c.yml", "store").write_text("version: 2\nsource: store\n")
    (tmp_path / "b.yml").write_bytes(b"\xff\xfe\x00")
    assert told(tmp_path)[0] == "b.yml: is not UTF-8 (byte 0); save it as UTF-8"
    assert told(tmp_path)[1].startswith("c.yml:1: version:")


def test_a_broken_file_stands_in_nobodys_way(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop").write_text("version: 2\n")
    path = written(tmp_path, "b.yml", "shop")
    assert list(source_folder.load(source_folder.files(tmp_path), {}).good) == [path]


def test_a_name_means_the_file_of_that_source(tmp_path: Path) -> None:
    written(tmp_path / "one", "a.yml", "shop")
    path = written(tmp_path / "two", "b.yml", "billing")
    environ = {source_folder.VARIABLE: f"{tmp_path / 'one'}{os.pathsep}{tmp_path / 'two'}"}
    assert source_folder.by_name("billing", environ) == path


def test_an_unknown_name_lists_those_there_are(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", "shop")
    written(tmp_path, "b.yml", "billing")
    written(tmp_path, "c.yml", "x").write_text("version: 2\n")
    with pytest.raises(ConfigurationError, match="there are: shop, billing; can't be read: c"):
        source_folder.by_name("shopp", {source_folder.VARIABLE: str(tmp_path)})


def test_a_broken_file_of_that_name_is_meant(tmp_path: Path) -> None:
    path = written(tmp_path, "shop.yml", "shop")
    path.write_text("version: 2\n")
    assert source_folder.by_name("shop", {source_folder.VARIABLE: str(tmp_path)}) == path


@pytest.mark.parametrize(("way", "told"), WAYS.items())
def test_a_folder_that_cant_be_looked_into_is_told_from_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Break, told: str
) -> None:
    assert source_folder.files(tmp_path) == source_folder.files(tmp_path / "none") == []
    way(folder := tmp_path / "sources", monkeypatch)
    with pytest.raises(ConfigurationError) as caught:
        source_folder.by_name("shop", {source_folder.VARIABLE: str(folder)})
    assert str(caught.value) == f"{folder}: {told}"


def test_what_is_no_file_is_named_in_full() -> None:
    with pytest.raises(ConfigurationError, match=r"^/: can't be read: Is a directory; name a file$"):
        yaml_file.load(Path("/"), {})
