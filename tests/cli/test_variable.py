"""``variable:NAME``: the source that an Airflow Variable holds, here by AIRFLOW_VAR_NAME."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shop import Shop, floodmark

DOCUMENT = {
    "version": 1, "source": "shop", "connection": "shop_db", "stage": "gs://bucket/floodmark",
    "bigquery": {"project": "proj", "location": "US", "dataset": "shop"}, "start": "2026-11-01",
    "tables": {"orders": {"partition_by": "created_at"}, "products": None},
}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Variable floodmark_shop, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_VAR_FLOODMARK_SHOP", json.dumps(DOCUMENT))
    return tmp_path


def test_a_variable_is_checked_as_a_file_is(kept: Path, source: Shop) -> None:
    answer = floodmark("check", "variable:floodmark_shop", "--online")
    assert answer.code == 0, answer.out + answer.err
    assert "Variable floodmark_shop: source shop, 2 tables" in answer.out


def test_what_is_wrong_is_said_with_its_path(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_FLOODMARK_SHOP", json.dumps(DOCUMENT | {"start": "soon"}))
    answer = floodmark("plan", "variable:floodmark_shop")
    assert answer.code == 2
    assert 'Variable floodmark_shop: start: "soon" is not a date; write a date' in answer.err


def test_lines_to_type_name_the_variable(kept: Path, source: Shop) -> None:
    answer = floodmark("reload", "variable:floodmark_shop", "--anew", "products")
    assert "floodmark reload --anew --yes variable:floodmark_shop products" in answer.err + answer.out


def test_files_beside_it_are_checked_too(kept: Path, source: Shop) -> None:
    answer = floodmark("check", source.file, "variable:floodmark_shop", "--json")
    assert [one["file"] for one in answer.document["sources"]] == [str(source.file), "Variable floodmark_shop"]
    assert floodmark("status", "variable:floodmark_shop").code == 2  # it has no ledger yet


def test_a_select_of_one_s_own_lies_in_the_folder_of_sources(kept: Path, source: Shop) -> None:
    (kept / "dags/sources/shop").mkdir(parents=True)
    (kept / "dags/sources/shop/products.sql").write_text("SELECT id, name FROM products")
    answer = floodmark("check", "variable:floodmark_shop", "--online", "--json")
    [checked] = answer.document["sources"]
    assert [table["name"] for table in checked["tables"]] == ["orders", "products"]


def test_the_document_may_lie_in_a_file(kept: Path) -> None:
    Path("floodmark_shop.json").write_text(json.dumps(DOCUMENT, indent=2))
    assert floodmark("check", "floodmark_shop.json").code == 0
