"""A SELECT of one's own that can't be had is its table's error: every command names it, and goes on with the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shop import HALF, Shop, floodmark, hour

pytestmark = pytest.mark.slow

SELECT = "SELECT id, name FROM products"


def empty(path: Path) -> None:
    """Nothing but white space."""
    path.write_text(" \n")


def bytes_of_no_text(path: Path) -> None:
    """No UTF-8."""
    path.write_bytes(b"\xff\xfe")


def folder(path: Path) -> None:
    """Nothing that can be read."""
    path.unlink()
    path.mkdir()


@pytest.fixture
def own(shop: Shop) -> Path:
    """A SELECT of one's own for products; both tables are read once."""
    path = shop.file.parent / "shop" / "products.sql"
    path.parent.mkdir()
    path.write_text(SELECT)
    shop.file.write_text(shop.file.read_text().replace("products: {}", "products: {sync: full}"))
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file).code == 0
    assert floodmark("balance", shop.file).code == 0
    return path


@pytest.mark.parametrize("spoil", [empty, bytes_of_no_text, folder], ids=lambda spoil: spoil.__name__)
def test_it_is_named_and_the_others_go_on(shop: Shop, own: Path, spoil: Callable[[Path], None]) -> None:
    spoil(own)

    def tables(*words: object, code: int, under: str = "tables") -> dict[str, Any]:
        answer = floodmark(*words, "--json")
        assert answer.code == code, answer.out + answer.err
        document = answer.document
        found = document["sources"][0]["tables"] if "sources" in document else document[under]
        return {one.get("table") or one.get("name"): one for one in found}

    problem = "shop.yml: tables.products.sql: shop/products.sql"
    proofs = tables("prove", shop.file, code=1)
    assert f"its own SELECT can't be read: {problem}" in proofs["products"]["says"]
    for options in ((), ("--online",)):
        checked = tables("check", shop.file, *options, code=2)
        assert (checked["orders"]["problems"], len(checked["products"]["problems"])) == ([], 1)
        assert checked["products"]["problems"][0].startswith(problem)
    for command, code, under in (
        ("plan", 2, "plans"), ("balance", 2, "tables"), ("run", 2, "runs"),
    ):  # fmt: skip
        done = tables(command, shop.file, code=code, under=under)
        assert problem in done["products"]["error"]["message"], command
        assert not done["orders"].get("error"), command
    for command in ("cost", "reconcile"):
        assert floodmark(command, shop.file).code == 0, command
    stands = tables("status", shop.file, code=1)
    assert problem in stands["products"]["error"]
    assert stands["orders"]["error"] == ""
    own.rmdir() if own.is_dir() else own.unlink()
    own.write_text(SELECT)
    assert floodmark("run", shop.file).code == 0
    assert floodmark("prove", shop.file, "-t", "products").code == 0


def test_a_template_of_an_old_dag_is_told_line_by_line_and_reads_without_them(shop: Shop, own: Path) -> None:
    own.write_text(f"{SELECT}\nWHERE name <> 'x'\n  AND updated_at >= '{{{{ data_interval_start }}}}'")
    told = (
        "shop/products.sql is a template of Airflow's (line 3: AND updated_at >= '{{ data_interval_start }}')",
        "drop the bounds in line 3: Floodmark reads each slice by the cursor, and puts them itself",
    )
    for command in ("check", "run"):
        answer = floodmark(command, shop.file)
        assert answer.code == 2
        assert all(words in " ".join((answer.out + answer.err).split()) for words in told), answer.out + answer.err
    own.write_text(f"{SELECT}\nWHERE name <> 'x'")
    assert floodmark("run", shop.file).code == 0
