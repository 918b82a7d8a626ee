"""What ``init --airflow`` takes for a cursor is one, by the models of the Airflow that is installed."""

from __future__ import annotations

from typing import Any

import pytest

from floodmark.core.resolve.airflow_metadata import COLUMNS, LEFT_OUT, ONLY_WITH, UPSERTED
from tests.airflow.conftest import AIRFLOW, _python

MODELS = """
import json
from airflow.utils.db import import_all_models
import_all_models()
from airflow.models.base import Base
print("ANSWER " + json.dumps({
    name: {
        "columns": {
            column.name: {
                "on_update": column.onupdate is not None,
                "nullable": bool(column.nullable),
                "zone": bool(getattr(column.type, "timezone", False)),
                "rewritten": any(
                    (key.ondelete or "").upper() in ("SET NULL", "SET DEFAULT") or (key.onupdate or "").upper() == "CASCADE"
                    for key in column.foreign_keys
                ),
            }
            for column in table.columns
        },
    }
    for name, table in Base.metadata.tables.items()
}))
"""  # noqa: E501


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """Every table of Airflow's own models; its providers' tables aren't among them."""
    answer: dict[str, Any] = _python(MODELS)
    return answer


def taken(models: dict[str, Any]) -> dict[str, str]:
    """The tables that are upserted by this Airflow, with their cursors."""
    return {
        name: cursor
        for name, (cursor, _) in UPSERTED.items()
        if name in models and (name not in ONLY_WITH or ONLY_WITH[name] in models[name]["columns"])
    }


@pytest.mark.slow
def test_every_update_moves_the_cursor_and_no_foreign_key_rewrites_a_row(models: dict[str, Any]) -> None:
    assert {"task_instance", "dag_run"} <= set(taken(models))
    for name, cursor in taken(models).items():
        columns = models[name]["columns"]
        assert columns[cursor]["on_update"], name
        assert columns[cursor]["zone"], name
        travelling = {column for column, is_ in columns.items() if is_["rewritten"]} - set(COLUMNS.get(name, {}))
        assert not travelling, name
        assert all(not columns[column]["nullable"] for column in UPSERTED[name][1]), name


@pytest.mark.slow
def test_a_table_whose_rows_are_rewritten_is_not_taken(models: dict[str, Any]) -> None:
    """These have the column, and a cascade that changes a row without it."""
    assert models["task_instance_history"]["columns"]["updated_at"]["on_update"]
    assert not {"task_instance_history", "task_instance_note", "deadline", "hitl_detail"} & set(UPSERTED)


@pytest.mark.slow
def test_what_is_left_out_is_there(models: dict[str, Any]) -> None:
    assert {"connection", "variable", "rendered_task_instance_fields"} <= set(LEFT_OUT) & set(models)
    unknown = [
        name for name, columns in COLUMNS.items() if name in models and not set(columns) & set(models[name]["columns"])
    ]
    assert AIRFLOW not in ((2, 11), (3, 3)) or not unknown  # the versions that this page is written for


def test_every_table_with_a_column_that_moves_was_thought_of(models: dict[str, Any]) -> None:
    """Another Airflow may have more: then this page is to say what becomes of them."""
    moving = {
        name
        for name, table in models.items()
        if any(is_["on_update"] and is_["zone"] for is_ in table["columns"].values())
    }
    refreshed = {"task_instance_history", "task_instance_note", "deadline", "serialized_dag"}
    assert moving <= set(UPSERTED) | set(LEFT_OUT) | refreshed
