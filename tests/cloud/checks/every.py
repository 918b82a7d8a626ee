"""All checks that need no journey; what takes longest comes last."""

from __future__ import annotations

from tests.cloud.checks import cloud_sql, jobs, loads, statements, storage, tables

CHECKS = (*jobs.CHECKS, *tables.CHECKS, *storage.CHECKS, *statements.CHECKS, *loads.CHECKS, *cloud_sql.CHECKS)
