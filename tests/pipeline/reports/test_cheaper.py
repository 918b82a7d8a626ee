"""A large table that is read whole is warned of, with the YAML that would be cheaper (R20)."""

from __future__ import annotations

import pytest

from floodmark.core.config.source_file import parse
from floodmark.core.config.table import TableConfig
from floodmark.core.schema import Column, TableSchema
from floodmark.pipeline.reports.cheaper import LARGE, cheaper

TEXT = """
version: 1
source: shop
connection: shop_db
stage: gs://bucket/stage
bigquery: {project: proj, location: EU, dataset: shop}
start: 2026-11-01
tables: {events: {sync: full}}
"""


def table(text: str = TEXT) -> TableConfig:
    return parse(text, "shop.yml", {}).tables["events"]


def schema(*moments: str, key: tuple[str, ...] = ("id",), rows: int = LARGE) -> TableSchema:
    """A table with these columns of type timestamptz."""
    columns = [Column(name=name, type="timestamptz", base_type="timestamptz") for name in moments]
    number = Column(name="id", type="bigint", base_type="bigint")
    return TableSchema(schema="public", name="events", columns=(number, *columns), key=key, estimated_rows=rows)


@pytest.mark.parametrize(
    ("found", "offered"),
    [
        (schema("created_at"), "events: {sync: append, cursor: created_at}"),
        (schema("seen", "occurred_at", key=()), "events: {sync: append, cursor: occurred_at}"),
        (schema("created_at", "updated_at"), "events: {cursor: updated_at}"),
        (schema("created_at", "updated_at", key=()), "events: {sync: append, cursor: created_at}"),
        (schema("seen"), "events: {sync: append, cursor: seen}"),
    ],
)
def test_what_is_offered_is_a_configuration_that_fits(found: TableSchema, offered: str) -> None:
    said = cheaper(table(), found, "full")
    assert f"about {LARGE:,} rows, {LARGE * 730.5:,.0f} a month" in said
    assert offered in said
    table(TEXT.replace("events: {sync: full}", offered))


def test_without_a_moment_a_longer_cadence_is_offered() -> None:
    assert "cheaper: a longer cadence" in cheaper(table(), schema(), "full")


def test_small_ones_and_others_are_not_worth_a_word() -> None:
    assert not cheaper(table(), schema("created_at", rows=LARGE - 1), "full")
    assert not cheaper(table(), schema("created_at"), "append")
