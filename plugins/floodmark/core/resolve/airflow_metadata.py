"""What of Airflow's own metadata database is synced, and how: by the tables that its 2.11 and 3.3 have.

A cursor is one only if every update of what travels moves it. Airflow's models set some columns at each UPDATE
(``onupdate``), wherever it comes from; foreign keys that rewrite a row (ON UPDATE CASCADE, ON DELETE SET NULL) don't.
``job.latest_heartbeat``, ``dag.last_parsed_time``, ``xcom.timestamp`` ... are none: rows change without them.
tests/airflow/test_metadata_cursors.py holds this page against the models of the Airflow that is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodmark.core.resolve.cursors import NAIVE, TIMESTAMPS
from floodmark.core.resolve.secret_names import looks_secret
from floodmark.core.schema import Column, TableSchema

LANDMARKS = frozenset({"dag_run", "task_instance"})
"""A schema that has these is Airflow's."""

LEFT_OUT: Mapping[str, str] = {
    "connection": "hosts, logins, passwords and extras of every connection",
    "connection_test_request": "a connection's password and extras, while it is tested",
    "variable": "values that are often secrets",
    "session": "sessions of people who are logged in",
    "sessions": "sessions of people who are logged in",
    "revoked_token": "tokens of people who were logged in",
    "rendered_task_instance_fields": "templates filled with secrets of connections and variables",
    "ab_register_user": "passwords of people who register",
    "dag_pickle": "whole DAGs, pickled",
    "celery_taskmeta": "Celery's results, pickled",
    "celery_tasksetmeta": "Celery's results, pickled",
    "callback_request": "callbacks, serialized, with what they are to be called with",
}
"""Tables that don't travel, and what they hold."""

_RETURNED = "what tasks leave there for each other: personal data and secrets among it"
_SERIALIZED = "serialized, for Airflow alone"
_GIVEN = "whatever somebody triggers a run with"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "xcom": {"value": _RETURNED},
    "task_state_store": {"value": _RETURNED},
    "asset_state_store": {"value": _RETURNED},
    "serialized_dag": {"data": _SERIALIZED, "data_compressed": _SERIALIZED},
    "dag_code": {"source_code": "may have secrets written into it"},
    "dag_run": {
        "conf": _GIVEN,
        "created_dag_version_id": "set to NULL by a foreign key, which doesn't move updated_at",
    },
    "backfill": {"dag_run_conf": _GIVEN},
    "task_instance": {"executor_config": _SERIALIZED, "next_kwargs": _SERIALIZED},
    "task_instance_history": {"executor_config": _SERIALIZED, "next_kwargs": _SERIALIZED},
    "trigger": {"kwargs": "may have secrets in it"},
    "callback": {"data": _SERIALIZED},
    "deadline_alert": {"callback_def": _SERIALIZED},
    "dag_bundle": {"signed_url_template": "signs addresses", "template_params": "goes into signed addresses"},
    "dag_version": {"version_data": _SERIALIZED},
}
"""Columns that don't travel, and why."""

_TASK = ("dag_id", "task_id", "run_id", "map_index")
UPSERTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "asset": ("updated_at", ()),
    "asset_partition_dag_run": ("updated_at", ()),
    "backfill": ("updated_at", ()),
    "dag_code": ("last_updated", ()),
    "dag_run": ("updated_at", ()),
    "dag_run_note": ("updated_at", ()),
    "dag_schedule_asset_alias_reference": ("updated_at", ()),
    "dag_schedule_asset_reference": ("updated_at", ()),
    "dag_schedule_dataset_alias_reference": ("updated_at", ()),
    "dag_schedule_dataset_reference": ("updated_at", ()),
    "dag_version": ("last_updated", ()),
    "dataset": ("updated_at", ()),
    "task_inlet_asset_reference": ("updated_at", ()),
    "task_instance": ("updated_at", _TASK),  # Airflow 3 gives a row another id, its primary key, at each try
    "task_outlet_asset_reference": ("updated_at", ()),
    "task_outlet_dataset_reference": ("updated_at", ()),
}
"""Tables with a cursor, and the key where it isn't the primary one."""
ONLY_WITH: Mapping[str, str] = {"dag_code": "created_at"}
"""Where that column is missing (Airflow 2), the model doesn't set the cursor at an UPDATE."""

APPENDED: Mapping[str, str] = {"log": "dttm"}
"""Tables whose rows never change."""
REQUIRED = frozenset({"alembic_version", "dag", "slot_pool"})
"""Tables that no Airflow at work has empty."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One table of the metadata database: the ``keys`` of its configuration, and why.

    ``out``: it doesn't travel. ``excluded`` columns don't either, each with its reason.
    """

    keys: Mapping[str, object] = field(default_factory=dict)
    remark: str
    out: bool = False
    excluded: Mapping[str, str] = field(default_factory=dict)


def proposal(name: str, schema: TableSchema) -> Proposal:
    """What becomes of a table, by its columns as they stand there."""
    if name in LEFT_OUT:
        return Proposal(remark=f"left out: {LEFT_OUT[name]}", out=True)
    excluded = {column.name: why for column in schema.columns if (why := _why_not(name, column))}
    if cursor := _cursor(name, schema):
        key = UPSERTED[name][1]
        nullable = schema.column(cursor).nullable
        keys = {
            "cursor": cursor,
            **({"key": list(key)} if key else {}),
            "clock": "application",
            "deletes": "reconcile",
            **({"null_cursor": "include"} if nullable else {}),
        }
        return Proposal(keys=keys, remark=f"every update moves {cursor}", excluded=excluded)
    appended = APPENDED.get(name, "")
    if _is_moment(schema, appended):
        keys = {"sync": "append", "cursor": appended, "clock": "application", "timezone": "UTC"}
        remark = "rows never change; what airflow db clean deletes stays in the target"
        return Proposal(keys=keys, remark=remark, excluded=excluded)
    required = {"require_rows": True} if name in REQUIRED else {}
    return Proposal(keys={"sync": "full", **required}, remark="refreshed whole", excluded=excluded)


def _cursor(name: str, schema: TableSchema) -> str:
    """Its cursor, where it stands there as this page knows it, and its key too; else empty."""
    cursor, key = UPSERTED.get(name, ("", ()))
    there = {column.name for column in schema.columns}
    known = {*key, *([ONLY_WITH[name]] if name in ONLY_WITH else [])} <= there
    return cursor if known and _is_moment(schema, cursor) else ""


def _is_moment(schema: TableSchema, name: str) -> bool:
    """Whether there is such a column, a timestamp with its zone."""
    return any(one.name == name and one.base_type in TIMESTAMPS - NAIVE for one in schema.columns)


def _why_not(table: str, column: Column) -> str:
    """Why a column doesn't travel; empty where it does."""
    if why := COLUMNS.get(table, {}).get(column.name):
        return why
    if column.base_type == "bytea":
        return _SERIALIZED
    return "by its name it looks secret" if looks_secret(column) else ""
