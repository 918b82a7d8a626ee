"""What is kept of a catalog is of one digest, and is never believed under another: pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from floodmark.adapters.cloudsql.by_export import Answers
from floodmark.adapters.cloudsql.kept_catalog import KeptCatalog
from floodmark.errors import SourceUnavailable

BOTH = (["columns"], ["leaves", "parts"])


@dataclass
class Server:
    """Stands for the questions: each statement's answer is its own text and ``said``."""

    catalog: str = "d1"
    said: str = "before"
    by_exports: bool = True
    server_version: int = 180000
    exports: list[list[str]] = field(default_factory=list)
    stored: str = ""
    gone: str = ""

    def answers(self, statements: Sequence[str], *, first: str = "", doing: str = "") -> Answers:
        if self.gone and self.gone in (first, *statements):
            raise SourceUnavailable(f'column "{self.gone}" does not exist')
        self.exports.append([*statements])
        return Answers(rows=[[(one, self.said)] for one in statements], version=170001, catalog=self.catalog)

    def ask(self, statements: Sequence[str], **_: Any) -> Any:
        return [[("sql",)] for _ in statements]

    def kept(self) -> KeptCatalog:
        def write(text: str) -> None:
            self.stored = text

        return KeptCatalog(self, lambda: self.stored, write)  # type: ignore[arg-type]


def asked(kept: KeptCatalog) -> Any:
    return [kept.ask(BOTH[0]), kept.ask(BOTH[1], first="hold")]


def filled() -> Server:
    server = Server()
    kept = server.kept()
    asked(kept)
    assert kept.holds("d1", "")
    server.exports.clear()
    return server


def test_under_the_same_digest_nothing_is_asked_again() -> None:
    server = filled()
    kept = server.kept()
    assert asked(kept) == [[[("columns", "before")]], [[("leaves", "before")], [("parts", "before")]]]
    assert kept.holds("d1", "")
    assert (server.exports, kept.server_version) == ([], 170001)


def test_under_another_one_all_is_asked_at_once_before_it_is_used() -> None:
    server = filled()
    server.catalog, server.said = "d2", "after"
    kept = server.kept()
    assert asked(kept) == [[[("columns", "after")]], [[("leaves", "after")], [("parts", "after")]]]
    assert server.exports == [["columns", "leaves", "parts"]]
    assert kept.holds("d2", "")
    assert json.loads(server.stored)["digest"] == "d2"


def test_what_can_be_asked_no_more_is_forgotten_and_the_rest_asked_as_it_is_now() -> None:
    """What was kept names a column that is gone, or is of a former configuration."""
    server = filled()
    server.catalog, server.said, server.gone = "d2", "after", "hold"
    kept = server.kept()
    assert kept.ask(BOTH[0]) == [[("columns", "after")]]
    kept.ask(BOTH[1], first="hold anew")
    assert kept.holds("d2", "")
    assert "before" not in server.stored


def test_what_was_used_before_it_had_to_be_forgotten_is_compared() -> None:
    server = filled()
    kept = server.kept()
    kept.ask(BOTH[0])
    server.catalog, server.gone = "d2", "hold"
    kept.ask(BOTH[1], first="hold anew")
    server.said = "after"
    assert not kept.holds("d2", "")


def test_rows_of_another_catalog_are_believed_only_where_the_answers_are_the_same() -> None:
    server = filled()
    kept = server.kept()
    asked(kept)
    server.catalog = "d2"
    assert kept.holds("d2", "")
    asked(kept)
    server.catalog, server.said = "d3", "after"
    assert not kept.holds("d3", "")
    asked(kept)
    assert kept.holds("d3", "")


def test_answers_of_two_catalogs_are_compared_though_the_last_digest_is_the_rows_own() -> None:
    server = filled()
    kept = server.kept()
    kept.ask(BOTH[0])
    server.catalog, server.said = "d2", "after"
    kept.ask(BOTH[1], first="hold")
    assert not kept.holds("d2", "")


def test_what_is_no_document_of_ours_is_asked_anew() -> None:
    server = filled()
    server.stored = "{"
    asked(server.kept())
    assert server.exports == [*map(list, BOTH)]


def test_where_questions_cost_nothing_none_is_kept() -> None:
    server = Server(by_exports=False)
    kept = server.kept()
    assert kept.ask(BOTH[0]) == [[("sql",)]]
    assert (server.stored, kept.server_version) == ("", 180000)
