"""What ``init`` proposes for a table beyond what is derived: only a person knows, so it stands there as a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from floodmark.core.ports.inspection import Activity
from floodmark.core.resolve.cursors import derived_cursor, is_time
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import Column, TableSchema

_KEPT_BY_TOOLS = frozenset({
    # of migrations
    "schema_migrations", "ar_internal_metadata", "alembic_version", "django_migrations", "migrations",
    "_prisma_migrations", "flyway_schema_history", "databasechangelog", "databasechangeloglock", "knex_migrations",
    "knex_migrations_lock", "goose_db_version", "sequelizemeta", "typeorm_metadata", "doctrine_migration_versions",
    "__efmigrationshistory", "mikro_orm_migrations", "drizzle_migrations", "__drizzle_migrations", "phinxlog",
    "atlas_schema_revisions",
    # of sessions, tokens, caches and queues
    "sessions", "session", "django_session", "user_sessions", "personal_access_tokens", "password_resets",
    "password_reset_tokens", "authtoken_token", "oauth_access_tokens", "oauth_refresh_tokens", "oauth_auth_codes",
    "oauth_access_grants", "cache", "cache_locks", "jobs", "job_batches", "failed_jobs", "delayed_jobs", "good_jobs",
    "good_job_batches", "good_job_executions", "good_job_processes", "good_job_settings", "que_jobs", "spatial_ref_sys",
})  # fmt: skip
_DELETED_AT = frozenset(
    {"deletedat", "deletedon", "deleteddate", "datedeleted", "removedat", "deletetime", "deletedtime"}
)
_DELETED = frozenset({"deleted", "isdeleted", "removed", "isremoved"})


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Keys of a table's YAML, for where ``if_so`` is true."""

    keys: Mapping[str, str | Mapping[str, str]]
    if_so: str


def is_kept_by_a_tool(name: str) -> bool:
    """Whether a table's name says that a framework keeps it for itself: migrations, sessions, queues."""
    return name.casefold() in _KEPT_BY_TOOLS


def proposals(schema: TableSchema, resolved: ResolvedTable, activity: Activity) -> Iterator[Proposal]:
    """What may suit a table, from its columns and from what its server counted."""
    deleted = next((column.name for column in schema.columns if _says_deleted(column)), "")
    if deleted:
        yield Proposal(keys={"deletes": {"soft": deleted}}, if_so="a row that has it counts as deleted")
    created = derived_cursor(schema, append=True)
    if resolved.sync == "full" and created and activity.changes == 0:
        keys = {"sync": "append", "cursor": created[0], "partition_by": created[0]}
        yield Proposal(keys=keys, if_so="its rows never change: none has, by the server's statistics")


def _says_deleted(column: Column) -> bool:
    folded = column.name.casefold().replace("_", "").replace("-", "")
    if is_time(column):
        return folded in _DELETED_AT and column.nullable
    return column.base_type in ("bool", "boolean") and folded in _DELETED
