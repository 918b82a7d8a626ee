"""What becomes of the tables of Airflow's metadata database, by their columns."""

from __future__ import annotations

import pytest

from floodmark.core.resolve.airflow_metadata import proposal
from floodmark.core.schema import Column, TableSchema


def table(name: str, *columns: str, **types: str) -> TableSchema:
    """A table whose ``columns`` are texts; others by their types, a moment being NOT NULL unless it ends in ``?``."""
    written = dict.fromkeys(columns, "text") | types
    return TableSchema(
        schema="public",
        name=name,
        columns=tuple(
            Column(name=column, type=kind.rstrip("?"), base_type=kind.rstrip("?"), nullable=kind.endswith("?"))
            for column, kind in written.items()
        ),
    )


TASK = ("dag_id", "task_id", "run_id", "map_index", "state")


def test_a_table_is_upserted_by_what_every_update_moves() -> None:
    found = proposal("task_instance", table("task_instance", *TASK, updated_at="timestamptz?", executor_config="bytea"))
    assert found.keys == {
        "cursor": "updated_at", "key": list(TASK[:4]), "clock": "application", "deletes": "reconcile",
        "null_cursor": "include",
    }  # fmt: skip
    assert set(found.excluded) == {"executor_config"}


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("job", {"latest_heartbeat": "timestamptz"}),
        ("dag", {"last_parsed_time": "timestamptz"}),
        ("xcom", {"timestamp": "timestamptz"}),
        ("task_instance_history", {"updated_at": "timestamptz"}),
        ("dag_code", {"last_updated": "timestamptz"}),  # Airflow 2: no created_at
        ("dag_run", {"updated_at": "timestamp"}),  # no zone: it isn't the column that is known
        ("plugin_of_somebody", {"updated_at": "timestamptz"}),
    ],
)
def test_a_column_that_rows_change_without_is_no_cursor(name: str, columns: dict[str, str]) -> None:
    assert proposal(name, table(name, "id", **columns)).keys["sync"] == "full"


def test_the_log_is_appended() -> None:
    found = proposal("log", table("log", "event", dttm="timestamptz?"))
    assert found.keys == {"sync": "append", "cursor": "dttm", "clock": "application", "timezone": "UTC"}


def test_tables_that_are_never_empty_are_to_have_rows() -> None:
    assert proposal("slot_pool", table("slot_pool", "pool")).keys == {"sync": "full", "require_rows": True}


@pytest.mark.parametrize("name", ["connection", "variable", "session", "rendered_task_instance_fields", "dag_pickle"])
def test_tables_of_secrets_stay_where_they_are(name: str) -> None:
    found = proposal(name, table(name, "id", "password"))
    assert found.out
    assert found.remark.startswith("left out: ")


@pytest.mark.parametrize(
    ("name", "column", "kind"),
    [
        ("xcom", "value", "jsonb"), ("serialized_dag", "data", "json"), ("ab_user", "password", "text"),
        ("dag_run", "conf", "jsonb"), ("anything", "pickled", "bytea"), ("trigger", "kwargs", "text"),
    ],
)  # fmt: skip
def test_columns_of_secrets_and_pickles_stay_where_they_are(name: str, column: str, kind: str) -> None:
    found = proposal(name, table(name, "id", **{column: kind}))
    assert set(found.excluded) == {column}
    assert not found.out
