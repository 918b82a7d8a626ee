"""Which tables look like a tool's own, and which columns like a mark of deleted rows."""

from __future__ import annotations

import pytest

from floodmark.core.config.table import fill
from floodmark.core.ports.inspection import Activity
from floodmark.core.resolve.proposals import is_kept_by_a_tool, proposals
from floodmark.core.resolve.table import resolve
from floodmark.core.schema import Column, TableSchema

UNKNOWN = Activity()


def proposed(*columns: Column, activity: Activity = UNKNOWN) -> list[dict[str, object]]:
    key = Column(name="id", type="bigint", base_type="bigint", nullable=False)
    schema = TableSchema(schema="public", name="t", columns=(key, *columns), key=("id",), unique=(("id",),))
    table = fill("t", {}, {}, {"start": "2026-01-01"})
    return [dict(one.keys) for one in proposals(schema, resolve(table, schema, "shop.yml"), activity)]


def moment(name: str, *, nullable: bool = True) -> Column:
    return Column(name=name, type="timestamptz", base_type="timestamptz", nullable=nullable)


@pytest.mark.parametrize("name", ["schema_migrations", "Sessions", "django_session", "__EFMigrationsHistory", "jobs"])
def test_what_frameworks_keep(name: str) -> None:
    assert is_kept_by_a_tool(name)


@pytest.mark.parametrize("name", ["orders", "migrations_of_birds", "job", "session_events", "cached"])
def test_what_merely_sounds_like_it_is_the_business(name: str) -> None:
    assert not is_kept_by_a_tool(name)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (moment("deleted_at"), True),
        (moment("removedAt"), True),
        (moment("deleted_at", nullable=False), False),  # it would count every row as deleted
        (moment("undeleted_at"), False),
        (Column(name="is_deleted", type="boolean", base_type="boolean", nullable=False), True),
        (Column(name="deleted", type="bigint", base_type="bigint"), False),
    ],
)
def test_a_column_that_marks_deleted_rows(column: Column, found: bool) -> None:
    assert proposed(column) == ([{"deletes": {"soft": column.name}}] if found else [])


@pytest.mark.parametrize(
    ("columns", "changes", "found"),
    [
        ((moment("created_at"),), 0, True),
        ((moment("created_at"),), 1, False),
        ((moment("created_at"),), None, False),  # nobody counted
        ((moment("created_at"), moment("updated_at")), 0, False),  # a cursor sees its changes, should one come
        ((moment("happened_at"),), 0, False),
    ],
)
def test_a_table_whose_rows_never_changed(columns: tuple[Column, ...], changes: int | None, found: bool) -> None:
    append = {"sync": "append", "cursor": "created_at", "partition_by": "created_at"}
    assert proposed(*columns, activity=Activity(rows=5, changes=changes)) == ([append] if found else [])
